"""What the scripts of this folder share: where the service is, and how to wait for it."""
import os
import time

HOST = os.environ["VBS_HOST"]
PORT = int(os.environ["VBS_PORT"])
ENDPOINT = f"http://{HOST}:{PORT}"
REGION = os.environ["VBS_REGION"]
ACCESS_KEY = os.environ["VBS_ACCESS_KEY"]
SECRET_KEY = os.environ["VBS_SECRET_KEY"]


def until(look, is_wanted, within=60):
    """Looks until what is seen is wanted, and gives it."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if is_wanted(seen):
            return seen
        assert time.monotonic() < deadline, f"not within {within} s: {seen}"
        time.sleep(0.05)


def refused(call, code):
    """Calls what has to be refused with an error that names the code."""
    try:
        call()
    except Exception as error:  # every library has errors of its own
        assert code in str(error), f"refused, but not with {code}: {error}"
        return
    raise AssertionError(f"not refused with {code}")

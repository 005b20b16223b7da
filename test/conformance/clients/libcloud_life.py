"""A volume's life with Apache Libcloud; the signature version is its one argument."""
import sys

from libcloud.compute.base import Node
from libcloud.compute.drivers.ec2 import EC2NodeDriver
from libcloud.compute.types import NodeState, StorageVolumeState, VolumeSnapshotState
from service import ACCESS_KEY, HOST, PORT, REGION, SECRET_KEY, refused, until

INSTANCE = "i-00000005"
[_, version] = sys.argv


def connect(secret=SECRET_KEY):
    return EC2NodeDriver(ACCESS_KEY, secret, secure=False, host=HOST, port=PORT, region=REGION, signature_version=version)


driver = connect()
refused(lambda: connect("wrong").list_volumes(), "validate")

location = driver.list_locations()[0]
volume = driver.create_volume(1, "libcloud life", location=location, ex_volume_type="gp2")


def volume_now(volume_id):
    return next((each for each in driver.list_volumes() if each.id == volume_id), None)


until(lambda: volume_now(volume.id), lambda seen: seen.state == StorageVolumeState.AVAILABLE)
assert volume_now(volume.id).name == "libcloud life"
driver.ex_create_tags(volume, {"stage": "test <&>"})
assert driver.ex_describe_tags(volume) == {"Name": "libcloud life", "stage": "test <&>"}
driver.ex_delete_tags(volume, {"stage": "test <&>"})
assert driver.ex_describe_tags(volume) == {"Name": "libcloud life"}

node = Node(INSTANCE, "dom5", NodeState.RUNNING, [], [], driver)
driver.attach_volume(node, volume, "/dev/sdh")
until(lambda: volume_now(volume.id), lambda seen: seen.state == StorageVolumeState.INUSE)
until(lambda: volume_now(volume.id), lambda seen: seen.extra["device"] == "/dev/sdh")
refused(lambda: driver.destroy_volume(volume), "VolumeInUse")


def detached():
    """A detach is taken once the attachment is complete."""
    try:
        return driver.detach_volume(volume)
    except Exception as error:
        assert "IncorrectState" in str(error), error
        return False


until(detached, bool)
until(lambda: volume_now(volume.id), lambda seen: seen.state == StorageVolumeState.AVAILABLE)

snapshot = driver.create_volume_snapshot(volume, "by libcloud")


def snapshot_now():
    return next(each for each in driver.list_snapshots(owner="self") if each.id == snapshot.id)


until(snapshot_now, lambda seen: seen.state == VolumeSnapshotState.AVAILABLE)
assert [each.id for each in driver.list_volume_snapshots(volume)] == [snapshot.id]
copy = driver.create_volume(1, "copy", location=location, snapshot=snapshot, ex_volume_type="gp2")
until(lambda: volume_now(copy.id), lambda seen: seen.state == StorageVolumeState.AVAILABLE)
for each in (copy, volume):
    assert driver.destroy_volume(each)
    until(lambda: volume_now(each.id), lambda seen: seen is None)
assert driver.destroy_volume_snapshot(snapshot)
refused(lambda: driver.destroy_volume(volume), "InvalidVolume.NotFound")
print(f"libcloud with signature version {version}: a whole life")

#!/bin/sh
# A whole small site on this machine in one go: the service, a volume server, and a real VM that gets and loses volumes.
set -eu
usage='usage: npm run quickstart [-- --exit | --in-vm COMMAND]
A whole small site on this machine: the service, a volume server, and a real VM that gets and loses volumes.
  --exit    stop everything at the end; the exit code says whether all went as it should
  --in-vm   run a shell command in the VM of a quickstart that is running'
case "$#:${1-}" in
  0: | 1:--exit | 2:--in-vm) ;;
  *:--help | *:-h)
    echo "$usage"
    exit ;;
  *)
    echo "$usage" >&2
    exit 2 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
"$here/prepare.sh"
cd "$here/.."
is_built() {
  [ -e dist/bundle/main.cjs ] && [ -z "$(find src package.json tsconfig.json -newer dist/bundle/main.cjs -print -quit)" ]
}
# What runs already is not built anew under its feet.
if [ "${1-}" != --in-vm ] && ! is_built; then
  echo 'Building the service'
  npm run --silent build
fi
# Where tgtd is, and an ordinary user's PATH does not lead.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
# The SDK's advice about Node versions of the future has no place in the middle of a walk.
export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true
exec node_modules/.bin/tsx scripts/quickstart.ts "$@"

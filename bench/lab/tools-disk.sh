#!/bin/sh
# Makes the disk from which a DomU of the lab runs fio, bonnie++ and mkfs.ext4: an ext4 with these Debian packages, to be gone into by chroot.
# Usage: tools-disk.sh CACHE-FOLDER
# Prints the disk's file on standard output, and what it does on standard error. It is kept below CACHE-FOLDER under a hash of this script.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo 'usage: tools-disk.sh CACHE-FOLDER' >&2; exit 2; }
mkdir -p "$1"
cache=$(cd "$1" && pwd)
disk="$cache/tools-$(sha256sum < "$0" | cut -c 1-12).ext4"
if [ -e "$disk" ]; then
  printf '%s\n' "$disk"
  exit
fi

. "$here/../../test/lab/image/debian.sh"
need mmdebstrap:mmdebstrap mke2fs:e2fsprogs
work=$(mktemp -d "$cache/building-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
# On a line of its own, so that a failure ends the script.
sources=$(apt_sources)
tree="$work/tree"

say 'Fetching and unpacking the tools of the benchmark (half a minute, kept for the next time)'
# Unpacked and not set up: nothing of it is ever started but these programs.
mmdebstrap --quiet --variant=extract --format=directory --include=fio,bonnie++,e2fsprogs \
  --aptopt='Apt::Install-Recommends "false"' "$suite" "$tree" "$sources" > "$work/mmdebstrap.log" 2>&1 || {
  cat "$work/mmdebstrap.log" >&2
  fail 'mmdebstrap failed; what it said is above'
}
rm -rf "$tree"/dev "$tree"/usr/share "$tree"/usr/lib/python3* "$tree"/var
mkdir -p "$tree/dev" "$tree/proc" "$tree/tmp" "$tree/volume"
# bonnie++ looks for the user that it is to run as.
echo 'root:x:0:0:root:/:/bin/sh' > "$tree/etc/passwd"
echo 'root:x:0:' > "$tree/etc/group"
truncate -s 400M "$work/disk.ext4"
mke2fs -q -t ext4 -b 4096 -O ^has_journal -d "$tree" "$work/disk.ext4"
mv "$work/disk.ext4" "$disk"
printf '%s\n' "$disk"

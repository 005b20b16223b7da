#!/bin/sh
# Builds what the lab's guests boot from, of Debian packages from this machine's own apt sources.
# Usage: build.sh CACHE-FOLDER
# Prints the folder of the image on standard output, and what it does on standard error. Each part is kept below CACHE-FOLDER under a hash of what it is
# made of: tree-… (the packages, unpacked) and image-… (what guests boot). Deleting either is safe while no lab runs.
# An image is: root.ext4 (the root of every guest), vmlinux, initramfs.gz, xen (the hypervisor).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo 'usage: build.sh CACHE-FOLDER' >&2; exit 2; }
mkdir -p "$1"
cache=$(cd "$1" && pwd)
root_size=1500M

. "$here/debian.sh"

hash_of() {
  (cd "$here" && find "$@" -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c 1-12)
}

tree_file="$cache/tree-$(hash_of packages dpkg-excludes).tar"
image_folder="$cache/image-$(hash_of .)"
if [ -d "$image_folder" ]; then
  printf '%s\n' "$image_folder"
  exit
fi

need mmdebstrap:mmdebstrap mke2fs:e2fsprogs depmod:kmod cpio:cpio xz:xz-utils

work=$(mktemp -d "$cache/building-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

build_tree() {
  # On a line of its own, so that a failure ends the script.
  sources=$(apt_sources)
  include=$(grep -v '^#' "$here/packages" | tr '\n' ',')
  grep -v '^#' "$here/dpkg-excludes" > "$work/dpkg-excludes"
  say 'Fetching and unpacking the packages of the guests (1 to 3 minutes, kept for the next time)'
  # kernel-img.conf: no initramfs of Debian's, the guests have one of their own.
  mmdebstrap --quiet --variant=minbase --include="$include" \
    --aptopt='Apt::Install-Recommends "false"' --dpkgopt="$work/dpkg-excludes" \
    --setup-hook='echo "do_initrd = no" > "$1/etc/kernel-img.conf"' \
    "$suite" "$work/tree.tar" "$sources" > "$work/mmdebstrap.log" 2>&1 || {
    cat "$work/mmdebstrap.log" >&2
    fail 'mmdebstrap failed; what it said is above'
  }
  mv "$work/tree.tar" "$tree_file"
}

# initramfs INIT-SCRIPT OUTPUT MODULE…: busybox, an init, and modules with all that they need, in the order in which they are to be loaded.
initramfs() {
  init=$1 output=$2
  shift 2
  folder="$work/initramfs"
  rm -rf "$folder"
  mkdir -p "$folder/bin" "$folder/dev" "$folder/modules" "$folder/proc" "$folder/root" "$folder/sys" "$folder/tmp"
  cp "$root/bin/busybox" "$folder/bin/"
  cp "$here/initramfs/$init" "$folder/init"
  for module; do modprobe --dirname "$root" --set-version "$kernel" --show-depends "$module"; done |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
    while read -r file; do
      cp "$file" "$folder/modules/"
      basename "$file" >> "$folder/modules.list"
    done
  (cd "$folder" && find . | cpio --create --format=newc --owner=0:0 --quiet | gzip -1) > "$output"
}

# number OFFSET BYTES FILE: a little-endian number within a file
number() {
  od -A n -t "u$2" -j "$1" -N "$2" "$3" | tr -d ' '
}

# uncompressed_kernel VMLINUZ OUTPUT: a kernel that unpacks itself takes ten seconds for that in emulation, in every guest and DomU. Where the payload is
# and how long it is tells the header (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length); the last four bytes are not of xz.
uncompressed_kernel() {
  start=$((($(number 0x1f1 1 "$1") + 1) * 512 + $(number 0x248 4 "$1")))
  length=$(($(number 0x24c 4 "$1") - 4))
  tail -c "+$((start + 1))" "$1" | head -c "$length" | xz --decompress > "$2"
}

[ -e "$tree_file" ] || build_tree

say 'Making the image of the guests'
root="$work/root"
image="$work/image"
mkdir "$root" "$image"
tar --extract --directory "$root" --file "$tree_file" --exclude './dev/*'
cp -R --preserve=mode "$here/guest/." "$root/"
ln -sf /bin/busybox "$root/sbin/init"
rm -f "$root"/etc/ssh/ssh_host_*
kernel=$(ls "$root/lib/modules")
uncompressed_kernel "$root/boot/vmlinuz-$kernel" "$image/vmlinux"
gunzip --stdout "$root/boot/xen-4.17-amd64.gz" > "$image/xen"
initramfs guest-init "$image/initramfs.gz" virtio_pci virtio_blk crc32c_generic ext4
mkdir -p "$root/usr/lib/lab"
cp "$image/vmlinux" "$root/usr/lib/lab/"
initramfs domu-init "$root/usr/lib/lab/domu-initramfs.gz" xen-blkfront crc32c_generic ext4
truncate -s "$root_size" "$image/root.ext4"
mke2fs -q -t ext4 -O ^has_journal -d "$root" "$image/root.ext4"
# Whoever built the same image meanwhile was first, and theirs is as good.
mv --no-target-directory "$image" "$image_folder" 2> /dev/null || [ -d "$image_folder" ] || fail "could not put the image into $image_folder"
printf '%s\n' "$image_folder"

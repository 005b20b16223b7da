#!/bin/sh
# Makes a machine ready to build, test and run VBS: Node, npm packages and Debian packages. Safe to run at any time; quick when nothing is to do.
# Usage: scripts/prepare.sh [--test | --lab]
#   --test   also what only the tests need (the AWS CLI, and initiators that can be told what to send)
#   --lab    also what only the lab of docs/lab.md needs
set -eu
cd "$(dirname "$0")/.."

fail() {
  printf 'prepare: %s\n' "$*" >&2
  exit 1
}

with_tests=no
with_lab=no
case "${1-}" in
  '') ;;
  --test) with_tests=yes ;;
  --lab) with_lab=yes ;;
  *) fail "unknown argument $1; usage: scripts/prepare.sh [--test | --lab]" ;;
esac

command -v node >/dev/null || fail "Node.js 20.19 or newer is needed and is not installed; see https://nodejs.org/"
node_version=$(node --version)
node_major=${node_version#v}
node_minor=${node_major#*.}
node_major=${node_major%%.*}
node_minor=${node_minor%%.*}
if [ "$node_major" -lt 20 ] || { [ "$node_major" -eq 20 ] && [ "$node_minor" -lt 19 ]; }; then
  fail "Node.js 20.19 or newer is needed; this is $node_version ($(command -v node))"
fi

npm_is_current() {
  # npm writes this file last, so it is missing or old when an install was cut short.
  [ -e node_modules/.package-lock.json ] && ! [ package-lock.json -nt node_modules/.package-lock.json ]
}

missing=''
# need PACKAGE COMMAND-OR-FILE: asks the file system and not dpkg, so that a tool from elsewhere is as good.
need() {
  is_there "$2" || missing="$missing $1"
}

is_there() {
  case "$1" in
    /*) for file in $1; do [ -e "$file" ] && return; done ;;
    *) command -v "$1" >/dev/null && return ;;
  esac
  return 1
}

# tgtd and QEMU are often where an ordinary user's PATH does not lead.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# First, and by themselves: what the npm packages are compiled with (better-sqlite3, where there is no ready-made build of it).
if ! npm_is_current; then
  need g++ g++
  need make make
  need python3 python3
fi
missing_for_npm=$missing
missing=''
need tgt tgtd
need qemu-system-x86 qemu-system-x86_64
# QEMU's own iSCSI initiator.
need qemu-block-extra '/usr/lib/*/qemu/block-iscsi.so'
if [ "$with_tests" = yes ] || [ "$with_lab" = yes ]; then
  # Debian's, even where another one is installed: it is the oldest that clients still use.
  need awscli /usr/bin/aws
  need openssh-client ssh
fi
if [ "$with_tests" = yes ]; then
  # The clients of test/conformance/clients, which run with Debian's interpreters.
  need python3-boto3 /usr/lib/python3/dist-packages/boto3/__init__.py
  need python3-boto /usr/lib/python3/dist-packages/boto/__init__.py
  need python3-libcloud /usr/lib/python3/dist-packages/libcloud/__init__.py
  need ruby-fog-aws /usr/lib/ruby/vendor_ruby/fog/aws.rb
  need ansible-core ansible-playbook
  need libiscsi-bin iscsi-inq
  need qemu-utils qemu-io
  need openssh-server /usr/sbin/sshd
  # Certificates, and the database of a stand-in of Nimbus.
  need openssl openssl
  need sqlite3 sqlite3
  need vblade vblade
  need libvirt-clients virsh
  need libvirt-daemon libvirtd
  need libvirt-daemon-driver-qemu '/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so'
fi
if [ "$with_lab" = yes ]; then
  need mmdebstrap mmdebstrap
  need cpio cpio
  need e2fsprogs mke2fs
  need kmod depmod
  need xz-utils xz
  need procps pgrep
fi

if [ -n "$missing_for_npm$missing" ]; then
  command -v apt-get >/dev/null || fail "these Debian packages, or what they are called here, are needed:$missing_for_npm$missing"
fi
if [ -n "$missing_for_npm$missing" ] && [ "$(id -u)" -ne 0 ]; then
  printf 'prepare: these packages are needed and only root can install them:%s\nRun this, and then scripts/prepare.sh again:\n\n' "$missing_for_npm$missing" >&2
  printf '  sudo sh -c "apt-get update && apt-get install --yes --no-install-recommends%s"\n\n' "$missing_for_npm$missing" >&2
  exit 1
fi

# with_package_lists COMMAND...: lists that are missing or too old to be of use show in that the command fails.
with_package_lists() {
  "$@" || { apt-get update && "$@"; }
}

# install PACKAGE...
install() {
  [ "$#" -gt 0 ] || return 0
  printf 'prepare: installing %s\n' "$*"
  export DEBIAN_FRONTEND=noninteractive
  with_package_lists apt-get install --yes --no-install-recommends "$@" || fail "apt-get could not install $*; what it said is above"
}

# shellcheck disable=SC2086
install $missing_for_npm
# The npm packages come while the Debian packages do.
if ! npm_is_current; then
  printf 'prepare: installing the npm packages (a minute or two)\n'
  npm_log=$(mktemp)
  npm ci --no-audit --no-fund > "$npm_log" 2>&1 &
  npm=$!
  trap 'rm -f "$npm_log"; kill "$npm" 2> /dev/null || :' EXIT
fi
# shellcheck disable=SC2086
install $missing

# The modules of Ansible that the tests use are one folder of a package of 250 MB, which Debian does not package by themselves.
collections=.cache/ansible/ansible_collections
if [ "$with_tests" = yes ] && ! is_there /usr/lib/python3/dist-packages/ansible_collections/amazon/aws/MANIFEST.json &&
  ! [ -e "$collections/amazon/aws/MANIFEST.json" ]; then
  command -v dpkg-deb >/dev/null || fail "Ansible's collection amazon.aws is needed; ansible-galaxy collection install amazon.aws:5.5.0 gets it"
  printf "prepare: fetching Ansible's collection amazon.aws\n"
  unpacked=$(mktemp -d)
  (
    cd "$unpacked" &&
      with_package_lists apt-get -o APT::Sandbox::User="$(id -un)" download ansible &&
      dpkg-deb --fsys-tarfile ansible_*.deb | tar -x --wildcards './usr/lib/python3/dist-packages/ansible_collections/amazon/aws/*'
  ) || fail "Ansible's collection amazon.aws could not be taken out of the package ansible; what was said is above"
  mkdir -p "$collections/amazon"
  mv "$unpacked/usr/lib/python3/dist-packages/ansible_collections/amazon/aws" "$collections/amazon/aws"
  rm -rf "$unpacked"
fi

if [ -n "${npm-}" ]; then
  wait "$npm" || {
    cat "$npm_log" >&2
    fail "npm ci failed; what it said is above"
  }
  trap - EXIT
  rm -f "$npm_log"
fi

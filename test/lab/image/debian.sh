# Sourced by what makes files for the lab of Debian packages: where they come from, and what is needed for it.
suite=bookworm

say() {
  printf '%s\n' "$*" >&2
}

fail() {
  say "lab image: $*"
  exit 1
}

# The machine's own sources of Debian, wherever they point. Other repositories on it do not matter here.
apt_sources() {
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    if grep -qs "$suite" "$file"; then
      printf '%s\n' "$file"
      return
    fi
  done
  fail "neither /etc/apt/sources.list nor /etc/apt/sources.list.d/debian.sources names Debian $suite, which has the Xen that the lab boots"
}

# need PROGRAM:PACKAGE…: fails unless the programs are there and root runs this.
need() {
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  missing=''
  for tool; do
    command -v "${tool%:*}" > /dev/null || missing="$missing ${tool#*:}"
  done
  [ -z "$missing" ] || fail "these Debian packages are needed:$missing; sh scripts/prepare.sh --lab installs all that the lab needs"
  [ "$(id -u)" -eq 0 ] || fail 'only root can build it, since its files belong to root; whoever can read the cache can boot it'
}

# shellcheck shell=bash
# Runs commands inside a tree that is being made.
#
# The caller runs in a mount namespace of its own, so the mounts below end with it,
# however it ends.

in_chroot() {
  local tree=$1
  shift
  mountpoint -q "$tree/proc" || mount -t proc proc "$tree/proc"
  chroot "$tree" /usr/bin/env -i \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true \
    "$@" </dev/null
}

# Shows a command's output only when it fails.
quietly() {
  local output
  if ! output=$("$@" 2>&1); then
    printf '%s\n' "$output" | tail -n 30 >&2
    return 1
  fi
}

# While packages are installed no daemon of theirs may start: a chroot shares the
# network and the processes of this machine.
forbid_daemons() {
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 755 "$1/usr/sbin/policy-rc.d"
}

allow_daemons() {
  rm -f "$1/usr/sbin/policy-rc.d"
}

install_packages() {
  local tree=$1
  shift
  quietly in_chroot "$tree" apt-get -qq -y --no-install-recommends install "$@"
}

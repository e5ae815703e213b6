#!/usr/bin/env bash
# Makes the smallest Debian tree, parent of the server and of the base image.
#
# Inputs (environment)
#   TARGET           empty folder to fill
#   SUITE            Debian suite
#   MIRROR           where packages come from; empty: debootstrap's own choice
#   SECURITY_MIRROR  where security updates come from; empty: none
#   RESOLV_CONF      name servers that answer on this machine
#   HOST_APT_CONF    apt settings of this machine that also hold inside
# Prints progress lines.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=embedded/images/chroot.sh
. "$here/chroot.sh"

# Its time tells what the build wrote from what packages brought.
touch "$TARGET/.started"

# Documentation and translations are never unpacked, and dpkg need not wait for
# the disk: a build that is cut short is thrown away as a whole.
mkdir -p "$TARGET/etc/dpkg/dpkg.cfg.d"
cat >"$TARGET/etc/dpkg/dpkg.cfg.d/image" <<'CFG'
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/lintian/*
CFG

echo "unpacking Debian $SUITE"
quietly debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$TARGET" ${MIRROR:+"$MIRROR"}

mirror=$(awk '$1 == "deb" { print $2; exit }' "$TARGET/etc/apt/sources.list")
{
  printf 'deb %s %s main\n' "$mirror" "$SUITE"
  printf 'deb %s %s-updates main\n' "$mirror" "$SUITE"
  if [ -n "$SECURITY_MIRROR" ]; then
    printf 'deb %s %s-security main\n' "$SECURITY_MIRROR" "$SUITE"
  fi
} >"$TARGET/etc/apt/sources.list"
printf '%s\n' "$HOST_APT_CONF" >"$TARGET/etc/apt/apt.conf.d/90host"

echo "bringing it up to date"
cp -L "$RESOLV_CONF" "$TARGET/etc/resolv.conf"
in_chroot "$TARGET" apt-get -qq update
forbid_daemons "$TARGET"
quietly in_chroot "$TARGET" apt-get -qq -y dist-upgrade
allow_daemons "$TARGET"
in_chroot "$TARGET" apt-get clean

# The authorities this machine trusts, so that a private one is known inside.
if [ -d /usr/local/share/ca-certificates ]; then
  cp -a /usr/local/share/ca-certificates/. "$TARGET/usr/local/share/ca-certificates/"
fi
quietly in_chroot "$TARGET" update-ca-certificates
cp -L /etc/ssl/certs/ca-certificates.crt "$TARGET/etc/ssl/certs/ca-certificates.crt"
umount "$TARGET/proc"

#!/usr/bin/env bash
# Makes the base image: the tree that every app's container has as its lowest,
# read-only layer. Its owners are plain; a server shifts them when it unpacks.
#
# Inputs (environment)
#   TARGET       empty folder to fill
#   PARENT       the tree made by make-minbase.sh
#   PACKAGES     what to install, separated by spaces
#   SUITE        Debian suite, first part of the version
#   RESOLV_CONF  name servers that answer on this machine
# Leaves in TARGET: base-<version>.tar.zst and base.json {version, sha256, bytes}.
# The version is the hash of the packed tree: the same content gives the same version.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=embedded/images/chroot.sh
. "$here/chroot.sh"

tree="$TARGET/tree"
mkdir "$tree"
cp -a "$PARENT/." "$tree/"
cp -L "$RESOLV_CONF" "$tree/etc/resolv.conf"

echo "installing the base image's packages"
read -ra names <<<"$PACKAGES"
forbid_daemons "$tree"
install_packages "$tree" "${names[@]}"
allow_daemons "$tree"

echo "taking the command out of Debian's Go"
# It fetches a whole and newer one when an app asks for it, and is all of Go that it takes for that.
package=$(in_chroot "$tree" apt-cache depends golang-go | sed -n 's/^ *Depends: \(golang-[0-9.]*-go\)$/\1/p')
# shellcheck disable=SC2016  # expanded inside
quietly in_chroot "$tree" sh -c 'cd /tmp && apt-get -qq download "$1"' sh "$package"
dpkg-deb --fsys-tarfile "$tree"/tmp/golang-*.deb | tar --extract --directory "$tree/tmp" --wildcards './usr/lib/go-*/bin/go'
install -D -m 755 "$tree"/tmp/usr/lib/go-*/bin/go "$tree/usr/local/lib/dcdget/go"

echo "making the trust store of Java"
install -m 755 "$here/java-trust-store" "$tree/usr/local/bin/java-trust-store"
in_chroot "$tree" /usr/local/bin/java-trust-store /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/java/cacerts
in_chroot "$tree" useradd --uid 1000 --user-group --home-dir /app --no-create-home --shell /bin/bash app
umount "$tree/proc"

install -d -m 755 -o 1000 -g 1000 "$tree/app"
install -d -m 755 "$tree/.dcdget"

echo "taking out what a container has no use for"
# How this machine reaches its packages is nobody's business in a container.
rm -rf "$tree"/etc/apt/sources.list "$tree"/etc/apt/apt.conf.d/90host "$tree"/etc/dpkg/dpkg.cfg.d/image
find "$tree"/var/cache "$tree"/var/log "$tree"/var/lib/apt/lists "$tree"/var/tmp "$tree"/tmp "$tree"/run \
  -mindepth 1 -delete
find "$tree"/usr/share/doc "$tree"/usr/share/man "$tree"/usr/share/info "$tree"/usr/share/locale \
  "$tree"/usr/share/lintian -mindepth 1 -delete 2>/dev/null || true
# Of Java what only jlink and heaps of more than 32 GB need; of C what only the sanitizers, the debugging of
# the compiler and programs that contain Python or are linked with OpenSSL for good need.
rm -rf "$tree"/usr/lib/jvm/*/{jmods,lib/server/classes_nocoops.jsa} "$tree"/usr/bin/*lto-dump* \
  "$tree"/usr/lib/*/lib{asan,lsan,tsan,ubsan}.so.* "$tree"/usr/lib/gcc/*/*/lib{asan,lsan,tsan,ubsan}.* \
  "$tree"/usr/lib/python3*/config-*/*.a "$tree"/usr/lib/*/lib{crypto,ssl,sqlite3,python*}.a \
  "$tree"/usr/share/{fonts,gitweb} "$tree"/usr/lib/python3*/{idlelib,lib2to3/tests,pydoc_data}
find "$tree"/dev -mindepth 1 -delete
rm -f "$tree"/etc/machine-id "$tree"/var/lib/dbus/machine-id "$tree"/etc/hostname \
  "$tree"/var/lib/dpkg/*-old "$tree"/etc/*- "$tree"/var/lib/systemd/random-seed
: >"$tree/etc/resolv.conf"
: >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$tree/etc/hosts"
# The day of the last password change is the day of the build.
sed -i -E 's/^([^:]*:[^:]*):[0-9]*:/\1:1:/' "$tree/etc/shadow"
# Nobody becomes root in a container.
find "$tree" -xdev -type f -perm /6000 -exec chmod ug-s {} +

echo "packing the base image"
# What the build itself wrote bears the build's time; packages bring their own.
started=$(stat -c %Y "$PARENT/.started")
rm -f "$tree/.started"
find "$tree" -newermt "@$((started - 1))" -exec touch --no-dereference --date=@1 {} +
tar --create --file - --directory "$tree" --sort=name --numeric-owner \
  --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime . |
  zstd -q -10 -T0 -o "$TARGET/tree.tar.zst"
version="$SUITE-$(zstd -dcq "$TARGET/tree.tar.zst" | sha256sum | cut -c 1-12)"
archive="base-$version.tar.zst"
mv "$TARGET/tree.tar.zst" "$TARGET/$archive"
rm -rf "$tree"
printf '{"version":"%s","file":"%s","sha256":"%s","bytes":%s}\n' "$version" "$archive" \
  "$(sha256sum "$TARGET/$archive" | cut -d ' ' -f 1)" "$(stat -c %s "$TARGET/$archive")" >"$TARGET/base.json"

#!/usr/bin/env bash
# Makes the root file system of a simulated server: a plain Debian machine with
# systemd and sshd. The packages that provisioning installs are there already, which
# saves their download at every boot of a fresh server; provisioning still checks.
#
# Inputs (environment)
#   TARGET       empty folder to fill
#   PARENT       the tree made by make-minbase.sh
#   PACKAGES     what to install, separated by spaces
#   RESOLV_CONF  name servers that answer on this machine
# Prints progress lines.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=embedded/images/chroot.sh
. "$here/chroot.sh"

cp -a "$PARENT/." "$TARGET/"
cp -L "$RESOLV_CONF" "$TARGET/etc/resolv.conf"

echo "installing the server's packages"
forbid_daemons "$TARGET"
read -ra names <<<"$PACKAGES"
install_packages "$TARGET" "${names[@]}"
allow_daemons "$TARGET"
rm -f "$TARGET/etc/dpkg/dpkg.cfg.d/image"

# What must differ from server to server is made at its boot.
rm -f "$TARGET"/etc/ssh/ssh_host_*_key "$TARGET"/etc/ssh/ssh_host_*_key.pub
: >"$TARGET/etc/machine-id"
rm -f "$TARGET/etc/hostname" "$TARGET/var/lib/dbus/machine-id"

ln -sfn /usr/share/zoneinfo/UTC "$TARGET/etc/localtime"
install -d -m 755 "$TARGET/etc/ssh/sshd_config.d" "$TARGET/etc/systemd/journald.conf.d"
cat >"$TARGET/etc/ssh/sshd_config.d/simulated.conf" <<'CFG'
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
CFG
cat >"$TARGET/etc/systemd/journald.conf.d/simulated.conf" <<'CFG'
[Journal]
Storage=volatile
RuntimeMaxUse=16M
CFG

# Without this lxc.service waits half a minute at boot for a bridge that is masked.
echo 'USE_LXC_BRIDGE="false"' >"$TARGET/etc/default/lxc-net"

# No screen to log in at, no clock of its own, and no work of its own that would
# disturb what is measured on it.
for unit in getty.target console-getty.service getty@.service systemd-logind.service \
  apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer dpkg-db-backup.timer lxc-net.service systemd-udevd.service \
  systemd-udev-trigger.service sys-kernel-debug.mount dev-hugepages.mount dev-mqueue.mount; do
  ln -sfn /dev/null "$TARGET/etc/systemd/system/$unit"
done

install -d -m 755 "$TARGET/etc/systemd/system/sysinit.target.wants" "$TARGET/usr/local/lib/simulated-server"
install -m 755 "$here/split-cgroups.sh" "$TARGET/usr/local/lib/simulated-server/split-cgroups"
install -m 644 "$here/split-cgroups.service" "$TARGET/etc/systemd/system/split-cgroups.service"
ln -sfn ../split-cgroups.service "$TARGET/etc/systemd/system/sysinit.target.wants/split-cgroups.service"

in_chroot "$TARGET" apt-get clean
rm -f "$TARGET/.started"
install -d -m 755 "$TARGET/srv/dcdget"
umount "$TARGET/proc"

#!/usr/bin/env bash
# Makes the container of an instance, ready to be started: overlay folders, LXC configuration, the app's
# log and shared folders, and the way from the server's port to the container's.
#
# Inputs:
#   INSTANCE         id of the instance                                       (required)
#   APP              name of its app                                          (required)
#   PROCESS          its name among those of its release, such as web.1       (required)
#   DIGEST           sha256 of its slug, unpacked by upload-slug              (required)
#   IMAGE_VERSION    base image, unpacked by prepare-server                   (required)
#   PS_DOCK_SHA256   the ps-dock that prepare-server brought                  (required)
#   ADDRESS          the container's own IPv4 address, in 10.213.0.0/16       (required)
#   HOST_PORT        port of the server that leads to port 5000 of it         (required)
#   MEMORY_MB        limit of memory                                          (required)
#   CPU_SHARES       weight among the server's containers, 1024 is one CPU    (required)
#   PIDS             limit of processes and threads                           (required)
#   WHOLE?           yes: the slug is a whole root file system, no layer      (over the base image when empty)
# Prints: {"created":true}, {"created":false} when it was all there
set -euo pipefail
LC_ALL=C
umask 022

refuse() {
  echo "batman/create-container: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${PROCESS-} =~ ^[a-z][a-z0-9_-]{0,29}\.[0-9]{1,6}$ ]] || refuse "PROCESS is not a process name"
[[ ${INSTANCE-} =~ ^[a-z0-9_.-]+\.v[0-9]+\.[0-9]+$ && $INSTANCE == "$APP.$PROCESS".v* ]] || refuse "INSTANCE is not an instance of $APP $PROCESS"
[[ ${DIGEST-} =~ ^[0-9a-f]{64}$ ]] || refuse "DIGEST is not a sha256"
[[ ${IMAGE_VERSION-} =~ ^[a-z0-9][a-z0-9._-]{0,63}$ ]] || refuse "IMAGE_VERSION is not a version"
[[ ${PS_DOCK_SHA256-} =~ ^[0-9a-f]{64}$ ]] || refuse "PS_DOCK_SHA256 is not a sha256"
[[ ${ADDRESS-} =~ ^10\.213\.[0-9]{1,3}\.[0-9]{1,3}$ && $ADDRESS != 10.213.0.1 ]] || refuse "ADDRESS is not a container address"
[[ ${HOST_PORT-} =~ ^2[0-3][0-9]{3}$ ]] || refuse "HOST_PORT is not between 20000 and 23999"
[[ "${MEMORY_MB-} ${CPU_SHARES-} ${PIDS-}" =~ ^[1-9][0-9]{0,6}\ [1-9][0-9]{0,6}\ [1-9][0-9]{0,6}$ ]] || refuse "the limits are not numbers"

[[ ${WHOLE-} =~ ^(yes)?$ ]] || refuse "WHOLE is not yes"

root=/srv/dcdget
folder=$root/instances/$INSTANCE
image=$root/images/$IMAGE_VERSION/rootfs
slug=$root/slugs/$DIGEST
ps_dock=$root/bin/ps-dock-${PS_DOCK_SHA256:0:12}
app=$root/apps/$APP

lower=$slug:$image
if [[ ${WHOLE-} == yes ]]; then
  lower=$slug/app
  image=$lower
fi
for path in "$image" "$slug/app" "$ps_dock" "$folder/run/instance.json"; do
  [[ -e $path ]] || { echo "batman/create-container: $path is missing" >&2; exit 1; }
done

# A controller that this kernel leaves out cannot be asked for: provisioning told of it.
set_limits() {
  local controllers='' weight swap
  if [[ -r /sys/fs/cgroup/cgroup.controllers ]]; then
    read -r controllers </sys/fs/cgroup/cgroup.controllers || true
    # 1024 shares are weight 100; the kernel takes 1 to 10000.
    weight=$((CPU_SHARES * 100 / 1024))
    limits=''
    [[ " $controllers " != *' memory '* ]] || limits+="lxc.cgroup2.memory.max = ${MEMORY_MB}M"$'\nlxc.cgroup2.memory.swap.max = 0\n'
    [[ " $controllers " != *' cpu '* ]] || limits+="lxc.cgroup2.cpu.weight = $((weight < 1 ? 1 : weight > 10000 ? 10000 : weight))"$'\n'
    [[ " $controllers " != *' pids '* ]] || limits+="lxc.cgroup2.pids.max = $PIDS"
  else
    swap=/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes
    # Beside the server's own processes, 1024 each, which are not in a group: an instance goes before them.
    limits="lxc.cgroup.memory.limit_in_bytes = ${MEMORY_MB}M
lxc.cgroup.cpu.shares = $((CPU_SHARES * 16))
lxc.cgroup.pids.max = $PIDS"
    [[ ! -e $swap ]] || limits+=$'\n'"lxc.cgroup.memory.memsw.limit_in_bytes = ${MEMORY_MB}M"
  fi
}
set_limits

# An address in the container's network always belongs to the same Ethernet address.
IFS=. read -ra octets <<<"$ADDRESS"
printf -v ethernet '02:dc:%02x:%02x:%02x:%02x' "${octets[@]}"

# Volatile: what an instance writes outside of shared goes with it, and no disk is waited for when it ends.
config="lxc.uts.name = $PROCESS
lxc.rootfs.path = overlay:$lower:$folder/upper
lxc.rootfs.options = volatile
lxc.idmap = u 0 100000 65536
lxc.idmap = g 0 100000 65536
lxc.init.cmd = /.dcdget/ps-dock
lxc.autodev = 1
lxc.tty.max = 0
lxc.pty.max = 64
lxc.console.path = none
lxc.mount.auto = proc:mixed sys:ro cgroup:ro
lxc.mount.entry = $ps_dock .dcdget/ps-dock none bind,ro,create=file 0 0
lxc.mount.entry = $folder/run .dcdget/run none bind,ro,create=dir 0 0
lxc.mount.entry = $folder/state .dcdget/state none bind,create=dir 0 0
lxc.mount.entry = $app/log .dcdget/log none bind,create=dir 0 0
lxc.mount.entry = $app/shared shared none bind,create=dir 0 0
lxc.mount.entry = $root/ca.pem .dcdget/ca.pem none bind,ro,create=file 0 0
lxc.mount.entry = $root/resolv.conf etc/resolv.conf none bind,ro,create=file 0 0
lxc.mount.entry = tmpfs dev/shm tmpfs rw,nosuid,nodev,mode=1777,create=dir 0 0
lxc.net.0.type = veth
lxc.net.0.link = dcd0
lxc.net.0.name = eth0
lxc.net.0.hwaddr = $ethernet
lxc.net.0.flags = up
lxc.net.0.veth.pair = dcd$HOST_PORT
lxc.net.0.ipv4.address = $ADDRESS/16
lxc.net.0.ipv4.gateway = 10.213.0.1
lxc.net.0.script.up = $root/bin/isolate
lxc.no_new_privs = 1
lxc.cap.keep = setuid setgid setpcap kill chown dac_override fowner
lxc.seccomp.profile = $root/seccomp
lxc.apparmor.profile = unconfined
lxc.cgroup.relative = 1
lxc.keyring.session = 0
$limits"

# holds FILE TEXT
holds() {
  local text
  [[ -f $1 ]] || return 1
  IFS= read -rd '' text <"$1" || true
  [[ $text == "$2"$'\n' ]]
}

is_there() {
  holds "$folder/config" "$config" && holds "$folder/network" "$HOST_PORT $ADDRESS" &&
    [[ -d $folder/upper && -d $folder/work && -d $folder/state && -d $app/log && -d $app/shared && $app/$PROCESS -ef $folder ]]
}

created=false
if ! is_there; then
  created=true
  # The log is ps-dock's alone to write, so that nothing the app makes there is ever read by root.
  install -d -m 755 -o 100000 -g 100000 "$folder"/{upper,work,state} "$app/log"
  [[ -d $app/shared && ! -O $app/shared ]] || install -d -m 755 -o 101000 -g 101000 "$app/shared"
  printf '%s\n' "$config" >"$folder/config"
  # Before the element: the network unit restores what it finds recorded.
  printf '%s\n' "$HOST_PORT $ADDRESS" >"$folder/network"
  [[ -L $app/$PROCESS && $app/$PROCESS -ef $folder ]] || ln -sfnT "../../instances/$INSTANCE" "$app/$PROCESS"
fi
open_port() { nft add element ip dcdget hostports "{ $HOST_PORT : $ADDRESS . 5000 }"; }

# The port leads elsewhere: to an instance that is still here, or to one that was forgotten.
claim_port() {
  local record
  for record in "$root"/instances/*/network; do
    [[ $record == "$folder/network" || ! -f $record || "$(<"$record")" != "$HOST_PORT "* ]] ||
      { echo "batman/create-container: port $HOST_PORT belongs to $(basename "${record%/*}")" >&2; exit 1; }
  done
  nft delete element ip dcdget hostports "{ $HOST_PORT }"
  open_port
}

open_port 2>/dev/null || claim_port
printf '{"created":%s}\n' "$created"

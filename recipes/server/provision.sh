#!/usr/bin/env bash
# Makes a plain Debian or Ubuntu machine ready to hold instances: packages, folders, identities, kernel
# settings, the bridge with its packet rules, and the units. Run again by every upgrade.
#
# Inputs:
#   CA_PEM_BASE64    certificate of the platform's private authority, PEM in base64   (required)
#   SERVERS?         addresses or names of the platform's servers, space separated    (none when empty)
#   PARTS?           host:port pairs of the platform's own parts, such as Temporal and the store: closed to
#                    containers where they lie on private addresses                   (none when empty)
#   PEERS?           host:port pairs that containers reach all the same: API, log hub, rendezvous, and what
#                    the operator shares with apps                                    (none when empty)
# Prints: {"memoryMb":2048,"cpus":2,"debian":"12","freeMb":10240}
set -euo pipefail
LC_ALL=C
umask 022

root=/srv/dcdget

main() {
  check_inputs
  install_packages
  look_up_closed
  quiet_lxc
  make_folders
  write_files
  write_rules
  allow_identities
  apply_sysctls
  activate
  tell_missing_controllers
  report
}

fail() {
  echo "server/provision: $1" >&2
  exit "${2:-1}"
}

check_inputs() {
  [[ ${CA_PEM_BASE64-} =~ ^[A-Za-z0-9+/=]+$ ]] || fail "CA_PEM_BASE64 is not base64" 64
  [[ ${SERVERS-} =~ ^[A-Za-z0-9.\ -]*$ ]] || fail "SERVERS is not a list of addresses" 64
  [[ ${PARTS-} =~ ^([A-Za-z0-9.-]+:[0-9]{1,5}\ ?)*$ ]] || fail "PARTS is not a list of host:port pairs" 64
  [[ ${PEERS-} =~ ^([A-Za-z0-9.-]+:[0-9]{1,5}\ ?)*$ ]] || fail "PEERS is not a list of host:port pairs" 64
  [[ $EUID == 0 ]] || fail "must run as root"
  [[ -d /run/systemd/system ]] || fail "this machine does not run systemd"
}

# What is missing is installed; what is there is left at its version.
install_packages() {
  local name command missing=()
  while read -r name command; do
    [[ -x $command ]] || missing+=("$name")
  done <<'PACKAGES'
lxc /usr/bin/lxc-start
nftables /usr/sbin/nft
iproute2 /usr/sbin/ip
uidmap /usr/bin/newuidmap
curl /usr/bin/curl
zstd /usr/bin/zstd
tar /usr/bin/tar
mawk /usr/bin/awk
procps /usr/sbin/sysctl
ca-certificates /usr/sbin/update-ca-certificates
PACKAGES
  ((${#missing[@]})) || return 0
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq -o DPkg::Lock::Timeout=120 update
  apt-get -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends install "${missing[@]}" >/dev/null
}

# A name that were left out would be open to every container. Before anything is written.
look_up_closed() {
  local names name pairs pair found
  read -ra names <<<"${SERVERS-}"
  read -ra pairs <<<"${PARTS-}"
  closed=()
  for name in "${names[@]}"; do
    look_up "$name"
    closed+=("${found[@]}")
  done
  for pair in "${pairs[@]}"; do
    look_up "${pair%:*}"
    closed+=("${found[@]/%/ ${pair##*:}}")
  done
}

look_up() {
  mapfile -t found < <(getent ahostsv4 "$1" | awk '{ print $1 }' | sort -u)
  ((${#found[@]})) || fail "no IPv4 address here for $1, which is to be closed to containers: see to this server's resolver"
}

# LXC's own bridge and boot script hold the boot up for half a minute; nothing of dcdget needs them, and
# they stay where somebody has containers of another kind.
quiet_lxc() {
  [[ -z $(ls -A /var/lib/lxc 2>/dev/null) ]] || return 0
  local unit
  for unit in lxc.service lxc-net.service; do
    ! systemctl -q is-enabled "$unit" 2>/dev/null || systemctl -q disable "$unit"
  done
}

make_folders() {
  mkdir -p "$root"/{images,slugs,apps,bin,router/apps,router/hosts} /run/dcdget
  [[ $(stat -f -c %T "$root") != overlayfs ]] ||
    fail "$root is on an overlay file system, which cannot hold the containers' own overlays"
  install -d -m 700 "$root/leases" "$root/router/fences"
  # A container's root must reach its own folder by name, and see no other.
  install -d -m 711 "$root/instances"
}

# Brings a file to the text on stdin by one rename; sets `changed` when it was another.
changed=''
put() {
  local mode=$1 path=$2 text
  IFS= read -rd '' text || true
  [[ -f $path && ! -L $path && "$(<"$path")"$'\n' == "$text" ]] && return 0
  mkdir -p "${path%/*}"
  printf %s "$text" >"$path.new"
  chmod "$mode" "$path.new"
  mv -fT "$path.new" "$path"
  changed+=" $path"
}

write_files() {
  put 644 "$root/ca.pem" < <(base64 -d <<<"$CA_PEM_BASE64")
  grep -q '^-----BEGIN CERTIFICATE-----$' "$root/ca.pem" || fail "CA_PEM_BASE64 holds no certificate" 64

  put 644 /etc/sysctl.d/60-dcdget.conf <<'EOF'
# Containers are reached and reach out through this server.
net.ipv4.ip_forward = 1
# A router opens one connection per request: without these it runs out of local ports.
net.ipv4.tcp_tw_reuse = 1
net.ipv4.ip_local_port_range = 24000 65535
net.netfilter.nf_conntrack_tcp_timeout_time_wait = 5
# All containers share one range of user ids, and so these limits per user.
fs.inotify.max_user_instances = 8192
fs.inotify.max_user_watches = 1048576
kernel.keys.maxkeys = 20000
kernel.keys.maxbytes = 2000000
EOF
  put 644 /etc/modules-load.d/dcdget.conf <<'EOF'
overlay
nf_conntrack
EOF

  put 644 /etc/systemd/network/05-dcdget.network <<'EOF'
# Bridge and veths of dcdget are not systemd-networkd's to manage.
[Match]
Name=dcd*

[Link]
Unmanaged=yes
EOF

  put 755 "$root/bin/network" <<'EOF'
#!/bin/bash
# Makes the bridge and the packet rules of dcdget, or repairs them. Open connections stay.
set -euo pipefail
cd /srv/dcdget

# Container's resolv.conf: the server's, without the stub of systemd-resolved.
resolvers() {
  local key address rest file=/etc/resolv.conf
  [[ -r /run/systemd/resolve/resolv.conf ]] && file=/run/systemd/resolve/resolv.conf
  while read -r key address rest; do
    [[ $key == nameserver && $address =~ ^[0-9.]+$ && $address != 127.* ]] && printf '%s\n' "$address"
  done <"$file"
  return 0
}

elements() {
  local instance id port address
  for instance in instances/*/network; do
    id=${instance#instances/}
    [[ -f $instance && ! -e /run/dcdget/closed-${id%/network} ]] || continue
    read -r port address <"$instance" || continue
    [[ $port =~ ^2[0-9]{4}$ && $address =~ ^10\.213\.[0-9]{1,3}\.[0-9]{1,3}$ ]] || continue
    printf 'add element ip dcdget hostports { %s : %s . 5000 }\n' "$port" "$address"
  done
}

mkdir -p /run/dcdget
# A fixed address: else the bridge takes that of a port, and neighbours remember one that went.
[[ -d /sys/class/net/dcd0 ]] || ip link add dcd0 address 02:dc:0a:d5:00:01 type bridge forward_delay 0
echo 1 >/proc/sys/net/ipv6/conf/dcd0/disable_ipv6 2>/dev/null || true
ip address replace 10.213.0.1/16 dev dcd0
ip link set dcd0 up
for link in /sys/class/net/dcd2*; do
  [[ ! -e $link || -e $link/brport ]] || ip link set "${link##*/}" master dcd0 up
  [[ ! -e $link/brport ]] || echo 1 >"$link/brport/isolated"
done

mapfile -t nameservers < <(resolvers)
printf 'nameserver %s\n' "${nameservers[@]}" >resolv.conf.new
mv -f resolv.conf.new resolv.conf

# Servers of the platform, an address each, and its parts, address and port.
closed() {
  local address port
  [[ -f platform ]] || return 0
  while read -r address port; do
    [[ $address =~ ^[0-9.]+$ && $port =~ ^[0-9]*$ ]] || continue
    if [[ -z $port ]]; then
      printf 'add element ip dcdget platform { %s }\n' "$address"
    else
      printf 'add element ip dcdget parts { %s . %s }\n' "$address" "$port"
    fi
  done <platform
}

# A container may be created or removed meanwhile: whoever does that writes or removes its file
# first and its element second, so the table is right once it was loaded from an unchanged list.
applied=none
wanted=$(elements)
while [[ $applied != "$wanted" ]]; do
  {
    cat network.nft
    closed
    # What Packman wrote of its builds, so that they stay shut in whoever flushed the rules.
    [[ ! -f builds.nft ]] || cat builds.nft
    for address in "${nameservers[@]}"; do
      printf 'add element ip dcdget resolvers { %s }\n' "$address"
    done
    printf '%s\n' "$wanted"
  } | nft -f -
  applied=$wanted
  wanted=$(elements)
done
EOF

  put 755 "$root/bin/isolate" <<'EOF'
#!/bin/sh
# Run by LXC for a new veth (name net up veth BRIDGE VETH): it reaches the bridge and no neighbour on it.
echo 1 >"/sys/class/net/$6/brport/isolated"
EOF

  put 755 "$root/bin/instance-start" <<'EOF'
#!/bin/sh
# Becomes the container of instance $1, in the foreground. One that ended is started at once; one that keeps ending
# waits 1, 2, 4 … 60 s before the next try, up to a quarter less by chance, so that not all start together. Always
# starts with a fresh file system.
set -eu
folder=/srv/dcdget/instances/$1
starts=/run/dcdget/starts-$1
closed=/run/dcdget/closed-$1

read -r now _ </proc/uptime
now=${now%.*}
count=0
last=0
if [ -f "$starts" ]; then
  read -r count last <"$starts" || true
  # Five minutes up are taken for a recovery.
  if [ $((now - last)) -gt 300 ]; then count=0; fi
  if [ "$count" -gt 1 ]; then
    seconds=60
    if [ "$count" -lt 8 ]; then seconds=$((1 << (count - 2))); fi
    chance=$(od -An -N2 -tu2 /dev/urandom)
    delay=$((seconds * (1000 - 250 * $chance / 65535)))
    echo "ended $count times in short order, next start in $delay ms"
    sleep "$((delay / 1000)).$(printf %03d "$((delay % 1000))")"
    now=$((now + delay / 1000))
  fi
fi
echo "$((count + 1)) $now" >"$starts"

# The last one's network may still be on its way out.
read -r port address <"$folder/network"
if [ -e "/sys/class/net/dcd$port" ]; then ip link delete "dcd$port" || true; fi

# One that ran before is asked again once it is up: meanwhile its port is closed, after a reboot too.
if [ -e "$closed" ] || [ -e "$folder/upper/.dcdget" ]; then
  : >"$closed"
  nft delete element ip dcdget hostports "{ $port : $address . 5000 }" 2>/dev/null || true
  if [ -e "$folder/state/state.json" ]; then mv -fT "$folder/state/state.json" "$folder/ended"; fi
  # By a unit of its own: a control group that is divided into others (v2) may hold no process itself.
  systemctl --no-block restart "dcdget-up@$1.service" || true
fi
ran=no
# Nor is what was mounted taken up a second time.
if [ -e "$folder/upper/.dcdget" ] || [ -e "$folder/work/work" ]; then
  ran=yes
  rm -rf --one-file-system "$folder/upper" "$folder/work"
  mkdir -m 755 "$folder/upper" "$folder/work"
  chown 100000:100000 "$folder/upper" "$folder/work"
  # One that was killed leaves its control groups, empty, where systemd does not look.
  for groups in /sys/fs/cgroup /sys/fs/cgroup/*; do
    for group in "$groups"/lxc.*."$1" "$groups"/dcdget.slice/lxc.*."$1" "$groups"/dcdget.slice/dcdget@"$1".service/lxc.*; do
      if [ -d "$group" ]; then rmdir "$group" 2>/dev/null || true; fi
    done
  done
fi

# What never served boots with a quarter of its share of the processors, behind what serves, until it is healthy.
share=''
while read -r key _ value; do
  case $key in lxc.cgroup*.cpu.*) share=$value ;; esac
done <"$folder/config"
boots=no
if [ "${2-}" = serves ] && [ "$count" -eq 0 ] && [ ! -e "$closed" ] && [ "$ran" = no ]; then boots=yes; fi
if [ -n "$share" ] && [ $boots = yes ]; then share=$((share / 4 + 1)); fi
# It counts in the group that stands beside other instances': the unit's, or the container's own where systemd leaves
# the processors alone.
lighter=''
if [ $boots = yes ] && [ -e /sys/fs/cgroup/cpu ] && [ -n "$share" ]; then lighter="-s lxc.cgroup.cpu.shares=$share"; fi
while IFS=: read -r _ controllers path; do
  case $path:,$controllers, in
    */dcdget*@"$1".service:,,) file=/sys/fs/cgroup$path/cpu.weight ;;
    */dcdget*@"$1".service:*,cpu,*) file=/sys/fs/cgroup/cpu$path/cpu.shares ;;
    *) continue ;;
  esac
  if [ ! -w "$file" ] || [ -z "$share" ]; then continue; fi
  echo "$share" >"$file"
  lighter=''
done </proc/self/cgroup
exec lxc-start -P /srv/dcdget/instances -n "$1" $lighter -F -l ERROR -o "/run/dcdget/lxc-$1.log"
EOF

  put 755 "$root/bin/instance-up" <<'EOF'
#!/bin/bash
# Opens the port of instance $1, which ended before, once its process says that it is up. One that has not said so
# in five minutes is asked all the same.
set -euo pipefail
folder=/srv/dcdget/instances/$1
state=$folder/state/state.json

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
text=''
until [[ $text == *'"state":"up"'* ]] || ((SECONDS >= 300)); do
  read -rt 0.03 -u "$quiet" || true
  [[ -f $folder/network ]] || exit 0
  text=''
  if [[ -f $state && ! -L $state ]]; then IFS= read -r text <"$state" || true; fi
done
read -r port address <"$folder/network"
# What makes the packet rules anew looks at this file: it goes before the element comes.
rm -f "/run/dcdget/closed-$1"
nft add element ip dcdget hostports "{ $port : $address . 5000 }"
EOF

  put 755 "$root/bin/instance-stop" <<'EOF'
#!/bin/bash
# Before instance $1, whose first process is $2, is told to stop: a container that only begins would not hear it, and
# be waited for until it is killed. Once ps-dock has said anything, it hears.
set -euo pipefail
state=/srv/dcdget/instances/$1/state/state.json

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
for ((looks = 0; looks < 100; looks += 1)); do
  [[ -n ${2-} && -d /proc/$2 && ! -e $state ]] || exit 0
  read -rt 0.05 -u "$quiet" || true
done
EOF

  put 755 "$root/bin/instance-stopped" <<'EOF'
#!/bin/sh
# Closes the port of instance $1, which has ended: every router is refused at once and asks another instance,
# instead of waiting for a container that is not there.
set -eu
folder=/srv/dcdget/instances/$1
[ -f "$folder/network" ] || exit 0
: >"/run/dcdget/closed-$1"
read -r port address <"$folder/network"
nft delete element ip dcdget hostports "{ $port : $address . 5000 }" 2>/dev/null || true
EOF

  put 755 "$root/bin/boot" <<'EOF'
#!/bin/bash
# Before anything starts at boot: what was only half made goes, and the ports of instances that ran are closed until
# they are up again. What an operation may still continue stays.
set -euo pipefail
shopt -s nullglob
cd /srv/dcdget
mkdir -p /run/dcdget/slugs

# Trees that are renamed once they are whole, or were renamed to go. Who brings one now holds its lock.
for tree in slugs/.new-* slugs/.old-*; do
  digest=${tree##*-}
  [[ $digest =~ ^[0-9a-f]{64}$ ]] || continue
  exec {lock}>>"/run/dcdget/slugs/$digest"
  ! flock -n "$lock" || rm -rf --one-file-system "$tree"
  exec {lock}>&-
done
exec {lock}>>/run/dcdget/assets
! flock -n "$lock" || rm -rf --one-file-system images/.new-* bin/.new-*
exec {lock}>&-

for link in /etc/systemd/system/dcdget.target.wants/dcdget@*.service; do
  instance=${link##*/dcdget@}
  [[ -e instances/${instance%.service}/network ]] || rm -f "$link"
done
for link in apps/*/*; do
  [[ ! -L $link || -e $link ]] || rm -f "$link"
done
for ran in instances/*/upper/.dcdget; do
  instance=${ran#instances/}
  : >"/run/dcdget/closed-${instance%%/*}"
done
: >/run/dcdget/booted
EOF

  # New user namespaces would give an app capabilities to aim at the kernel with. clone3 hides its
  # flags from the filter: "not implemented" makes libc fall back to clone.
  put 644 "$root/seccomp" <<'EOF'
2
denylist
reject_force_umount
[all]
kexec_load errno 1
kexec_file_load errno 1
open_by_handle_at errno 1
init_module errno 1
finit_module errno 1
delete_module errno 1
bpf errno 1
perf_event_open errno 1
userfaultfd errno 1
keyctl errno 38
add_key errno 38
request_key errno 38
io_uring_setup errno 38
io_uring_enter errno 38
io_uring_register errno 38
clone3 errno 38
unshare errno 1 [0,268435456,SCMP_CMP_MASKED_EQ,268435456]
clone errno 1 [0,268435456,SCMP_CMP_MASKED_EQ,268435456]
EOF

  put 644 /etc/systemd/system/dcdget-network.service <<'EOF'
[Unit]
Description=Bridge and packet rules of dcdget
After=nftables.service systemd-networkd.service networking.service
Before=dcdget.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/srv/dcdget/bin/network
ExecReload=/srv/dcdget/bin/network

[Install]
WantedBy=multi-user.target
EOF
  put 644 /etc/systemd/system/dcdget-boot.service <<'EOF'
[Unit]
Description=What was half made before the boot of dcdget
RequiresMountsFor=/srv/dcdget
Before=dcdget-network.service dcdget.target
ConditionPathExists=!/run/dcdget/booted

[Service]
Type=oneshot
ExecStart=/srv/dcdget/bin/boot

[Install]
WantedBy=multi-user.target
EOF
  # nftables.service drops the rules of everyone whenever it starts, reloads or stops.
  put 644 /etc/systemd/system/nftables.service.d/dcdget.conf <<'EOF'
[Service]
ExecStartPost=-/bin/sh -c 'systemctl is-active -q dcdget-network.service && exec /srv/dcdget/bin/network; true'
ExecReload=-/srv/dcdget/bin/network
ExecStopPost=-/bin/sh -c 'systemctl is-active -q dcdget-network.service && exec /srv/dcdget/bin/network; true'
EOF
  put 644 /etc/systemd/system/dcdget.target <<'EOF'
[Unit]
Description=Instances of dcdget
Wants=dcdget-network.service
After=dcdget-network.service

[Install]
WantedBy=multi-user.target
EOF
  put 644 "/etc/systemd/system/dcdget@.service" <<'EOF'
[Unit]
Description=dcdget instance %i
Wants=dcdget-network.service
After=dcdget-network.service
RequiresMountsFor=/srv/dcdget
# systemd may remember an instance that was removed.
ConditionPathExists=/srv/dcdget/instances/%i/network
StartLimitIntervalSec=0
CollectMode=inactive-or-failed

[Service]
# The container ends as its process ends: whatever the status, it is started again. How long that waits is for
# instance-start to say.
ExecStart=-/srv/dcdget/bin/instance-start %i serves
ExecStop=-/srv/dcdget/bin/instance-stop %i $MAINPID
ExecStopPost=-/srv/dcdget/bin/instance-stopped %i
Restart=always
RestartSec=100ms
# lxc-start passes SIGTERM on to ps-dock, which gives the process its time.
KillMode=mixed
TimeoutStopSec=130
Slice=dcdget.slice
Delegate=yes
OOMPolicy=continue
LimitNOFILE=65536
LimitCORE=0
TasksMax=infinity
SyslogIdentifier=dcdget-instance
EOF
  put 644 "/etc/systemd/system/dcdget-up@.service" <<'EOF'
[Unit]
Description=Port of dcdget instance %i, once it is up
PartOf=dcdget@%i.service dcdget-once@%i.service
StartLimitIntervalSec=0
CollectMode=inactive-or-failed

[Service]
ExecStart=/srv/dcdget/bin/instance-up %i
SyslogIdentifier=dcdget-instance
EOF
  put 644 "/etc/systemd/system/dcdget-once@.service" <<'EOF'
[Unit]
Description=dcdget one-off instance %i
Wants=dcdget-network.service
After=dcdget-network.service
RequiresMountsFor=/srv/dcdget
CollectMode=inactive-or-failed

[Service]
ExecStart=-/srv/dcdget/bin/instance-start %i
ExecStop=-/srv/dcdget/bin/instance-stop %i $MAINPID
KillMode=mixed
TimeoutStopSec=130
Slice=dcdget.slice
Delegate=yes
OOMPolicy=continue
LimitNOFILE=65536
LimitCORE=0
TasksMax=infinity
SyslogIdentifier=dcdget-instance
EOF
}

# One transaction: the table is never half there.
write_rules() {
  local pairs pair peers=() open=''
  read -ra pairs <<<"${PEERS-}"
  for pair in "${pairs[@]}"; do
    mapfile -t -O "${#peers[@]}" peers < <(getent ahostsv4 "${pair%:*}" | awk -v port="${pair##*:}" '{ print $1 " . " port }' | sort -u)
  done
  if ((${#peers[@]})); then
    open=$(printf '%s, ' "${peers[@]}")
    open="add element ip dcdget peers { ${open%, } }"
  fi
  put 644 "$root/network.nft" <<EOF
table ip dcdget
delete table ip dcdget
table ip dcdget {
  map hostports {
    type inet_service : ipv4_addr . inet_service
  }
  set platform {
    type ipv4_addr
  }
  set parts {
    type ipv4_addr . inet_service
  }
  set resolvers {
    type ipv4_addr
  }
  set peers {
    type ipv4_addr . inet_service
  }
  set builds {
    type ipv4_addr; flags interval; elements = { 10.213.255.0/24 }
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname != "dcd0" fib daddr type local tcp dport 20000-23999 dnat ip to tcp dport map @hostports
  }
  chain output {
    type nat hook output priority -100; policy accept;
    ip daddr != 127.0.0.0/8 fib daddr type local tcp dport 20000-23999 dnat ip to tcp dport map @hostports
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 10.213.0.0/16 oifname != "dcd0" masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "dcd0" ip saddr != 10.213.0.0/16 drop
    ct state established,related accept
    iifname "dcd0" oifname "dcd0" drop
    iifname "dcd0" ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    # Link-local addresses, and those at which some clouds tell a machine about itself.
    iifname "dcd0" ip daddr { 169.254.0.0/16, 100.100.100.200, 168.63.129.16 } drop
    iifname "dcd0" ip saddr != @builds ip daddr . tcp dport @peers accept
    iifname "dcd0" ip daddr @platform drop
    # A public address may be that of somebody else's service as well, which apps use.
    iifname "dcd0" ip daddr { 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16, 198.18.0.0/15 } ip daddr . tcp dport @parts reject with tcp reset
    oifname "dcd0" ct status dnat accept
    oifname "dcd0" drop
  }
  chain stray {
    # Without the bridge they would leave by the default route, towards strangers.
    type filter hook postrouting priority filter; policy accept;
    ip daddr 10.213.0.0/16 oifname != { "dcd0", "lo" } drop
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname != "dcd0" accept
    ct state established,related accept
    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    ip saddr != @builds ip daddr . tcp dport @peers accept
    drop
  }
}
table ip6 dcdget
delete table ip6 dcdget
table ip6 dcdget {
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "dcd0" drop
    oifname "dcd0" drop
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "dcd0" drop
  }
}
$open
EOF
  # After the sets that it fills. As server/update-platform writes it.
  put 644 "$root/platform" < <(printf '%s\n' "${closed[@]}" | sort -u)
}

# Root of every container is user 100000 of the server.
allow_identities() {
  local file
  for file in /etc/subuid /etc/subgid; do
    grep -qsx 'root:100000:65536' "$file" || echo 'root:100000:65536' >>"$file"
  done
}

# A kernel may lack some of them; without forwarding no container is reached.
apply_sysctls() {
  ! command -v modprobe >/dev/null || modprobe -qa overlay nf_conntrack || true
  sysctl -qep /etc/sysctl.d/60-dcdget.conf || echo "this kernel refused some settings of /etc/sysctl.d/60-dcdget.conf"
  [[ $(</proc/sys/net/ipv4/ip_forward) == 1 ]] || fail "this kernel does not forward packets (net.ipv4.ip_forward)"
}

activate() {
  [[ -n $changed ]] && echo "wrote$changed"
  mkdir -p /etc/systemd/system/dcdget.target.wants
  if [[ $changed == */etc/systemd/* ]]; then systemctl daemon-reload; fi
  # What runs already is not taken for what ran before a boot.
  : >/run/dcdget/booted
  systemctl -q enable dcdget-boot.service dcdget-network.service dcdget.target
  if systemctl is-active -q dcdget-network.service; then
    systemctl reload dcdget-network.service
  else
    systemctl start dcdget-network.service
  fi
  systemctl is-active -q dcdget.target || systemctl start dcdget.target
}

# Without them instances run, but may take what belongs to others.
tell_missing_controllers() {
  local name controllers='' missing=()
  if [[ -r /sys/fs/cgroup/cgroup.controllers ]]; then
    read -r controllers </sys/fs/cgroup/cgroup.controllers || true
    for name in memory cpu pids; do
      [[ " $controllers " == *" $name "* ]] || missing+=("$name")
    done
  else
    for name in memory cpu pids; do
      [[ -d /sys/fs/cgroup/$name ]] || missing+=("$name")
    done
  fi
  ((${#missing[@]} == 0)) || echo "this kernel cannot limit ${missing[*]}: sizes are not kept"
}

report() {
  local key value memory_mb=0 debian=''
  while read -r key value _; do
    [[ $key == MemTotal: ]] && memory_mb=$((value / 1024))
  done </proc/meminfo
  # shellcheck source=/dev/null
  debian=$(. /etc/os-release && printf %s "${VERSION_ID-}")
  local block_bytes free_blocks
  read -r block_bytes free_blocks < <(stat -f -c '%S %a' "$root")
  printf '{"memoryMb":%d,"cpus":%d,"debian":"%s","freeMb":%d}\n' \
    "$memory_mb" "$(nproc)" "${debian//[^0-9.]/}" "$((block_bytes * free_blocks / 1048576))"
}

main

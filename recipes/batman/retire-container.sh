#!/usr/bin/env bash
# Takes an instance that no route names any more out of service: no new connection reaches it, and once the
# open ones have ended it is stopped and removed. Asked again as long as some are open; at last by force.
#
# Inputs:
#   INSTANCE        id of the instance                                              (required)
#   APP             name of its app                                                 (required)
#   PROCESS         its name among those of its release                             (required)
#   FORCE           yes: open connections are cut; no: they keep the instance      (required)
#   WAIT_MS?        how long they are waited for here                               (300 when empty)
# Prints: {"removed":true,"connections":0}, connections are those that were cut; {"removed":false,"connections":2}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/retire-container: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${PROCESS-} =~ ^[a-z][a-z0-9_-]{0,29}\.[0-9]{1,6}$ ]] || refuse "PROCESS is not a process name"
[[ ${INSTANCE-} =~ ^[a-z0-9_.-]+\.v[0-9]+\.[0-9]+$ && $INSTANCE == "$APP.$PROCESS".v* ]] || refuse "INSTANCE is not an instance of $APP $PROCESS"
[[ ${FORCE-} =~ ^(yes|no)$ ]] || refuse "FORCE is neither yes nor no"
[[ ${WAIT_MS:=300} =~ ^[0-9]{1,5}$ ]] || refuse "WAIT_MS is not a number of milliseconds"

folder=/srv/dcdget/instances/$INSTANCE
link=/srv/dcdget/apps/$APP/$PROCESS
unit=dcdget@$INSTANCE.service
recorded_port=''

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

# Any process of the container shows the sockets of all, cgroup v1 or v2; one that is ending shows none.
find_process() {
  local procs
  for procs in /sys/fs/cgroup/{pids/,}dcdget.slice/"$unit"/lxc.payload."$INSTANCE"{,-[0-9]*}/cgroup.procs; do
    [[ -r $procs ]] || continue
    while read -r process; do
      [[ ! -e /proc/$process/ns/net ]] || return 0
    done <"$procs"
  done
  return 1
}

# What still carries data either way counts: established, half closed, or closed by the app with its last words not
# yet taken. ss goes through the table of all connections of the server in a tenth of the time of /proc/net/tcp.
count_connections() {
  local open rows
  open=$(nsenter --net="/proc/$process/ns/net" ss --tcp --numeric --no-header \
    state established state syn-recv state fin-wait-1 state close-wait state last-ack state closing 'sport = :5000') || return 1
  mapfile -t rows < <(printf %s "$open")
  connections=${#rows[@]}
}

# Looks again after 20 ms, and then each time after twice as long. What cannot be counted is not cut, but by force.
drain() {
  local deadline=$((${EPOCHREALTIME/./} / 1000 + WAIT_MS)) pause_ms=20 left_ms seconds process
  while connections=0 && find_process; do
    count_connections || connections=unknown
    left_ms=$((deadline - ${EPOCHREALTIME/./} / 1000))
    if [[ $connections == 0 ]] || ((left_ms <= 0)); then break; fi
    ((pause_ms < left_ms)) || pause_ms=$left_ms
    printf -v seconds '%d.%03d' $((pause_ms / 1000)) $((pause_ms % 1000))
    pause "$seconds"
    pause_ms=$((pause_ms * 2))
  done
  [[ $connections == unknown ]] || return 0
  [[ $FORCE == yes ]] || { echo "batman/retire-container: the connections of $INSTANCE cannot be counted" >&2; exit 1; }
  connections=0
}

# The record names the port: without it nothing of the instance is in the packet rules.
close_port() {
  local port='' address=''
  [[ -f $folder/network ]] || return 0
  read -r port address <"$folder/network" || true
  if [[ $port =~ ^2[0-3][0-9]{3}$ && $address =~ ^[0-9.]+$ ]]; then
    # "Not there" is what it should come to, and tells itself from trouble by the element being there still.
    nft delete element ip dcdget hostports "{ $port : $address . 5000 }" 2>/dev/null ||
      ! nft get element ip dcdget hostports "{ $port : $address . 5000 }" &>/dev/null
    recorded_port=$port
  fi
}

stop() {
  rm -f "/etc/systemd/system/dcdget.target.wants/$unit"
  # systemd itself kills what is left when the unit's time to stop is over.
  timeout 150 systemctl stop "$unit" "dcdget-once@$INSTANCE.service"
}

# The app's link goes over to the newest instance that stays, if there is one.
leave_link() {
  local path survivor='' newest=-1
  [[ $link -ef $folder || ! -e $link ]] || return 0
  for path in "/srv/dcdget/instances/$APP.$PROCESS".v*/network; do
    path=${path%/network}
    if [[ -f $path/network && $path != "$folder" ]] && ((${path##*.} > newest)); then
      newest=${path##*.}
      survivor=${path##*/}
    fi
  done
  if [[ -n $survivor ]]; then
    ln -sfnT "../../instances/$survivor" "$link"
  elif [[ -L $link ]]; then
    rm -f "$link"
  fi
}

remove() {
  local path left=()
  # Before the folder, by which the link is known to be this instance's.
  leave_link
  [[ -z $recorded_port || ! -e /sys/class/net/dcd$recorded_port ]] || ip link delete "dcd$recorded_port" 2>/dev/null || true
  rm -rf --one-file-system "$folder" /run/dcdget/{starts,closed}-"$INSTANCE" "/run/dcdget/lxc-$INSTANCE.log"
  # A killed lxc-start leaves empty ones where systemd does not look after them.
  for path in /sys/fs/cgroup/{,*/}{,dcdget.slice/}lxc.*."$INSTANCE"{,-*}; do
    [[ ! -d $path ]] || left+=("$path")
  done
  ((${#left[@]} == 0)) || rmdir "${left[@]}" 2>/dev/null || true
}

close_port
drain
if ((connections > 0)) && [[ $FORCE == no ]]; then
  printf '{"removed":false,"connections":%d}\n' "$connections"
  exit 0
fi
stop
remove
printf '{"removed":true,"connections":%d}\n' "$connections"

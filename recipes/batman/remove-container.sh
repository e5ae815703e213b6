#!/usr/bin/env bash
# Stops an instance if it runs and removes everything of it from this server. Leaves the app's log and
# shared folders.
#
# Inputs:
#   INSTANCE   id of the instance                        (required)
#   APP        name of its app                           (required)
#   PROCESS    its name among those of its release       (required)
# Prints: {"removed":true}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/remove-container: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${PROCESS-} =~ ^[a-z][a-z0-9_-]{0,29}\.[0-9]{1,6}$ ]] || refuse "PROCESS is not a process name"
[[ ${INSTANCE-} =~ ^[a-z0-9_.-]+\.v[0-9]+\.[0-9]+$ && $INSTANCE == "$APP.$PROCESS".v* ]] || refuse "INSTANCE is not an instance of $APP $PROCESS"

folder=/srv/dcdget/instances/$INSTANCE
link=/srv/dcdget/apps/$APP/$PROCESS
unit=dcdget@$INSTANCE.service
recorded_port=''

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
stop
remove
printf '{"removed":true}\n'

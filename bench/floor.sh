#!/usr/bin/env bash
# The floor of a deploy: what one bare script on the server needs to start the same container beside the one
# that serves, wait until it answers, switch a route to it, and get the new answer through Nginx.
#
# Called on the server as: bash -s INSTANCE [COUNT] < floor.sh, with an instance of an app that runs; COUNT such
# containers are started at once, each with a route of its own. Prints the milliseconds until the last one
# answered, alone on the last line.
set -euo pipefail
shopt -s inherit_errexit

like=/srv/dcdget/instances/$1
count=${2:-1}
folder=/srv/dcdget/floor
router=/srv/dcdget/router
read -r _ own_address <"$like/network"
server=$(hostname -I | cut -d ' ' -f 1)

# The name, address and host port of number $1: no slot's address, ports that nobody serves yet.
name() {
  name=floor-$1
  address=10.213.17.$(($1 + 1))
  port=$((22000 - $1))
}

stop() {
  local number
  # shellcheck disable=SC2046  # their numbers, apart
  kill $(jobs -p) 2>/dev/null || true
  for ((number = 1; number <= count; number++)); do
    name "$number"
    lxc-stop --kill --name "$name" --lxcpath "$folder/lxc" 2>/dev/null || true
    nft delete element ip dcdget hostports "{ $port }" 2>/dev/null || true
    rm -f "$router/apps/$name.json" "$router/hosts/$name.dcdget.localhost"
  done
  rm -rf "$folder"
}

in_time() {
  ((${EPOCHREALTIME/./} - began < 60000000)) || { echo "$name did not answer within 60 s" >&2; exit 1; }
}

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

start_and_switch() {
  name "$1"
  local new=$folder/$name
  mkdir -p "$new"/{upper,work,state}
  cp -a "$like/run" "$new/run"
  chown 100000:100000 "$new"/{upper,work,state}
  sed -e "s#$like#$new#g" -e "s/$own_address/$address/" -e "s/veth.pair = .*/veth.pair = dcd$port/" \
    -e "s/hwaddr = .*/hwaddr = $(printf '02:dc:0a:d5:11:%02x' $(($1 + 1)))/" "$like/config" >"$new/config"
  nft add element ip dcdget hostports "{ $port : $address . 5000 }"
  lxc-start --name "$name" --lxcpath "$folder/lxc" --rcfile "$new/config"
  # Asked before it is there, its address would be looked for in vain, and again only a second later.
  until [[ -f $new/state/state.json && $(<"$new/state/state.json") == *'"state":"up"'* ]]; do in_time && pause 0.01; done
  until curl --silent --fail --output /dev/null --max-time 2 "http://$address:5000/"; do in_time; done
  printf '{"app":"%s","appId":"%s","sequence":1,"step":12,"version":1,"hosts":["%s.dcdget.localhost"],"state":"serving","instances":[{"id":"%s.web.1.v1.1","process":"web.1","host":"%s","port":%d}]}' \
    "$name" "$name" "$name" "$name" "$server" "$port" >"$router/apps/.$name"
  mv "$router/apps/.$name" "$router/apps/$name.json"
  ln -sfn "../apps/$name.json" "$router/hosts/$name.dcdget.localhost"
  curl --silent --fail --output /dev/null --max-time 5 --header "Host: $name.dcdget.localhost" http://127.0.0.1/
}

trap stop EXIT
stop
mkdir -p "$folder/lxc"

began=${EPOCHREALTIME/./}
starters=()
for ((number = 1; number <= count; number++)); do
  (trap - EXIT; start_and_switch "$number") &
  starters+=($!)
done
for starter in "${starters[@]}"; do wait "$starter"; done
ended=${EPOCHREALTIME/./}
echo "$(((ended - began) / 1000))"

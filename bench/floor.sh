#!/usr/bin/env bash
# The floor of a deploy: what one bare script on the server needs to start the same container beside the one
# that serves, wait until it answers, switch a route to it, and get the new answer through Nginx.
#
# Called on the server as: bash -s INSTANCE < floor.sh, with an instance of the app that runs.
# Prints the milliseconds it took, alone on the last line.
set -euo pipefail
shopt -s inherit_errexit

like=/srv/dcdget/instances/$1
new=/srv/dcdget/floor/new
router=/srv/dcdget/router
address=10.213.16.2 # no slot reaches so far
read -r _ own_address <"$like/network"
port=21999 # a host port that nobody serves yet

stop() {
  lxc-stop --kill --name floor --lxcpath /srv/dcdget/floor/lxc 2>/dev/null || true
  nft delete element ip dcdget hostports "{ $port }" 2>/dev/null || true
  rm -f "$router/apps/floor.json" "$router/hosts/floor.dcdget.localhost"
  rm -rf /srv/dcdget/floor
}
trap stop EXIT
stop

began=${EPOCHREALTIME/./}
mkdir -p "$new"/{upper,work,state} /srv/dcdget/floor/lxc
cp -a "$like/run" "$new/run"
chown 100000:100000 "$new"/{upper,work,state}
sed -e "s#$like#$new#g" -e "s/$own_address/$address/" -e 's/veth.pair = .*/veth.pair = dcd21999/' \
  -e 's/hwaddr = .*/hwaddr = 02:dc:0a:d5:10:02/' "$like/config" >"$new/config"
nft add element ip dcdget hostports "{ $port : $address . 5000 }"
lxc-start --name floor --lxcpath /srv/dcdget/floor/lxc --rcfile "$new/config"
in_time() {
  ((${EPOCHREALTIME/./} - began < 30000000)) || { echo "the container did not answer within 30 s" >&2; exit 1; }
}
# Asked before it is there, its address would be looked for in vain, and again only a second later.
until [[ -f $new/state/state.json && $(<"$new/state/state.json") == *'"state":"up"'* ]]; do in_time && sleep 0.01; done
until curl --silent --fail --output /dev/null --max-time 2 "http://$address:5000/"; do in_time; done
host=$(hostname -I | cut -d ' ' -f 1)
printf '{"app":"floor","appId":"floor","sequence":1,"step":12,"version":1,"hosts":["floor.dcdget.localhost"],"state":"serving","instances":[{"id":"floor.web.1.v1.1","process":"web.1","host":"%s","port":%d}]}' \
  "$host" "$port" >"$router/apps/.floor"
mv "$router/apps/.floor" "$router/apps/floor.json"
ln -sfn ../apps/floor.json "$router/hosts/floor.dcdget.localhost"
curl --silent --fail --output /dev/null --max-time 5 --header 'Host: floor.dcdget.localhost' http://127.0.0.1/
ended=${EPOCHREALTIME/./}
echo "$(((ended - began) / 1000))"

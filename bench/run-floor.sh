#!/usr/bin/env bash
# The floor of a one-off session: what one bare script on the server needs until a command has run in a container
# like that of an instance.
#
# Called on the server as: bash -s INSTANCE < run-floor.sh, with an instance of an app that runs. Prints the
# milliseconds until the command had ended, alone on the last line.
set -euo pipefail
shopt -s inherit_errexit

like=/srv/dcdget/instances/$1
folder=/srv/dcdget/floor
read -r _ own_address <"$like/network"
address=10.213.17.1
port=22000

stop() {
  lxc-stop --kill --name floor --lxcpath "$folder/lxc" 2>/dev/null || true
  rm -rf "$folder"
}

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

trap stop EXIT
stop
mkdir -p "$folder/lxc"

began=${EPOCHREALTIME/./}
mkdir -p "$folder"/{upper,work,state}
cp -a "$like/run" "$folder/run"
sed -i -E 's/"command":"([^"\\]|\\.)*"/"command":"true"/; s/"port":[0-9]+/"port":0/; s/"(hook|hub)":\{[^}]*\},?//g; s/,\}$/}/' "$folder/run/instance.json"
chown 100000:100000 "$folder"/{upper,work,state}
sed -e "s#$like#$folder#g" -e "s/$own_address/$address/" -e "s/veth.pair = .*/veth.pair = dcd$port/" \
  -e "s/hwaddr = .*/hwaddr = 02:dc:0a:d5:11:01/" "$like/config" >"$folder/config"
lxc-start --name floor --lxcpath "$folder/lxc" --rcfile "$folder/config"
until [[ -f $folder/state/state.json && $(<"$folder/state/state.json") == *'"state":"exited"'* ]]; do
  ((${EPOCHREALTIME/./} - began < 30000000)) || { echo "the command did not end within 30 s" >&2; exit 1; }
  pause 0.005
done
ended=${EPOCHREALTIME/./}
echo "$(((ended - began) / 1000))"

#!/usr/bin/env bash
# Has the instance's container started, now and at every boot. Does not wait for it.
#
# Inputs:
#   INSTANCE   id of the instance                                     (required)
#   FENCE?     operation and turn, two numbers: an older one is late   (never late)
# Prints: {"started":true}, {"started":false} when it is late; with "wasActive":true when it ran already, and not
#   because the same operation and turn had started it
set -euo pipefail
LC_ALL=C

[[ ${INSTANCE-} =~ ^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || { echo "INSTANCE is not an instance id" >&2; exit 64; }
[[ ${FENCE-} =~ ^([0-9]{1,15}\ [0-9])?$ ]] || { echo "FENCE is not two numbers" >&2; exit 64; }
[[ -f /srv/dcdget/instances/$INSTANCE/network ]] || { echo "container $INSTANCE is missing" >&2; exit 1; }

# Refuses what comes from before the last one: "SEQUENCE TURN", the larger wins.
pass_fence() {
  local file=/srv/dcdget/instances/$INSTANCE/fence sequence=0 turn=0 own_sequence own_turn
  [[ -n ${FENCE-} && -d ${file%/*} ]] || return 0
  read -r own_sequence own_turn <<<"$FENCE"
  [[ ! -f $file ]] || read -r sequence turn <"$file" || true
  ((own_sequence > sequence || (own_sequence == sequence && own_turn >= turn))) || return 1
  printf '%s\n' "$FENCE" >"$file.new"
  mv -fT "$file.new" "$file"
}
last_fence=''
if [[ -f /srv/dcdget/instances/$INSTANCE/fence ]]; then IFS= read -r last_fence <"/srv/dcdget/instances/$INSTANCE/fence" || true; fi
pass_fence || { printf '{"started":false}\n'; exit 0; }

unit=dcdget@$INSTANCE.service
boot=/etc/systemd/system/dcdget.target.wants/$unit
[[ -L $boot ]] || ln -sfnT /etc/systemd/system/dcdget@.service "$boot"
# How the run before ended says nothing about the one that begins.
state=/srv/dcdget/instances/$INSTANCE/state/state.json
was_active=''
if [[ -e $state ]] && systemctl is-active -q "$unit"; then
  [[ -n ${FENCE-} && $FENCE == "$last_fence" ]] || was_active=',"wasActive":true'
elif [[ -e $state ]]; then
  rm -f "$state" "/run/dcdget/starts-$INSTANCE"
  read -r port address <"/srv/dcdget/instances/$INSTANCE/network"
  nft add element ip dcdget hostports "{ $port : $address . 5000 }"
fi
systemctl start --no-block "$unit"
printf '{"started":true%s}\n' "$was_active"

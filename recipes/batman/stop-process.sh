#!/usr/bin/env bash
# Stops an instance, now and for the next boots; returns when it has ended.
#
# Inputs:
#   INSTANCE   id of the instance                                     (required)
#   FENCE?     operation and turn, two numbers: an older one is late   (never late)
# Prints: {"stopped":true}, {"stopped":false} when it is late
set -euo pipefail
LC_ALL=C

[[ ${INSTANCE-} =~ ^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || { echo "INSTANCE is not an instance id" >&2; exit 64; }
[[ ${FENCE-} =~ ^([0-9]{1,15}\ [0-9])?$ ]] || { echo "FENCE is not two numbers" >&2; exit 64; }

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
pass_fence || { printf '{"stopped":false}\n'; exit 0; }

unit=dcdget@$INSTANCE.service
rm -f "/etc/systemd/system/dcdget.target.wants/$unit"
# The unit kills what is left after its own TimeoutStopSec.
timeout 150 systemctl stop "$unit"
rm -f "/run/dcdget/starts-$INSTANCE"
printf '{"stopped":true}\n'

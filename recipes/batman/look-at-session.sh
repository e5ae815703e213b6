#!/usr/bin/env bash
# Tells whether a one-off session runs and how its command ended; stops it first if so told.
#
# Inputs:
#   INSTANCE   id of the instance               (required)
#   STOP       yes: it is stopped; no: it stays (required)
# Prints: {"running":true}; {"running":false,"exitCode":3}; {"running":false} when nothing tells how it ended
set -euo pipefail
LC_ALL=C

[[ ${INSTANCE-} =~ ^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || { echo "INSTANCE is not an instance id" >&2; exit 64; }
[[ ${STOP-} =~ ^(yes|no)$ ]] || { echo "STOP is neither yes nor no" >&2; exit 64; }

unit=dcdget-once@$INSTANCE.service
state=/srv/dcdget/instances/$INSTANCE/state/state.json

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

# systemd itself kills what is left when the unit's time to stop is over.
[[ $STOP == no ]] || timeout 150 systemctl stop "$unit"
# Whoever hung up a moment ago takes its container along in another one.
for ((tries = 0; tries < 20; tries += 1)); do
  [[ $(systemctl show -P ActiveState "$unit") =~ ^(active|activating|deactivating)$ ]] || break
  pause 0.05
done
if ((tries == 20)); then
  printf '{"running":true}\n'
  exit 0
fi
text=''
[[ ! -f $state || -L $state ]] || IFS= read -r text <"$state" || true
if [[ $text =~ \"state\":\"(crashed|exited)\" && $text =~ \"exitCode\":([0-9]{1,3}) ]]; then
  printf '{"running":false,"exitCode":%d}\n' "${BASH_REMATCH[1]}"
else
  printf '{"running":false}\n'
fi

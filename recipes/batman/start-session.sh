#!/usr/bin/env bash
# Starts the container of a one-off session, once: it is neither started again when it ends nor at a boot,
# and asked again this does nothing.
#
# Inputs:
#   INSTANCE   id of the instance   (required)
# Prints: {"started":true}, {"started":false} when it was started before
set -euo pipefail
LC_ALL=C

[[ ${INSTANCE-} =~ ^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || { echo "INSTANCE is not an instance id" >&2; exit 64; }
folder=/srv/dcdget/instances/$INSTANCE
[[ -f $folder/network ]] || { echo "container $INSTANCE is missing" >&2; exit 1; }

if [[ -e $folder/begun ]]; then
  printf '{"started":false}\n'
  exit 0
fi
: >"$folder/begun"
systemctl start --no-block "dcdget-once@$INSTANCE.service"
printf '{"started":true}\n'

#!/usr/bin/env bash
# Removes the environment and the command of an instance, and the folder that was made for them alone.
#
# Inputs:
#   INSTANCE   id of the instance   (required)
# Prints: {"removed":true}
set -euo pipefail
LC_ALL=C

[[ ${INSTANCE-} =~ ^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || { echo "INSTANCE is not an instance id" >&2; exit 64; }

folder=/srv/dcdget/instances/$INSTANCE
if [[ -d $folder ]]; then
  rm -rf --one-file-system "$folder/run"
  # Stays when the container is still there: remove-container takes it.
  rmdir "$folder" 2>/dev/null || true
fi
printf '{"removed":true}\n'

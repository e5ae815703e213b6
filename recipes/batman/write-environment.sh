#!/usr/bin/env bash
# Brings what ps-dock reads to the instance's folder: environment and instance, 0600, owned by the
# container's root.
#
# Inputs:
#   INSTANCE               id of the instance                                     (required)
#   ENVIRONMENT_BASE64?    KEY=VALUE records, each closed by NUL, in base64       (no record when empty)
#   INSTANCE_JSON_BASE64   what ps-dock is told about its process, in base64      (required)
# Prints: {"written":true}
set -euo pipefail
export -n ENVIRONMENT_BASE64 INSTANCE_JSON_BASE64
LC_ALL=C
umask 022

[[ ${INSTANCE-} =~ ^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || { echo "INSTANCE is not an instance id" >&2; exit 64; }

run=/srv/dcdget/instances/$INSTANCE/run
# Only the last folder is private.
# shellcheck disable=SC2174
[[ -d $run ]] || mkdir -p -m 700 "$run"
umask 077
printf %s "${ENVIRONMENT_BASE64-}" | base64 -d >"$run/.environment"
printf %s "${INSTANCE_JSON_BASE64-}" | base64 -d >"$run/.instance.json"
[[ -s $run/.instance.json ]] || { echo "INSTANCE_JSON_BASE64 is empty" >&2; exit 64; }
chown 100000:100000 "$run" "$run/.environment" "$run/.instance.json"
mv -fT "$run/.environment" "$run/environment"
mv -fT "$run/.instance.json" "$run/instance.json"
printf '{"written":true}\n'

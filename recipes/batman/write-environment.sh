#!/usr/bin/env bash
# Brings what ps-dock reads to the instance's folder: environment and instance, for the container's root
# alone.
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
# What bash passes through a file it puts here, in memory: a secret never meets a disk but where it belongs.
TMPDIR=/run
# The container's root reads by group 100000; its app has no part in that group.
[[ -d $run ]] || install -d -m 2750 -o 0 -g 100000 "$run"
umask 027

# Nobody reads them before the start: only what is there already is replaced by a rename.
write() {
  local path=$run/$1 fresh=$run/$1
  [[ ! -e $path ]] || fresh=$run/.$1
  base64 -d <<<"$2" >"$fresh"
  [[ $fresh == "$path" ]] || mv -fT "$fresh" "$path"
}

[[ ${INSTANCE_JSON_BASE64-} == ?* ]] || { echo "INSTANCE_JSON_BASE64 is empty" >&2; exit 64; }
write environment "${ENVIRONMENT_BASE64-}"
write instance.json "$INSTANCE_JSON_BASE64"
printf '{"written":true}\n'

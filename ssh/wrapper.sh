#!/usr/bin/env bash
# What SSH runs, always this text, as: bash -c TEXT dcdget SHA256 NONCE LOCK SECONDS URL
#
# It takes the inputs from stdin (NUL-closed NAME=value records, ended by an empty one), brings the script by
# its hash (cache, then the API over HTTPS, then the same stdin), checks the hash that came over SSH, and runs
# it under its lock and deadline. The inputs are shell variables of the script and of nothing that it starts:
# no child inherits a secret, and none is too large for an exec. The run counts as done only with the closing
# line that carries the nonce.
set -u
umask 077
sha=$1 nonce=$2 lock=$3 seconds=$4 url=$5
inputs=()
while IFS= read -r -d '' entry && [ -n "$entry" ]; do
  case $entry in
    DCDGET_CA=* | DCDGET_RECIPE_TOKEN=*) declare "$entry" ;;
    *) inputs+=("$entry") ;;
  esac
done
assignments() {
  echo 'unset BASH_ENV'
  for entry in "${inputs[@]}"; do printf '%s=%q\n' "${entry%%=*}" "${entry#*=}"; done
}
folder=/var/lib/dcdget/recipes
stdin_is_used=
script=$folder/$sha.sh
is_whole() { [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$sha  -" ]; }
fetch() {
  curl -fsS --proto =https --connect-timeout 3 --max-time 20 --cacert <(printf %s "$DCDGET_CA") \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$DCDGET_RECIPE_TOKEN") -o "$1" "$url" 2>/dev/null </dev/null
}
if ! is_whole "$script"; then
  mkdir -p "$folder"
  fresh=$(mktemp "$folder/.fresh.XXXXXX")
  if ! { fetch "$fresh" && is_whole "$fresh"; }; then
    printf '\ndcdget-need %s\n' "$nonce"
    cat >"$fresh"
    stdin_is_used=1
    is_whole "$fresh" || { rm -f "$fresh"; echo "recipe $sha did not arrive whole" >&2; exit 66; }
  fi
  mv -f "$fresh" "$script"
fi
mkdir -p /run/dcdget/locks
exec 9>"/run/dcdget/locks/$lock"
flock -w "$seconds" 9 || { echo "another recipe held the lock $lock for $seconds seconds" >&2; exit 73; }
# The end of stdin is the caller's end: what was given up while it waited may have been undone since.
if [ -z "$stdin_is_used" ] && read -rt 0; then echo "the caller left before the recipe began" >&2; exit 74; fi
code=0
BASH_ENV=<(assignments) timeout --kill-after=5 "$seconds" bash --noprofile --norc -euo pipefail "$script" </dev/null || code=$?
printf '\ndcdget-done %s %s\n' "$nonce" "$code"
exit "$code"

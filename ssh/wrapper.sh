#!/usr/bin/env bash
# What SSH runs, always this text, as: bash -c TEXT dcdget SHA256 NONCE LOCK SECONDS URL
#
# It takes from stdin one line, "BYTES CA-BYTES TOKEN", then so many bytes of assignments, the script's inputs, and
# so many of the CA's certificate. It brings the script by its hash (cache, then the API over HTTPS, then the same
# stdin), checks the hash that came over SSH, and runs it under its lock and deadline. The inputs are shell variables
# of the script and of nothing that it starts: no child inherits a secret, and none is too large for an exec. The run
# counts as done only with the closing line that carries the nonce.
#
# Every program that it starts costs each step of each operation a millisecond or two.
set -u
umask 077
# What bash passes in a file and not in a pipe stays in memory.
TMPDIR=/run
sha=$1 nonce=$2 lock=$3 seconds=$4 url=$5
take_inputs() {
  # Counted in bytes.
  local LC_ALL=C bytes ca_bytes
  read -r bytes ca_bytes token && IFS= read -rN "$bytes" inputs && IFS= read -rN "$ca_bytes" ca
}
take_inputs || { echo "the inputs did not arrive whole" >&2; exit 65; }
folder=/var/lib/dcdget/recipes
stdin_is_used=
script=$folder/$sha.sh
is_whole() { [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$sha  -" ]; }
# Hashed once in each boot: after a power cut a script may be there and not be whole.
known=/run/dcdget/recipes/$sha
fetch() {
  curl -fsS --proto =https --connect-timeout 3 --max-time 20 --cacert <(printf %s "$ca") \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") -o "$1" "$url" 2>/dev/null </dev/null
}
bring() {
  mkdir -p "$folder"
  fresh=$(mktemp "$folder/.fresh.XXXXXX")
  if ! { fetch "$fresh" && is_whole "$fresh"; }; then
    printf '\ndcdget-need %s\n' "$nonce"
    cat >"$fresh"
    stdin_is_used=1
    is_whole "$fresh" || { rm -f "$fresh"; echo "recipe $sha did not arrive whole" >&2; exit 66; }
  fi
  mv -f "$fresh" "$script"
}
if [ ! -e "$known" ] || [ ! -f "$script" ]; then
  is_whole "$script" || bring
  mkdir -p /run/dcdget/locks "${known%/*}"
  : >"$known"
fi
exec 9>"/run/dcdget/locks/$lock"
flock -w "$seconds" 9 || { echo "another recipe held the lock $lock for $seconds seconds" >&2; exit 73; }
# The end of stdin is the caller's end: what was given up while it waited may have been undone since.
if [ -z "$stdin_is_used" ] && read -rt 0; then echo "the caller left before the recipe began" >&2; exit 74; fi
code=0
BASH_ENV=/dev/fd/8 timeout --kill-after=5 "$seconds" bash --noprofile --norc -euo pipefail "$script" </dev/null \
  8<<<"unset BASH_ENV; exec 8<&-"$'\n'"$inputs" || code=$?
printf '\ndcdget-done %s %s\n' "$nonce" "$code"
exit "$code"

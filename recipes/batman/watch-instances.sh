#!/usr/bin/env bash
# Watches instances for a while; returns early as soon as one of them ends or is started again.
#
# Inputs:
#   INSTANCES?      ids, space separated       (none: nothing to watch)
#   WATCH_SECONDS   how long, 0 for one look   (required)
# Prints: {"steady":true} or {"steady":false,"instance":"…","reason":"crashed|restarted|missing","output":"last lines"}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/watch-instances: $1" >&2
  exit 64
}
[[ ${WATCH_SECONDS-} =~ ^[0-9]{1,4}$ ]] || refuse "WATCH_SECONDS is not a number of seconds"
[[ ${INSTANCES-} =~ ^[a-z0-9_.\ -]*$ ]] || refuse "INSTANCES is not a list of instance ids"
for instance in ${INSTANCES-}; do
  [[ $instance =~ ^[a-z][a-z0-9-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || refuse "INSTANCES holds what is not an instance id"
done

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

# The instance's own last lines since its process began, as the inside of a JSON string.
last_lines() {
  local id=$1 app=$2 process=$3
  local file=/srv/dcdget/apps/$app/log/$process.log size from=0 since='' lines
  [[ ${text-} =~ \"startedAt\":\"([0-9T:.Z-]+)\" ]] && since=${BASH_REMATCH[1]}
  size=$(stat -c %s "$file" 2>/dev/null || echo 0)
  ((size > 262144)) && from=$((size - 262144))
  lines=$(dd if="$file" iflag=nofollow,skip_bytes skip="$from" bs=64k status=none 2>/dev/null |
    awk -v id="$id" -v since="$since" '$2 == id && $1 >= since { sub(/^[^ ]+ [^ ]+ . /, ""); print substr($0, 1, 2000) }' |
    tail -n 50 | tail -c 16000) || true
  # Without a word from ps-dock it is LXC that failed.
  if [[ -z $lines && -s /run/dcdget/lxc-$id.log ]]; then lines=$(tail -n 20 "/run/dcdget/lxc-$id.log"); fi
  lines=$(printf %s "$lines" | iconv -c -f utf-8 -t utf-8 | tr -d '\000-\010\013-\037\177')
  lines=${lines//\\/\\\\}
  lines=${lines//\"/\\\"}
  lines=${lines//$'\t'/\\t}
  printf %s "${lines//$'\n'/\\n}"
}

unsteady() {
  local instance=$1 rest=${1#*.}
  local app=${instance%%.*} number
  number=${rest#*.}
  printf '{"steady":false,"instance":"%s","reason":"%s","output":"%s"}\n' "$instance" "$2" \
    "$(last_lines "$instance" "$app" "${rest%%.*}.${number%%.*}")"
  exit 0
}

look() {
  local instance=$1 count=1
  text=''
  local folder=/srv/dcdget/instances/$instance
  [[ -d $folder ]] || unsteady "$instance" missing
  if [[ -f $folder/state/state.json && ! -L $folder/state/state.json ]]; then
    IFS= read -r text <"$folder/state/state.json" || true
  fi
  case $text in
    *'"state":"crashed"'* | *'"state":"exited"'*) unsteady "$instance" crashed ;;
  esac
  [[ ! -f /run/dcdget/starts-$instance ]] || read -r count _ <"/run/dcdget/starts-$instance" || true
  ((count <= 1)) || unsteady "$instance" restarted
}

deadline=$((${EPOCHREALTIME/./} + WATCH_SECONDS * 1000000))
while :; do
  for instance in ${INSTANCES-}; do look "$instance"; done
  ((${EPOCHREALTIME/./} < deadline)) || break
  pause 0.05
done
printf '{"steady":true}\n'

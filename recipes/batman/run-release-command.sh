#!/usr/bin/env bash
# Runs the instance's command once, to its end. Asked again, it waits for the run that is under way or
# tells how it ended: a command that changes data is not run twice. The container is left for
# remove-container.
#
# Inputs:
#   INSTANCE          id of the instance                                 (required)
#   APP?              not needed: part of the id
#   PROCESS?          not needed: part of the id
#   TIMEOUT_SECONDS   how long it may take                               (required)
#   AGAIN?            yes: one that was cut off begins anew              (it is told of)
# Prints: {"exitCode":0,"output":"last lines"}; {"exitCode":124,"timedOut":true,"output":"…"} when it took too long;
#   {"unknown":true,"output":"…"} when it was cut off before its end
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/run-release-command: $1" >&2
  exit 64
}
[[ ${INSTANCE-} =~ ^([a-z][a-z0-9-]{1,28}[a-z0-9])\.([a-z][a-z0-9_-]{0,29}\.[0-9]{1,6})\.v[0-9]+\.[0-9]+$ ]] || refuse "INSTANCE is not an instance id"
app=${BASH_REMATCH[1]}
process=${BASH_REMATCH[2]}
[[ ${TIMEOUT_SECONDS-} =~ ^[1-9][0-9]{0,4}$ ]] || refuse "TIMEOUT_SECONDS is not a number of seconds"

folder=/srv/dcdget/instances/$INSTANCE
unit=dcdget-once@$INSTANCE.service
begun=$folder/begun
[[ -f $folder/network ]] || { echo "container $INSTANCE is missing" >&2; exit 1; }

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

# The instance's own last lines since its process began, as the inside of a JSON string.
last_lines() {
  local file=/srv/dcdget/apps/$app/log/$process.log size from=0 since='' lines
  [[ ${text-} =~ \"startedAt\":\"([0-9T:.Z-]+)\" ]] && since=${BASH_REMATCH[1]}
  size=$(stat -c %s "$file" 2>/dev/null || echo 0)
  ((size > 262144)) && from=$((size - 262144))
  lines=$(dd if="$file" iflag=nofollow,skip_bytes skip="$from" bs=64k status=none 2>/dev/null |
    awk -v id="$INSTANCE" -v since="$since" '$2 == id && $1 >= since { sub(/^[^ ]+ [^ ]+ . /, ""); print substr($0, 1, 2000) }' |
    tail -n 50 | tail -c 16000) || true
  # Without a word from ps-dock it is LXC that failed.
  if [[ -z $lines && -s /run/dcdget/lxc-$INSTANCE.log ]]; then lines=$(tail -n 20 "/run/dcdget/lxc-$INSTANCE.log"); fi
  lines=$(printf %s "$lines" | iconv -c -f utf-8 -t utf-8 | tr -d '\000-\010\013-\037\177')
  lines=${lines//\\/\\\\}
  lines=${lines//\"/\\\"}
  lines=${lines//$'\t'/\\t}
  printf %s "${lines//$'\n'/\\n}"
}

answer() {
  printf '{"exitCode":%d,%s"output":"%s"}\n' "$1" "${2-}" "$(last_lines)"
  exit 0
}

# It stays so until somebody has decided.
tell_unknown() {
  printf '{"unknown":true,"output":"%s"}\n' "$(last_lines)"
  exit 0
}

# Sets `exit_code` when the command has ended.
read_ending() {
  text='' exit_code=''
  [[ -f $folder/state/state.json && ! -L $folder/state/state.json ]] || return 0
  IFS= read -r text <"$folder/state/state.json" || true
  [[ $text =~ \"state\":\"(crashed|exited)\" && $text =~ \"exitCode\":([0-9]+) ]] && exit_code=${BASH_REMATCH[1]}
  return 0
}

now_seconds() { printf -v now '%(%s)T' -1; }

# Whatever of the container's first moment is left: after a reboot only what is on the disk.
has_run() { [[ -e /run/dcdget/starts-$INSTANCE || -e $folder/state/state.json || -e $folder/upper/.dcdget ]]; }

now_seconds
if [[ -f $folder/unknown ]]; then
  [[ ${AGAIN-} == yes ]] || tell_unknown
  rm -f "$begun" "/run/dcdget/starts-$INSTANCE" "$folder/state/state.json"
  rm -f "$folder/unknown"
fi
read_ending
[[ ! -f $folder/timed-out ]] || answer 124 '"timedOut":true,'
if [[ -f $begun ]] && has_run; then
  read -r since <"$begun"
else
  since=$now
  printf '%s\n' "$since" >"$begun"
  systemctl start --no-block "$unit"
fi
looks=0
while :; do
  read_ending
  [[ -z $exit_code ]] || answer "$exit_code"
  now_seconds
  if ((now - since >= TIMEOUT_SECONDS)); then
    : >"$folder/timed-out"
    timeout 150 systemctl stop "$unit"
    answer 124 '"timedOut":true,'
  fi
  # Neither under way nor ended: the server went down meanwhile, or LXC failed.
  if ((++looks % 25 == 0)) && ! systemctl -q is-active "$unit"; then
    read_ending
    [[ -z $exit_code ]] || answer "$exit_code"
    : >"$folder/unknown"
    tell_unknown
  fi
  pause 0.02
done

#!/usr/bin/env bash
# Watches how instances answer through this router for a while; returns early when they mostly fail.
#
# Inputs:
#   INSTANCES       ids, space separated                               (required)
#   WATCH_SECONDS   how long, 0 for one look                           (required)
# Prints: {"steady":true,"requests":120,"errors":0} or
#   {"steady":false,"requests":40,"errors":21,"output":"the last failed requests"}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "nginx/watch-release: $1" >&2
  exit 64
}
[[ ${INSTANCES-} =~ ^[a-z0-9_.\ -]+$ ]] || refuse "INSTANCES is not a list of instance ids"
[[ ${WATCH_SECONDS-} =~ ^[0-9]{1,4}$ ]] || refuse "WATCH_SECONDS is not a number of seconds"

log=/var/log/nginx/dcdget.log
# A few errors are the app's own affair; so many of so many are a bad release.
least_errors=10
most_percent=25

# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

# Adds what was written since the last look; the log may have been rotated meanwhile.
count() {
  local file=0 size=0 more_requests=0 more_errors=0
  read -r file size < <(stat -c '%i %s' "$log" 2>/dev/null || echo 0 0)
  if [[ $file != "$inode" ]]; then
    inode=$file offset=0
  fi
  ((size > offset)) || return 0
  read -r more_requests more_errors < <(tail -c "+$((offset + 1))" "$log" | head -c $((size - offset)) |
    awk -v ids=" $INSTANCES " 'index(ids, " " $4 " ") { requests++; if ($0 ~ /" 5[0-9][0-9] /) errors++ }
      END { print requests + 0, errors + 0 }')
  offset=$size
  requests=$((requests + more_requests)) errors=$((errors + more_errors))
}

# The inside of a JSON string.
failed_requests() {
  local lines
  lines=$(tail -c 4000000 "$log" | awk -v ids=" $INSTANCES " 'index(ids, " " $4 " ") && /" 5[0-9][0-9] /' | tail -n 20 | tail -c 8000 | tr -cd '\012\040-\176')
  lines=${lines//\\/\\\\}
  lines=${lines//\"/\\\"}
  printf %s "${lines//$'\n'/\\n}"
}

requests=0 errors=0
read -r inode offset < <(stat -c '%i %s' "$log" 2>/dev/null || echo 0 0)
# Nginx writes what it has logged every 200 ms.
deadline=$((${EPOCHREALTIME/./} + WATCH_SECONDS * 1000000 + 250000))
while :; do
  count
  if ((errors >= least_errors && errors * 100 > requests * most_percent)); then
    printf '{"steady":false,"requests":%d,"errors":%d,"output":"%s"}\n' "$requests" "$errors" "$(failed_requests)"
    exit 0
  fi
  ((${EPOCHREALTIME/./} < deadline)) || break
  pause 0.2
done
printf '{"steady":true,"requests":%d,"errors":%d}\n' "$requests" "$errors"

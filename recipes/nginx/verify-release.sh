#!/usr/bin/env bash
# Asks this router as a client would: one of the given instances answers under the app's host name.
#
# Inputs:
#   HOST               host name of the app                                          (required)
#   INSTANCES          ids that may answer, space separated                          (required)
#   PATH_TO_ASK?       what is asked for                                             (/ when empty)
#   TIMEOUT_SECONDS?   how long it may take                                          (10 when empty)
# Prints: {"verified":true,"instance":"…","status":200} or {"verified":false,"reason":"one sentence"}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "nginx/verify-release: $1" >&2
  exit 64
}
[[ ${HOST-} =~ ^[a-z0-9][a-z0-9.-]*$ && ${#HOST} -le 253 ]] || refuse "HOST is not a host name"
[[ ${INSTANCES-} =~ ^[a-z0-9_.\ -]+$ ]] || refuse "INSTANCES is not a list of instance ids"
[[ ${PATH_TO_ASK:=/} =~ ^/[A-Za-z0-9._~:/?@\!\$\&\'()*+,\;=%-]*$ && ${#PATH_TO_ASK} -le 1024 ]] || refuse "PATH_TO_ASK is not a path"
[[ ${TIMEOUT_SECONDS:=10} =~ ^[1-9][0-9]{0,3}$ ]] || refuse "TIMEOUT_SECONDS is not a number of seconds"

exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

# Prints status and instance, "-" for what is not there.
ask() {
  local line status=- instance=-
  exec {http}<>/dev/tcp/127.0.0.1/80 || return 0
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: dcdget-verify\r\nDcdget-Verify: 1\r\nConnection: close\r\n\r\n' "$PATH_TO_ASK" "$HOST" >&"$http"
  while IFS= read -rt "$TIMEOUT_SECONDS" line <&"$http"; do
    line=${line%$'\r'}
    [[ -n $line ]] || break
    [[ $line =~ ^HTTP/1\.[01]\ ([1-5][0-9][0-9]) ]] && status=${BASH_REMATCH[1]}
    [[ $line =~ ^Dcdget-Instance:\ ([a-z0-9_.-]+)$ ]] && instance=${BASH_REMATCH[1]}
  done
  exec {http}<&-
  printf '%s %s\n' "$status" "$instance"
}

deadline=$((${EPOCHREALTIME/./} + TIMEOUT_SECONDS * 1000000))
while :; do
  status=- instance=-
  read -r status instance < <(ask 2>/dev/null) || true
  if [[ $status != - && $status != 50[234] && " $INSTANCES " == *" $instance "* ]]; then
    printf '{"verified":true,"instance":"%s","status":%d}\n' "$instance" "$status"
    exit 0
  fi
  ((${EPOCHREALTIME/./} < deadline)) || break
  pause 0.05
done

if [[ $status == - ]]; then
  reason="Nginx does not answer on port 80."
elif [[ $instance == - ]]; then
  reason="The router answers $status for $HOST by itself."
elif [[ " $INSTANCES " != *" $instance "* ]]; then
  reason="Instance $instance answers for $HOST, which is none of the new release."
else
  reason="Instance $instance answers for $HOST with status $status."
fi
printf '{"verified":false,"reason":"%s"}\n' "$reason"

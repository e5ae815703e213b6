#!/usr/bin/env bash
# Tells whether a started instance is healthy: a web process once it answers an HTTP GET with a status
# below 500 (many an API has nothing at /), any other once it has stayed up for a while. Returns as soon as that is known.
#
# With ATTEMPTS it makes the check that the app declares: so many GETs once the process is up, the first that is
# answered with a status below 400, and holds the content, counts. Without PATH_TO_CHECK a connect is enough.
#
# Inputs:
#   INSTANCE          id of the instance                                 (required)
#   ADDRESS           the container's IPv4 address                       (required)
#   PORT?             port that must answer                              (empty: not a web process)
#   PATH_TO_CHECK?    what the GET asks for                              (/ when empty)
#   HOST?             Host header of the GET                             (localhost when empty)
#   TIMEOUT_SECONDS   how long it may take; with ATTEMPTS, until it is up  (required)
#   SETTLE_MS?        how long it must stay up before it counts as healthy (500 without PORT, else 0)
#   ATTEMPTS?         how many GETs it has                               (any number, one after the other)
#   DELAY_SECONDS?    pause before the first                             (0 when empty)
#   ATTEMPT_SECONDS?  how long one may take                              (5 when empty)
#   WAIT_SECONDS?     pause between two                                  (0 when empty)
#   CONTENT_BASE64?   what the answer must hold                          (anything)
# Prints: {"healthy":true,"millis":120} or {"healthy":false,"reason":"crashed|never-listened|wrong-port|
#   only-localhost|status|content|timeout","detail":"one sentence","exitCode":1,"output":"last lines"}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/check-health: $1" >&2
  exit 64
}
[[ ${INSTANCE-} =~ ^([a-z][a-z0-9-]{1,28}[a-z0-9])\.([a-z][a-z0-9_-]{0,29}\.[0-9]{1,6})\.v[0-9]+\.[0-9]+$ ]] || refuse "INSTANCE is not an instance id"
app=${BASH_REMATCH[1]}
process=${BASH_REMATCH[2]}
[[ ${ADDRESS-} =~ ^10\.213\.[0-9]{1,3}\.[0-9]{1,3}$ ]] || refuse "ADDRESS is not a container address"
[[ ${PORT-} =~ ^([1-9][0-9]{0,4})?$ ]] || refuse "PORT is not a port"
asks_to_connect=$([[ -n ${PATH_TO_CHECK-} ]] || echo yes)
[[ ${PATH_TO_CHECK:=/} =~ ^/[A-Za-z0-9._~:/?@\!\$\&\'()*+,\;=%-]*$ && ${#PATH_TO_CHECK} -le 1024 ]] || refuse "PATH_TO_CHECK is not a path"
[[ ${HOST:=localhost} =~ ^[A-Za-z0-9.-]+(:[0-9]+)?$ && ${#HOST} -le 259 ]] || refuse "HOST is not a host name"
[[ ${TIMEOUT_SECONDS-} =~ ^[1-9][0-9]{0,3}$ ]] || refuse "TIMEOUT_SECONDS is not a number of seconds"
[[ ${SETTLE_MS:=$([[ -n ${PORT-} ]] && echo 0 || echo 500)} =~ ^[0-9]{1,7}$ ]] || refuse "SETTLE_MS is not a number of milliseconds"
[[ ${ATTEMPTS-} =~ ^([1-9][0-9]{0,2})?$ ]] || refuse "ATTEMPTS is not a number"
[[ ${DELAY_SECONDS:=0}.${ATTEMPT_SECONDS:=5}.${WAIT_SECONDS:=0} =~ ^[0-9]{1,4}\.[1-9][0-9]{0,3}\.[0-9]{1,4}$ ]] || refuse "a time of the check is not a number of seconds"
[[ ${CONTENT_BASE64-} =~ ^[A-Za-z0-9+/=]*$ ]] || refuse "CONTENT_BASE64 is not base64"

state_file=/srv/dcdget/instances/$INSTANCE/state/state.json
ended_file=/srv/dcdget/instances/$INSTANCE/ended
starts=/run/dcdget/starts-$INSTANCE
probe_seconds=5
warm_up_requests=10
warm_up_seconds=2

now_ms() { now=$((${EPOCHREALTIME/./} / 1000)); }
# A wait without a fork: nothing is ever written to this pipe.
exec {quiet}<> <(:)
pause() { read -rt "$1" -u "$quiet" || true; }

read_state() {
  local file=$1
  text='' state='' exit_code='' listening=''
  [[ -f $file && ! -L $file ]] || return 0
  IFS= read -r text <"$file" || true
  [[ $text =~ \"state\":\"([a-z]+)\" ]] && state=${BASH_REMATCH[1]}
  [[ $text =~ \"exitCode\":([0-9]+) ]] && exit_code=${BASH_REMATCH[1]}
  [[ $text =~ \"listening\":\[(.*)\],\"exitCode\" ]] && listening=${BASH_REMATCH[1]//[^0-9a-f.:,\[\]]/}
  return 0
}

# Started more than once: it ended in between, even if it is up again.
has_restarted() {
  local count=1
  [[ ! -f $starts ]] || read -r count _ <"$starts" || true
  ((count > 1))
}

# Prints the status that the instance answers with, nothing when it does not.
probe() {
  local line
  exec {http}<>"/dev/tcp/$ADDRESS/$PORT" || return 0
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: dcdget-health\r\nX-Forwarded-Proto: https\r\nAccept: */*\r\nConnection: close\r\n\r\n' "$PATH_TO_CHECK" "$HOST" >&"$http"
  read -r line <&"$http" || true
  [[ $line =~ ^HTTP/1\.[01]\ ([1-5][0-9][0-9]) ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# In a process of its own, since a connect has no time limit in bash.
ask() {
  local left_ms=$((deadline - now)) seconds=$probe_seconds answer
  ((left_ms < probe_seconds * 1000)) && seconds=$((left_ms / 1000)).$(((left_ms % 1000) / 100 + 1))
  status=''
  exec {answer}< <(probe 2>/dev/null)
  local prober=$!
  read -rt "$seconds" -u "$answer" status || true
  [[ -n $status ]] || kill "$prober" 2>/dev/null || true
  exec {answer}<&-
}

# The first answers of a process are its slowest: these are for nobody. What answers one at a time closes earlier.
send_some() {
  local number request
  printf -v request 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: dcdget-health\r\nX-Forwarded-Proto: https\r\nAccept: */*\r\n' "$PATH_TO_CHECK" "$HOST"
  exec {http}<>"/dev/tcp/$ADDRESS/$PORT" || return 0
  for ((number = 1; number < warm_up_requests; number += 1)); do printf '%s\r\n' "$request"; done >&"$http"
  printf '%sConnection: close\r\n\r\n' "$request" >&"$http"
  timeout "$warm_up_seconds" cat <&"$http" >/dev/null
}

warm_up() {
  local answer
  exec {answer}< <(send_some 2>/dev/null)
  read -rt "$warm_up_seconds" -u "$answer" || true
  exec {answer}<&-
}

# One GET of the declared check, answered as it is meant to be.
try() {
  local body code
  if [[ -n $asks_to_connect ]]; then
    status=000
    # shellcheck disable=SC2016  # expanded by the bash that connects
    timeout "$ATTEMPT_SECONDS" bash -c ': <>"/dev/tcp/$1/$2"' connect "$ADDRESS" "$PORT" 2>/dev/null
    return
  fi
  body=$(mktemp -p /run dcdget-health.XXXXXX)
  # What curl may write is bounded by the shell: an answer need not tell its size.
  status=$(ulimit -f 4096 && exec curl --silent --output "$body" --max-time "$ATTEMPT_SECONDS" --noproxy '*' --globoff \
    --header "Host: $HOST" --header 'X-Forwarded-Proto: https' --user-agent dcdget-health \
    --write-out '%{http_code}' "http://$ADDRESS:$PORT$PATH_TO_CHECK" </dev/null) || true
  [[ $status =~ ^[0-9]{3}$ ]] || status=000
  is_missing=''
  if [[ $status == [23]?? && -n ${CONTENT_BASE64-} ]]; then
    code=0
    grep -qF -e "$(base64 -d <<<"$CONTENT_BASE64")" "$body" || code=$?
    ((code == 0)) || is_missing=yes
  fi
  rm -f "$body"
  [[ $status == [23]?? && -z $is_missing ]]
}

# While it waits, the process may end.
wait_up() {
  local until
  now_ms
  until=$((now + $1))
  while ((now < until)); do
    look
    pause 0.05
    now_ms
  done
}

check() {
  local attempt
  wait_up $((DELAY_SECONDS * 1000))
  for ((attempt = 1; attempt <= ATTEMPTS; attempt += 1)); do
    if try; then
      [[ -n $asks_to_connect ]] || warm_up
      wait_up "$SETTLE_MS"
      now_ms
      healthy
    fi
    look
    ((attempt == ATTEMPTS)) || wait_up $((WAIT_SECONDS * 1000))
  done
  local times="in $ATTEMPTS attempts"
  ((ATTEMPTS > 1)) || times='in one attempt'
  [[ -z $asks_to_connect ]] || unhealthy never-listened "The app does not listen on port $PORT, $times."
  [[ -z $is_missing ]] || unhealthy content "The answer to GET $PATH_TO_CHECK does not hold the expected content, $times."
  [[ $status == 000 ]] || unhealthy status "The app answers GET $PATH_TO_CHECK with status $status, $times."
  unhealthy timeout "The app did not answer GET $PATH_TO_CHECK on port $PORT within $ATTEMPT_SECONDS seconds, $times."
}

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

unhealthy() {
  printf '{"healthy":false,"reason":"%s","detail":"%s",%s"output":"%s"}\n' "$1" "$2" "${exit_code:+\"exitCode\":$exit_code,}" "$(last_lines)"
  exit 0
}

# It booted with a part of its share of the processors; from now on it serves.
catch_up() {
  local file key value share='' unit=dcdget.slice/dcdget@$INSTANCE.service
  while read -r key _ value; do
    [[ $key != lxc.cgroup*.cpu.* ]] || share=$value
  done <"/srv/dcdget/instances/$INSTANCE/config"
  for file in /sys/fs/cgroup/{"$unit"/cpu.weight,cpu/{"$unit",lxc.payload."$INSTANCE"{,-[0-9]*}}/cpu.shares}; do
    [[ -z $share || ! -w $file ]] || printf '%s\n' "$share" >"$file"
  done
}

healthy() {
  catch_up
  printf '{"healthy":true,"millis":%d}\n' $((now - began))
  exit 0
}

# What kept a web process from being healthy until the deadline.
explain() {
  local address ports=()
  case $status in
    5??) unhealthy status "The app answers GET $PATH_TO_CHECK with status $status." ;;
  esac
  for address in ${listening//,/ }; do
    [[ ${address##*:} == "$PORT" ]] && ports+=(own) || ports+=("${address##*:}")
  done
  if [[ $state == up ]]; then
    unhealthy timeout "The app listens on port $PORT but did not answer GET $PATH_TO_CHECK within $TIMEOUT_SECONDS seconds."
  elif [[ " ${ports[*]-} " == *" own "* ]]; then
    unhealthy only-localhost "The app listens on ${listening//,/, } only: it must listen on 0.0.0.0, port \$PORT."
  elif ((${#ports[@]})); then
    unhealthy wrong-port "The app listens on port ${ports[*]} instead of \$PORT, which is $PORT."
  fi
  unhealthy never-listened "The app did not listen on port \$PORT ($PORT) within $TIMEOUT_SECONDS seconds."
}

# Ends the check when the process has ended.
look() {
  read_state "$state_file"
  case $state in
    crashed | exited) unhealthy crashed "The process ended with status ${exit_code:-unknown} instead of staying up." ;;
  esac
  has_restarted || return 0
  read_state "$ended_file"
  unhealthy crashed "The process ended and had to be started again."
}

status='' state='' listening='' exit_code='' is_missing=''
now_ms
began=$now
deadline=$((began + TIMEOUT_SECONDS * 1000))
up_since=''
while :; do
  look
  now_ms
  if [[ $state == up ]]; then
    : "${up_since:=$now}"
    if [[ -n ${ATTEMPTS-} ]]; then
      check
    elif [[ -z ${PORT-} ]]; then
      # It is up: how long it must stay so is no part of how long it may take to be.
      ((now - up_since < SETTLE_MS)) || healthy
      pause 0.01
      continue
    else
      ask
      now_ms
      if [[ $status == [1234]?? ]]; then
        warm_up
        healthy
      fi
      pause 0.03
    fi
  fi
  if ((now >= deadline)); then
    [[ -n ${PORT-} ]] || unhealthy timeout "The process did not stay up within $TIMEOUT_SECONDS seconds."
    explain
  fi
  # A tenth of what it has taken so far, from 10 to 100 ms: many may start at once.
  printf -v rest '0.%03d' $((now - began < 100 ? 10 : now - began > 1000 ? 100 : (now - began) / 10))
  pause "$rest"
done

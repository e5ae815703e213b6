#!/usr/bin/env bats
# shellcheck disable=SC2016  # what looks like an expansion is meant to arrive as it is
# The fence of a router: which route wins, whatever comes late, twice or forged.

setup_file() {
  # One private /srv and /run for the whole file, kept by a process that the tests enter.
  unshare --mount --propagation private bash -c 'mount -t tmpfs none /srv && mount -t tmpfs none /run && echo ready && exec sleep 600' >"$BATS_FILE_TMPDIR/ready" 3>&- &
  export HOLDER=$!
  until [ -s "$BATS_FILE_TMPDIR/ready" ]; do sleep 0.02; done
}

teardown_file() {
  kill "$HOLDER"
}

setup() {
  cd "$BATS_TEST_DIRNAME" || return
  inside rm -rf /srv/dcdget /run/dcdget
  inside mkdir -p /srv/dcdget/router/apps /srv/dcdget/router/hosts /srv/dcdget/router/fences
}

id=11111111-2222-3333-4444-555555555555
other_id=99999999-2222-3333-4444-555555555555

inside() { nsenter --target "$HOLDER" --mount --wd="$PWD" "$@"; }

# route_text SEQUENCE [APP [APP_ID [HOST]]]
route_text() {
  printf '{"app":"%s","appId":"%s","sequence":%s,"step":12,"version":1,"hosts":["%s"],"state":"serving","instances":[{"id":"a.web.1.v1.1","process":"web.1","host":"198.18.0.2","port":20000}]}' \
    "${2:-hello}" "${3:-$id}" "$1" "${4:-hello.example.com}"
}

call() {
  local recipe=$1
  shift
  run inside env "$@" bash --noprofile --norc -euo pipefail "nginx/$recipe.sh"
}

# update SEQUENCE STEP [TEXT [HOSTS]]
update() {
  local text=${3-$(route_text "$1")}
  call update-route APP=hello APP_ID="$id" SEQUENCE="$1" STEP="$2" ROUTE_BASE64="$(printf %s "$text" | base64 -w0)" HOSTS="${4-hello.example.com}"
}

# restore SEQUENCE [TEXT [HOSTS]]
restore() {
  call restore-route APP=hello APP_ID="$id" SEQUENCE="$1" STEP=12 ROUTE_BASE64="$(printf %s "${2-}" | base64 -w0)" HOSTS="${3-}"
}

served() { inside cat /srv/dcdget/router/hosts/"${1:-hello.example.com}"; }

answers() {
  if [ "$status" -ne 0 ] || [ "${lines[-1]}" != "$1" ]; then
    echo "status $status: $output"
    return 1
  fi
}
applied='{"applied":true}'
fenced='{"applied":false,"reason":"fenced"}'

@test "a route is served under its hosts" {
  update 5 12
  answers "$applied"
  [ "$(served)" = "$(route_text 5)" ]
}

@test "an older operation and an earlier step are refused" {
  update 5 12
  update 4 99
  answers "$fenced"
  update 5 11
  answers "$fenced"
  [ "$(served)" = "$(route_text 5)" ]
}

@test "the same step may come again with the same route, not with another" {
  update 5 12
  update 5 12
  answers "$applied"
  update 5 12 "$(route_text 5 | sed s/20000/20001/)"
  answers "$fenced"
  [ "$(served)" = "$(route_text 5)" ]
}

@test "a route that was cut off before it was written comes with the next try" {
  update 5 12
  inside rm /srv/dcdget/router/apps/hello.json /srv/dcdget/router/hosts/hello.example.com
  update 5 12
  answers "$applied"
  [ "$(served)" = "$(route_text 5)" ]
}

@test "an undone step brings the previous route back and stays undone" {
  update 5 12
  update 6 12
  restore 6 "$(route_text 5)" hello.example.com
  answers "$applied"
  [ "$(served)" = "$(route_text 5)" ]
  update 6 12
  answers "$fenced"
  [ "$(served)" = "$(route_text 5)" ]
}

@test "an undo of an older operation is refused" {
  update 5 12
  update 6 12
  restore 5 "" ""
  answers "$fenced"
  [ "$(served)" = "$(route_text 6)" ]
}

@test "the undo of a first deploy leaves neither route nor host" {
  update 5 12
  restore 5
  answers "$applied"
  [ -z "$(inside find /srv/dcdget/router/apps /srv/dcdget/router/hosts -mindepth 1)" ]
  restore 5
  answers "$applied"
}

@test "a destroyed app never comes back, whatever the sequence" {
  update 5 12
  call remove-route APP=hello APP_ID="$id" SEQUENCE=6
  answers '{"removed":true}'
  [ -z "$(inside find /srv/dcdget/router/apps /srv/dcdget/router/hosts -mindepth 1)" ]
  update 99 12
  answers '{"applied":false,"reason":"destroyed"}'
  restore 99 "$(route_text 5)" hello.example.com
  answers '{"applied":false,"reason":"destroyed"}'
  call remove-route APP=hello APP_ID="$id" SEQUENCE=6
  answers '{"removed":true}'
}

@test "destroying an app leaves a new one of the same name alone" {
  call update-route APP=hello APP_ID="$other_id" SEQUENCE=1 STEP=12 HOSTS=hello.example.com \
    ROUTE_BASE64="$(route_text 1 hello "$other_id" | base64 -w0)"
  answers "$applied"
  call remove-route APP=hello APP_ID="$id" SEQUENCE=6
  [ "$(served)" = "$(route_text 1 hello "$other_id")" ]
}

@test "hosts that the route no longer has are no longer served" {
  update 5 12 "$(route_text 5)" "hello.example.com www.example.com"
  served www.example.com
  update 6 12
  run inside test -L /srv/dcdget/router/hosts/www.example.com
  [ "$status" -ne 0 ]
  served
}

@test "a route that holds more than a route is refused" {
  for text in "$(route_text 5 | sed 's/serving/ser\\u0022ving/')" "$(route_text 5)"$'\n{}' "$(route_text 5 | sed 's/serving/$(id)/')" \
    "$(route_text 5 | sed 's/serving/a;b/')" 'null' '' "$(route_text 5 other)" "$(route_text 5 hello "$other_id")" \
    "$(route_text 5 | sed 's/198.18.0.2/evil.example.com/')" "$(route_text 5 | sed 's/198.18.0.2/1.2.3.4:80/')"; do
    update 5 12 "$text"
    [ "$status" -eq 64 ] || { echo "taken: $text"; return 1; }
  done
  for hosts in '../apps/x' 'a/b' '.hidden' '-a' 'a..b' 'A.b' $'a\nb/c' '*'; do
    update 5 12 "$(route_text 5)" "$hosts"
    [ "$status" -eq 64 ] || { echo "taken: $hosts"; return 1; }
  done
  [ -z "$(inside find /srv/dcdget/router -type f)" ]
}

@test "twenty operations at once end with the last" {
  for sequence in $(seq 1 20 | shuf); do
    text=$(route_text "$sequence" | base64 -w0)
    inside env APP=hello APP_ID="$id" SEQUENCE="$sequence" STEP=12 ROUTE_BASE64="$text" HOSTS=hello.example.com \
      bash --noprofile --norc -euo pipefail nginx/update-route.sh >>"$BATS_TEST_TMPDIR/answers" &
  done
  wait
  [ "$(wc -l <"$BATS_TEST_TMPDIR/answers")" -eq 20 ]
  [ "$(served)" = "$(route_text 20)" ]
}

#!/usr/bin/env bats
# shellcheck disable=SC2016  # what looks like an expansion is meant to arrive as it is
# Every recipe refuses what is not a name or a number before it touches anything: exit 64 and one sentence.

setup() {
  cd "$BATS_TEST_DIRNAME" || return
}

# run_recipe RECIPE NAME=VALUE…: as the wrapper runs it, where /srv and /run are empty and thrown away.
run_recipe() {
  local recipe=$1
  shift
  run unshare --mount --propagation private bash -c '
    mount -t tmpfs none /srv && mount -t tmpfs none /run
    recipe=$1; shift
    env "$@" bash --noprofile --norc -euo pipefail "$recipe.sh" </dev/null
    code=$?
    [ -z "$(ls -A /srv /run | grep -v :)" ] || echo "touched: $(ls -A /srv /run)"
    exit $code' bash "$recipe" "$@"
}

refuses() {
  local field=$1
  shift
  run_recipe "$@"
  if [ "$status" -ne 64 ] || [[ $output != *"$field"* ]] || [[ $output == *touched* ]]; then
    echo "recipe: $1, status $status, output: $output"
    return 1
  fi
}

hostile_names=('a;id' 'a$(id)' 'a`id`' '../../etc' 'a/b' 'a b' $'a\nb' "a'b" 'a"b' '--help' '*' 'A' '' '.' '..')
digest=$(printf 'a%.0s' {1..64})
identifier=11111111-2222-3333-4444-555555555555

@test "no recipe on an instance takes a hostile instance id" {
  for name in "${hostile_names[@]}" 'hello.web.1.v1.1;id' 'hello.web.1.v1.1/../x' $'hello.web.1.v1.1\n'; do
    for recipe in start-process stop-process check-health run-release-command; do
      refuses INSTANCE "batman/$recipe" "INSTANCE=$name" ADDRESS=10.213.0.3 TIMEOUT_SECONDS=1
    done
    refuses INSTANCE batman/write-environment "INSTANCE=$name" INSTANCE_JSON_BASE64=e30K
    refuses INSTANCE batman/remove-environment "INSTANCE=$name"
    for recipe in remove-container retire-container create-container; do
      refuses INSTANCE "batman/$recipe" "INSTANCE=$name" APP=hello PROCESS=web.1 DRAIN_SECONDS=0
    done
  done
}

@test "an instance id must be that of the app and process it comes with" {
  for recipe in remove-container retire-container create-container; do
    refuses INSTANCE "batman/$recipe" INSTANCE=other.web.1.v1.1 APP=hello PROCESS=web.1 DRAIN_SECONDS=0
    refuses INSTANCE "batman/$recipe" INSTANCE=hello.web.2.v1.1 APP=hello PROCESS=web.1 DRAIN_SECONDS=0
  done
}

@test "no recipe on an app takes a hostile app name" {
  for name in "${hostile_names[@]}"; do
    refuses APP batman/remove-app "APP=$name"
    refuses APP batman/drop-lease "APP=$name" DIGEST="$digest" SEQUENCE=1
    refuses APP batman/keep-lease "APP=$name" SEQUENCE=1
    refuses APP batman/upload-slug "APP=$name" DIGEST="$digest" VERSION=1 SLUG_URL=http://a/ SLUG_BYTES=1
    refuses APP batman/archive-log "APP=$name" FILE=web.1.log.20260101T000000.000000Z BYTES=1 URL=http://a/
    refuses APP batman/remove-log "APP=$name" FILE=web.1.log.20260101T000000.000000Z BYTES=1
    [ -z "$name" ] || refuses APP batman/list-logs "APP=$name" MAX=1
    refuses APP nginx/update-route "APP=$name" APP_ID="$identifier" SEQUENCE=1 STEP=1 ROUTE_BASE64=e30K HOSTS=a.b
    refuses APP nginx/remove-route "APP=$name" APP_ID="$identifier" SEQUENCE=1
  done
}

@test "a digest is 64 hexadecimal digits and nothing else" {
  for name in '../../etc' "${digest}a" "${digest:1}" "${digest:1}/" "${digest:1}G" ''; do
    refuses DIGEST batman/upload-slug "DIGEST=$name" APP=hello VERSION=1 SLUG_URL=http://a/ SLUG_BYTES=1
    refuses DIGEST batman/drop-lease "DIGEST=$name" APP=hello SEQUENCE=1
    refuses DIGEST batman/create-container "DIGEST=$name" INSTANCE=hello.web.1.v1.1 APP=hello PROCESS=web.1
  done
}

@test "a log file is named as ps-dock names it and nothing else" {
  for name in "${hostile_names[@]}" web.1.log ../web.1.log.20260101T000000.000000Z web.1.log.20260101T000000.000000Z/x $'web.1.log.20260101T000000.000000Z\n'; do
    refuses FILE batman/archive-log APP=hello "FILE=$name" BYTES=1 URL=http://a/
    refuses FILE batman/remove-log APP=hello "FILE=$name" BYTES=1
  done
  refuses BYTES batman/remove-log APP=hello FILE=web.1.log.20260101T000000.000000Z 'BYTES=a[$(id)]'
  refuses MAX batman/list-logs 'MAX=a[$(id)]'
  refuses SKIP batman/list-logs MAX=1 'SKIP=a[$(id)]'
}

@test "an address cannot carry a line of curl's configuration" {
  for url in $'http://a/"\noutput = "/etc/passwd' 'file:///etc/passwd' 'http://a/ b' $'http://a/\\' ''; do
    refuses URL batman/upload-slug "SLUG_URL=$url" DIGEST="$digest" APP=hello SEQUENCE=1 SLUG_BYTES=1
    refuses URL batman/archive-log "URL=$url" APP=hello FILE=web.1.log.20260101T000000.000000Z BYTES=1
    refuses URL batman/prepare-server IMAGE_VERSION=a IMAGE_SHA256="$digest" PS_DOCK_SHA256="$digest" "IMAGE_URL=$url" \
      PS_DOCK_URL=http://a/ NEEDED_MB=1
  done
  refuses TOKEN batman/prepare-server IMAGE_VERSION=a IMAGE_SHA256="$digest" PS_DOCK_SHA256="$digest" IMAGE_URL=http://a/ \
    PS_DOCK_URL=http://a/ NEEDED_MB=1 IMAGE_TOKEN=$'a"\nurl = "file:///etc/passwd'
}

@test "a request of the health check cannot carry another header or line" {
  for path in $'/\r\nX: y' '/ HTTP/1.1' 'x' '/"'; do
    refuses PATH_TO_CHECK batman/check-health INSTANCE=hello.web.1.v1.1 ADDRESS=10.213.0.3 PORT=5000 TIMEOUT_SECONDS=1 "PATH_TO_CHECK=$path"
  done
  refuses HOST batman/check-health INSTANCE=hello.web.1.v1.1 ADDRESS=10.213.0.3 PORT=5000 TIMEOUT_SECONDS=1 HOST=$'a\r\nX: y'
  refuses ADDRESS batman/check-health INSTANCE=hello.web.1.v1.1 ADDRESS=169.254.169.254 PORT=80 TIMEOUT_SECONDS=1
  refuses HOST nginx/verify-release HOST=$'a\r\nX: y' INSTANCES=hello.web.1.v1.1
}

@test "a list is not expanded into the names of files" {
  refuses INSTANCES batman/watch-instances 'INSTANCES=*' WATCH_SECONDS=0
  refuses HOSTS nginx/update-route APP=hello APP_ID="$identifier" SEQUENCE=1 STEP=1 ROUTE_BASE64=e30K 'HOSTS=*'
  refuses INSTANCES nginx/verify-release HOST=a.b 'INSTANCES=*'
}

@test "numbers are numbers" {
  refuses limits batman/create-container INSTANCE=hello.web.1.v1.1 APP=hello PROCESS=web.1 DIGEST="$digest" IMAGE_VERSION=a \
    PS_DOCK_SHA256="$digest" ADDRESS=10.213.0.3 HOST_PORT=20000 MEMORY_MB='1 x' CPU_SHARES=1 PIDS=$'1\nlxc.cap.keep = sys_admin'
  refuses HOST_PORT batman/create-container INSTANCE=hello.web.1.v1.1 APP=hello PROCESS=web.1 DIGEST="$digest" IMAGE_VERSION=a \
    PS_DOCK_SHA256="$digest" ADDRESS=10.213.0.3 HOST_PORT=22
  refuses FORCE batman/retire-container INSTANCE=hello.web.1.v1.1 APP=hello PROCESS=web.1 'FORCE=a[$(id)]'
  refuses WAIT_MS batman/retire-container INSTANCE=hello.web.1.v1.1 APP=hello PROCESS=web.1 FORCE=no 'WAIT_MS=a[$(id)]'
  refuses ATTEMPTS batman/check-health INSTANCE=hello.web.1.v1.1 ADDRESS=10.213.0.3 TIMEOUT_SECONDS=5 'ATTEMPTS=a[$(id)]'
  refuses FENCE batman/stop-process INSTANCE=hello.web.1.v1.1 'FENCE=a[$(id)] 1'
  refuses FENCE batman/start-process INSTANCE=hello.web.1.v1.1 'FENCE=1'
  refuses KEEP batman/keep-lease APP=hello SEQUENCE=5 'KEEP=a[$(id)]'
  refuses WATCH_SECONDS nginx/watch-release INSTANCES=hello.web.1.v1.1 'WATCH_SECONDS=a[$(id)]'
  refuses TIMEOUT_SECONDS batman/check-health INSTANCE=hello.web.1.v1.1 ADDRESS=10.213.0.3 'TIMEOUT_SECONDS=a[$(id)]'
  refuses WATCH_SECONDS batman/watch-instances INSTANCES=hello.web.1.v1.1 'WATCH_SECONDS=x[$(id)]'
  refuses SEQUENCE nginx/update-route APP=hello APP_ID="$identifier" 'SEQUENCE=a[$(id)]' STEP=1 ROUTE_BASE64=e30K HOSTS=a.b
}

@test "every recipe says what it takes and what it prints, and ends at the first failure" {
  for recipe in */*.sh; do
    grep -q '^# Inputs:' "$recipe" || { echo "$recipe lists no inputs"; return 1; }
    grep -q '^# Prints: ' "$recipe" || { echo "$recipe does not say what it prints"; return 1; }
    grep -qx 'set -euo pipefail' "$recipe" || { echo "$recipe goes on after a failure"; return 1; }
  done
}

@test "a server takes no hostile address of the platform" {
  for value in 'a;id' 'a$(id)' $'a\nb' 'a"b' '../x' '--help;' 'a_b'; do
    refuses SERVERS server/update-platform "SERVERS=$value"
    refuses SERVERS server/provision CA_PEM_BASE64=AAAA "SERVERS=$value"
  done
}

@test "a router takes no hostile way to the log hub" {
  local hub='HUB_ADDRESS=hub:6514'
  for value in 'a;id' 'a$(id)' 'a b' $'a\nb' 'a"b' '../x' '--help' '..'; do
    refuses HUB_ADDRESS nginx/provision "HUB_ADDRESS=$value"
    refuses HUB_NAME nginx/provision "$hub" "HUB_NAME=$value"
    refuses HUB_TOKEN nginx/provision "$hub" HUB_NAME=hub "HUB_TOKEN=$value"
    refuses SERVER_ID nginx/provision "$hub" HUB_NAME=hub HUB_TOKEN=0123456789abcdef "SERVER_ID=$value"
    refuses PS_DOCK_URL nginx/provision "$hub" HUB_NAME=hub HUB_TOKEN=0123456789abcdef SERVER_ID=1 PS_DOCK_SHA256="$digest" "PS_DOCK_URL=$value"
    refuses PEERS server/provision CA_PEM_BASE64=AAAA "PEERS=$value"
    refuses PARTS server/provision CA_PEM_BASE64=AAAA "PARTS=$value"
    refuses PARTS server/update-platform SERVERS=10.0.0.1 "PARTS=$value"
  done
}

#!/usr/bin/env bats
# shellcheck disable=SC2016  # what looks like an expansion is meant to arrive as it is
# Which log files wait to be archived, and under which names.

setup() {
  cd "$BATS_TEST_DIRNAME" || return
}

# on_server SCRIPT: in a private /srv and /run, with the folder of an app's logs in $log.
on_server() {
  run unshare --mount --propagation private bash -c '
    set -euo pipefail
    mount -t tmpfs none /srv && mount -t tmpfs none /run
    log=/srv/dcdget/apps/hello/log
    mkdir -p "$log" /srv/dcdget/instances /run/dcdget
    line() { printf "2026-01-01T00:00:0%s.000000Z hello.web.1.v1.1 | %s\n" "$1" "$2"; }
    recipe() { env "${@:2}" bash --noprofile --norc -euo pipefail "batman/$1.sh" </dev/null; }
    names() { find "$log" -mindepth 1 -printf "%f\n" | sort | tr "\n" " "; }
    '"$1"
  [ "$status" -eq 0 ] || { echo "status $status: $output"; return 1; }
}

@test "the log of a process that has no instance is closed, and that of one that has is not" {
  on_server '
    mkdir /srv/dcdget/instances/hello.web.1.v1.1
    line 1 a >"$log/web.1.log"
    line 2 b >"$log/web.2.log"
    recipe list-logs MAX=9
    names'
  [ "${lines[0]}" = '{"files":[{"app":"hello","name":"web.2.log.20260101T000002.000000Z","bytes":49,"from":"2026-01-01T00:00:02.000000Z"}],"more":false}' ]
  [ "${lines[1]}" = 'web.1.log web.2.log.20260101T000002.000000Z ' ]
}

@test "a log that somebody writes to or rotates stays as it is" {
  on_server '
    line 1 a >"$log/web.1.log"
    exec {lock}<"$log/web.1.log"
    flock --shared "$lock"
    recipe list-logs MAX=9
    names'
  [ "${lines[0]}" = '{"files":[],"more":false}' ]
  [ "${lines[1]}" = 'web.1.log ' ]
}

@test "files that were rotated by number are archived in their order" {
  on_server '
    mkdir /srv/dcdget/instances/hello.web.1.v1.1
    line 1 a >"$log/web.1.log.2"
    line 2 b >"$log/web.1.log.1"
    line 3 c >"$log/web.1.log"
    recipe list-logs MAX=1
    recipe list-logs MAX=9 APP=other
    recipe list-logs MAX=1 SKIP=1
    recipe list-logs MAX=1 SKIP=2
    names'
  [ "${lines[0]}" = '{"files":[{"app":"hello","name":"web.1.log.20260101T000001.000000Z","bytes":49,"from":"2026-01-01T00:00:01.000000Z"}],"more":true}' ]
  [ "${lines[1]}" = '{"files":[],"more":false}' ]
  [ "${lines[2]}" = '{"files":[{"app":"hello","name":"web.1.log.20260101T000002.000000Z","bytes":49,"from":"2026-01-01T00:00:02.000000Z"}],"more":false}' ]
  [ "${lines[3]}" = '{"files":[],"more":false}' ]
  [ "${lines[4]}" = 'web.1.log web.1.log.20260101T000001.000000Z web.1.log.20260101T000002.000000Z ' ]
}

@test "a last line that is longer than a pipe holds stops nothing" {
  on_server '
    line 1 "$(head -c 65536 /dev/zero | tr "\0" x)" >"$log/web.1.log"
    line 2 "$(head -c 99999 /dev/zero | tr "\0" x)" >"$log/web.2.log"
    line 3 c >"$log/web.3.log"
    recipe list-logs MAX=9 >/dev/null
    names'
  [ "$output" = 'web.1.log.20260101T000001.000000Z web.2.log.20260101T000002.000000Z web.3.log.20260101T000003.000000Z ' ]
}

@test "a link in place of a file is neither listed, nor uploaded, nor removed" {
  on_server '
    name=web.1.log.20260101T000000.000000Z
    ln -s /etc/hostname "$log/$name"
    bytes=$(stat -Lc %s "$log/$name")
    recipe list-logs MAX=9
    recipe archive-log APP=hello FILE="$name" BYTES="$bytes" URL=http://127.0.0.1:1/
    recipe remove-log APP=hello FILE="$name" BYTES="$bytes"
    names'
  [ "$output" = "$(printf '%s\n' '{"files":[],"more":false}' '{"uploaded":false}' '{"removed":false}' 'web.1.log.20260101T000000.000000Z ')" ]
}

@test "a file that grew after it was listed is neither uploaded nor removed" {
  on_server '
    name=web.1.log.20260101T000000.000000Z
    line 1 a >"$log/$name"
    recipe archive-log APP=hello FILE="$name" BYTES=48 URL=http://127.0.0.1:1/
    recipe remove-log APP=hello FILE="$name" BYTES=48
    recipe remove-log APP=hello FILE="$name" BYTES=49
    recipe remove-log APP=hello FILE="$name" BYTES=49'
  [ "$output" = "$(printf '%s\n' '{"uploaded":false}' '{"removed":false}' '{"removed":true}' '{"removed":false}')" ]
}

#!/usr/bin/env bats
# shellcheck disable=SC2016  # what looks like an expansion is meant to arrive as it is
# What starting a process tells about the one that is there.

setup() {
  cd "$BATS_TEST_DIRNAME" || return
}

# on_server SCRIPT: in a private /srv, /run and /etc; systemctl says of any unit what the file /run/active does.
on_server() {
  run unshare --mount --propagation private bash -c '
    set -euo pipefail
    mount -t tmpfs none /srv && mount -t tmpfs none /run && mount -t tmpfs none /etc
    instance=/srv/dcdget/instances/hello.worker.1.v1.1
    mkdir -p "$instance/state" /run/dcdget /run/bin /etc/systemd/system/dcdget.target.wants
    echo "5000 10.213.0.2" >"$instance/network"
    printf "#!/bin/sh\n[ \"\$1\" != is-active ] || [ -e /run/active ]\n" >/run/bin/systemctl
    printf "#!/bin/sh\n" >/run/bin/nft
    chmod +x /run/bin/*
    start() { env PATH="/run/bin:$PATH" INSTANCE=hello.worker.1.v1.1 "$@" bash --noprofile --norc batman/start-process.sh </dev/null; }
    '"$1"
  [ "$status" -eq 0 ] || { echo "status $status: $output"; return 1; }
}

@test "a process that runs is told from one that is started, and its starts stay counted" {
  on_server '
    echo 2 >/run/dcdget/starts-hello.worker.1.v1.1
    touch "$instance/state/state.json" /run/active
    echo "5 1" >"$instance/fence"
    start FENCE="5 2"
    cat /run/dcdget/starts-*
    rm /run/active
    start FENCE="6 2"
    ls /run/dcdget'
  [ "$output" = "$(printf '%s\n' '{"started":true,"wasActive":true}' 2 '{"started":true}')" ]
}

@test "a process that the same turn has started is not one that ran before" {
  on_server '
    touch "$instance/state/state.json"
    start FENCE="5 2"
    touch "$instance/state/state.json" /run/active
    start FENCE="5 2"
    start FENCE="5 1"'
  [ "$output" = "$(printf '%s\n' '{"started":true}' '{"started":true}' '{"started":false}')" ]
}

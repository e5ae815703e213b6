#!/usr/bin/env bats
# shellcheck disable=SC2016  # what looks like an expansion is meant to arrive as it is
# What is closed to containers stays so, whatever a resolver says and however old the packet rules are.

setup() {
  cd "$BATS_TEST_DIRNAME" || return
}

# on_server SCRIPT: in a private /srv, where names are known by a file alone and a reload is only counted.
on_server() {
  run unshare --mount --propagation private bash -c '
    set -euo pipefail
    mount -t tmpfs none /srv && mount -t tmpfs none /run
    mkdir -p /srv/dcdget /run/programs
    printf "%s\n" "#!/bin/bash" "echo reload >>/run/reloads" >/run/programs/systemctl
    chmod 755 /run/programs/systemctl
    PATH=/run/programs:$PATH
    printf "hosts: files\n" >/run/nsswitch && mount --bind /run/nsswitch /etc/nsswitch.conf
    printf "10.0.0.5 store.internal\n" >/run/hosts && mount --bind /run/hosts /etc/hosts
    rules() { printf "table ip dcdget {\n%s}\n" "$1" >/srv/dcdget/network.nft; }
    rules $'"'"'  set parts {\n'"'"'
    update() { env "$@" bash --noprofile --norc -euo pipefail server/update-platform.sh </dev/null; }
    closed() { tr "\n" "," </srv/dcdget/platform; }
    '"$1"
  [ "$status" -eq 0 ] || { echo "status $status: $output"; return 1; }
}

@test "what has an address is closed, once" {
  on_server '
    [[ $(update SERVERS="10.0.0.2 10.0.0.1" PARTS="store.internal:27017 10.0.0.5:7233") == "{\"updated\":true}" ]]
    [[ $(closed) == "10.0.0.1,10.0.0.2,10.0.0.5 27017,10.0.0.5 7233," ]] || { closed; exit 1; }
    [[ $(update SERVERS="10.0.0.2 10.0.0.1" PARTS="store.internal:27017 10.0.0.5:7233") == "{\"updated\":false}" ]]
    [[ $(wc -l </run/reloads) == 1 ]]'
}

@test "a name without an address opens nothing, and is told" {
  on_server '
    update SERVERS=10.0.0.1 PARTS=store.internal:27017
    : >/run/hosts
    code=0
    said=$(update SERVERS="10.0.0.1 10.0.0.3" PARTS=store.internal:27017 2>&1) || code=$?
    [[ $code == 1 && $said == *"store.internal"*"resolver"* ]] || { echo "$code $said"; exit 1; }
    [[ $(closed) == "10.0.0.1,10.0.0.3,10.0.0.5 27017," ]] || { closed; exit 1; }'
}

@test "rules without a place for parts get the servers, and that is told" {
  on_server '
    rules ""
    code=0
    said=$(update SERVERS=10.0.0.1 PARTS=store.internal:27017 2>&1) || code=$?
    [[ $code == 1 && $said == *"servers:provision"* ]] || { echo "$code $said"; exit 1; }
    [[ $(closed) == "10.0.0.1," ]] || { closed; exit 1; }'
}

@test "a server is not provisioned while a name to be closed has no address" {
  run bash -c '
    fail() { echo "$1"; exit 1; }
    eval "$(sed -n "/^look_up_closed() {/,/^}/p; /^look_up() {/,/^}/p" server/provision.sh)"
    SERVERS=10.0.0.1 PARTS="10.0.0.5:1 10.0.0.5:2" && look_up_closed && printf "%s," "${closed[@]}"
    SERVERS=no-such-name.invalid && look_up_closed'
  [ "$status" -eq 1 ] && [[ $output == "10.0.0.1,10.0.0.5 1,10.0.0.5 2,"*no-such-name.invalid* ]] || { echo "$output"; return 1; }
}

#!/usr/bin/env bats
# shellcheck disable=SC2016  # what looks like an expansion is meant to arrive as it is
# What keeps an old instance, and what does not.

setup() {
  cd "$BATS_TEST_DIRNAME" || return
}

# on_server SCRIPT: in a private /srv, /run, /etc and /sys/fs/cgroup; the instance's one process is the script's own
# shell, and nsenter runs what it is given (fails when /run/refused is there) without entering anything.
on_server() {
  run unshare --mount --net --propagation private bash -c '
    set -euo pipefail
    for folder in /srv /run /etc /sys/fs/cgroup; do mount -t tmpfs none "$folder"; done
    ip link set lo up
    instance=hello.web.1.v1.1
    group=/sys/fs/cgroup/dcdget.slice/dcdget@$instance.service/lxc.payload.$instance
    mkdir -p "/srv/dcdget/instances/$instance" /srv/dcdget/apps/hello "$group" /run/dcdget /run/bin
    echo "$$" >"$group/cgroup.procs"
    printf "#!/bin/sh\nshift\n[ ! -e /run/refused ] && exec \"\$@\"\n" >/run/bin/nsenter
    printf "#!/bin/sh\nrm -rf /sys/fs/cgroup/dcdget.slice/*/lxc.payload.*\n" >/run/bin/systemctl
    printf "#!/bin/sh\n" >/run/bin/nft
    chmod +x /run/bin/*
    retire() {
      env PATH="/run/bin:$PATH" "INSTANCE=$instance" APP=hello PROCESS=web.1 WAIT_MS=50 "FORCE=$1" \
        bash --noprofile --norc batman/retire-container.sh </dev/null
    }
    # open_one HOST COUNT: a connection to port 5000 there, half closed by its client; then there are COUNT.
    open_one() {
      perl -MIO::Socket::IP -e "
        \$server = IO::Socket::IP->new(LocalHost => \"$1\", LocalPort => 5000, Listen => 1, ReuseAddr => 1) or die;
        \$client = IO::Socket::IP->new(PeerHost => \"$1\", PeerPort => 5000) or die;
        \$taken = \$server->accept;
        shutdown(\$client, 1);
        sleep 30" &
      for _ in {1..100}; do [[ $(ss -tnH state close-wait "sport = :5000" | wc -l) -lt $2 ]] || return 0; sleep 0.05; done
      return 1
    }
    trap "kill \$(jobs -p) 2>/dev/null || true" EXIT
    '"$1"
  [ "$status" -eq 0 ] || { echo "status $status: $output"; return 1; }
}

@test "open connections keep an instance, by either family, and force does not wait for them" {
  on_server '
    open_one 127.0.0.1 1 >/dev/null
    open_one ::1 2 >/dev/null
    retire no
    test -d "/srv/dcdget/instances/$instance"
    retire yes
    test ! -d "/srv/dcdget/instances/$instance"'
  [ "$output" = "$(printf '%s\n' '{"removed":false,"connections":2}' '{"removed":true,"connections":2}')" ]
}

@test "without a connection it goes at once" {
  on_server 'retire no; test ! -d "/srv/dcdget/instances/$instance"'
  [ "$output" = '{"removed":true,"connections":0}' ]
}

@test "what cannot be counted is not cut, but by force" {
  on_server '
    touch /run/refused
    retire no && exit 9 || echo "status $?"
    test -d "/srv/dcdget/instances/$instance"
    retire yes'
  [ "$output" = "$(printf '%s\n' 'batman/retire-container: the connections of hello.web.1.v1.1 cannot be counted' 'status 1' '{"removed":true,"connections":0}')" ]
}

@test "a process that is ending does not keep it" {
  on_server 'echo 999999999 >"$group/cgroup.procs"; retire no'
  [ "$output" = '{"removed":true,"connections":0}' ]
}

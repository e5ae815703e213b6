#!/usr/bin/env bats
# shellcheck disable=SC2016  # what looks like an expansion is meant to arrive as it is
# Packman's certificate and key change together, wherever the recipe is cut.

setup() {
  cd "$BATS_TEST_DIRNAME" || return
}

# on_server SCRIPT: in a private /srv and unit folder, where Packman is a listener that stays, and systemctl counts.
on_server() {
  run timeout 60 unshare --mount --propagation private bash -c '
    set -euo pipefail
    mount -t tmpfs none /srv && mount -t tmpfs none /run && mount -t tmpfs none /etc/systemd/system
    home=/srv/dcdget/packman unit=/etc/systemd/system/dcdget-packman.service
    node=$(printf "a%.0s" {1..64}) packman=$(printf "b%.0s" {1..64})
    mkdir -p /srv/dcdget/bin "$home/${packman:0:12}" /run/programs
    : >"$home/${packman:0:12}/packman.mjs"
    printf "#!/bin/sh\n" >"/srv/dcdget/bin/node-${node:0:12}" && chmod 755 "/srv/dcdget/bin/node-${node:0:12}"
    cat >/run/programs/systemctl <<"PROGRAM"
#!/bin/bash
echo "$*" >>/run/calls
[[ ! -e /run/cut || $* != *"$(</run/cut)"* ]] || exit 1
[[ $1 != restart ]] || date >/run/since
[[ $1 != show ]] || cat /run/since
PROGRAM
    chmod 755 /run/programs/systemctl
    PATH=/run/programs:$PATH
    python3 -c "
import socket, time
s = socket.create_server((\"127.0.0.1\", 0), backlog=100)
open(\"/run/port.new\", \"w\").write(str(s.getsockname()[1]))
import os; os.rename(\"/run/port.new\", \"/run/port\")
time.sleep(60)" 3>&- &
    trap "kill $!" EXIT
    until [[ -e /run/port ]]; do sleep 0.05; done
    # provision TEXT: with a certificate and a key of this text
    provision() {
      env NODE_SHA256=$node NODE_URL=http://a/b PACKMAN_SHA256=$packman PACKMAN_URL=http://a/b \
        TLS_CERT_BASE64="$(base64 <<<"crt $1")" TLS_KEY_BASE64="$(base64 <<<"key $1")" \
        PACKMAN_TOKEN=0123456789abcdef LISTEN="127.0.0.1:$(</run/port)" \
        bash --noprofile --norc -euo pipefail packman/provision.sh </dev/null
    }
    # What Packman would read.
    used() {
      local name
      for name in CERT KEY; do cat "$(sed -n "s/^Environment=PACKMAN_TLS_$name=//p" "$unit")"; done | tr "\n" ,
    }
    '"$1"
  [ "$status" -eq 0 ] || { echo "status $status: $output"; return 1; }
}

@test "a new pair is used and the old one goes" {
  on_server '
    [[ $(provision one) == *"{\"ready\":true,\"restarted\":true}" && $(used) == "crt one,key one," ]]
    [[ $(provision one) == *"{\"ready\":true,\"restarted\":false}" ]]
    : >"$home/tls.crt"
    [[ $(provision two) == *"{\"ready\":true,\"restarted\":true}" && $(used) == "crt two,key two," ]]
    [[ $(find "$home" -name "tls*" | wc -l) == 3 && $(stat -c %a "$home"/tls-*/tls.key) == 600 ]]'
}

@test "a run that is cut before Packman starts again is made good by the next" {
  on_server '
    provision one >/run/said
    sleep 1.1
    echo daemon-reload >/run/cut
    ! provision two >/run/said || exit 1
    [[ $(used) == "crt two,key two," && $(find "$home" -name tls.key | wc -l) == 2 ]]
    rm /run/cut /run/calls
    [[ $(provision two) == *"{\"ready\":true,\"restarted\":true}" ]]
    grep -qx daemon-reload /run/calls'
}

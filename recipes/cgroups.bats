#!/usr/bin/env bats
# shellcheck disable=SC2016  # what is quoted is expanded by the shell inside
# The limits of an instance on servers of either version of control groups, with all controllers, some or none: the trees
# are made up. The story cgroup2 has a server of version 2 whose kernel gives it none.

setup() {
  cd "$BATS_TEST_DIRNAME" || return
}

digest=$(printf 'a%.0s' {1..64})

# limits_on 'COMMANDS THAT MAKE THE TREE' SHARES: prints what the recipe writes about control groups into the configuration.
limits_on() {
  run unshare --mount --net --propagation private bash -c '
    set -e
    mount -t tmpfs none /srv && mount -t tmpfs none /run && mount -t tmpfs none /sys
    mkdir -p /sys/fs/cgroup /run/programs /srv/dcdget/{images/base/rootfs,slugs/'"$digest"'/app,bin,instances/hello.web.1.v1.1/run}
    touch /srv/dcdget/bin/ps-dock-'"${digest:0:12}"' /srv/dcdget/instances/hello.web.1.v1.1/run/instance.json
    printf "#!/bin/sh\nexit 0\n" >/run/programs/nft
    chmod 755 /run/programs/nft
    PATH=/run/programs:$PATH
    cd /sys/fs/cgroup
    eval "$1"
    cd "$3"
    INSTANCE=hello.web.1.v1.1 APP=hello PROCESS=web.1 DIGEST='"$digest"' IMAGE_VERSION=base PS_DOCK_SHA256='"$digest"' \
      ADDRESS=10.213.0.3 HOST_PORT=20000 MEMORY_MB=512 CPU_SHARES=$2 PIDS=256 \
      bash --noprofile --norc -euo pipefail batman/create-container.sh </dev/null >/dev/null
    grep "^lxc\.cgroup2\?\.[a-z]*\." /srv/dcdget/instances/hello.web.1.v1.1/config || true
  ' bash "$1" "$2" "$BATS_TEST_DIRNAME"
  [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

is() {
  [ "$output" = "$1" ] || { printf 'it is:\n%s\n' "$output"; return 1; }
}

@test "version 2 with every controller limits memory without swap, CPU by weight, and processes" {
  limits_on 'echo "cpuset cpu io memory hugetlb pids" >cgroup.controllers' 512
  is 'lxc.cgroup2.memory.max = 512M
lxc.cgroup2.memory.swap.max = 0
lxc.cgroup2.cpu.weight = 50
lxc.cgroup2.pids.max = 256'
}

@test "a weight stays between 1 and 10000" {
  limits_on 'echo "cpu" >cgroup.controllers' 1
  is 'lxc.cgroup2.cpu.weight = 1'
  limits_on 'echo "cpu" >cgroup.controllers' 1000000
  is 'lxc.cgroup2.cpu.weight = 10000'
}

@test "a controller that the kernel leaves out is not asked for" {
  limits_on 'echo "cpuset io pids" >cgroup.controllers' 1024
  is 'lxc.cgroup2.pids.max = 256'
  limits_on 'echo "hugetlb" >cgroup.controllers' 1024
  is ''
  limits_on ': >cgroup.controllers' 1024
  is ''
}

@test "version 1 limits by its own names, and swap where the kernel counts it" {
  limits_on 'mkdir memory cpu pids' 512
  is 'lxc.cgroup.memory.limit_in_bytes = 512M
lxc.cgroup.cpu.shares = 8192
lxc.cgroup.pids.max = 256'
  limits_on 'mkdir memory cpu pids; : >memory/memory.memsw.limit_in_bytes' 512
  is 'lxc.cgroup.memory.limit_in_bytes = 512M
lxc.cgroup.cpu.shares = 8192
lxc.cgroup.pids.max = 256
lxc.cgroup.memory.memsw.limit_in_bytes = 512M'
}

@test "a hybrid of both, whose version 2 is a folder of its own, is version 1" {
  limits_on 'mkdir memory cpu pids unified; echo "hugetlb" >unified/cgroup.controllers' 1024
  is 'lxc.cgroup.memory.limit_in_bytes = 512M
lxc.cgroup.cpu.shares = 16384
lxc.cgroup.pids.max = 256'
}

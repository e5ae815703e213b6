#!/usr/bin/env bash
# Mounts cpu and cpuacct one by one where the machine underneath has them apart.
#
# systemd wants `cpu,cpuacct` as one cgroup v1 hierarchy. A machine that mounted them
# apart refuses that, and containers inside this server would find neither. Does
# nothing on cgroup v2 and where the joint hierarchy works.
set -euo pipefail

root=/sys/fs/cgroup
joint="$root/cpu,cpuacct"

if mountpoint -q "$joint"; then
  exit 0
fi
mount -o remount,rw "$root"
for name in "cpu,cpuacct" "net_cls,net_prio" perf_event hugetlb; do
  if mountpoint -q "$root/$name"; then
    umount "$root/$name"
  fi
  rmdir "$root/$name" 2>/dev/null || true
done
for controller in cpu cpuacct; do
  rm -f "$root/$controller"
  mkdir -p "$root/$controller"
  mountpoint -q "$root/$controller" || mount -t cgroup -o "$controller" cgroup "$root/$controller"
done

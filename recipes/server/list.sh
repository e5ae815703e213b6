#!/usr/bin/env bash
# Lists everything of dcdget on a server, one item a line and sorted, so that two listings can be
# compared. Compared with the record, it also tells what routes say, which ports are closed for good reason, and
# whose certificate ends within 30 days.
#
# Inputs:
#   FOR_RECORD?   yes: all of it in the closing JSON   (the items are printed)
# Prints: the items, then {"items":42}; for the record {"items":42,"text":"the items in base64"}
set -euo pipefail
LC_ALL=C

root=/srv/dcdget
[[ ${FOR_RECORD-} =~ ^(yes)?$ ]] || { echo "server/list: FOR_RECORD is not yes" >&2; exit 64; }

# A server that was not provisioned yet has none of the folders.
list() {
  [[ ! -d $1 ]] || find "$@"
}

units() {
  systemctl list-units --plain --no-legend 'dcdget@*' 'dcdget-once@*' | awk '{ print "unit", $1, $3 }'
  list /etc/systemd/system/dcdget.target.wants -type l -printf 'boot %f\n'
}

containers() {
  local procs count
  for procs in /sys/fs/cgroup{,/*}{,/dcdget.slice{,/*}}/lxc.payload.*/cgroup.procs; do
    [[ -e $procs ]] || continue
    count=$(wc -l <"$procs" 2>/dev/null || echo 0)
    procs=${procs%/*}
    printf 'container %s %s\n' "${procs##*/lxc.payload.}" "$( ((count > 0)) && echo running || echo empty)"
  done
}

network() {
  local link
  for link in /sys/class/net/dcd2*; do
    [[ ! -e $link ]] || printf 'veth %s\n' "${link##*/}"
  done
  nft list map ip dcdget hostports 2>/dev/null | grep -oE '[0-9]+ : [0-9.]+ \. [0-9]+' | sed 's/^/port /' || true
  ss -Hltn | awk '{ n = split($4, part, ":"); print "listen", part[n] }'
}

folders() {
  local kind
  for kind in images slugs apps instances; do
    list "$root/$kind" -mindepth 1 -maxdepth 1 -printf "$kind %f\n"
  done
  list "$root/leases" -mindepth 2 -printf 'lease %P\n'
  list "$root/apps" -mindepth 2 -maxdepth 2 -type l -printf 'link %P -> %l\n'
  list "$root/bin" -type f -printf 'bin %f\n'
}

routes() {
  list "$root/router/apps" -mindepth 1 -printf 'route %f\n'
  list "$root/router/hosts" -mindepth 1 -printf 'host %f -> %l\n'
}

mounts() {
  awk -v root="$root/" 'index($5, root) == 1 { print "mount", $5 }' /proc/self/mountinfo
}

# Closed although its process has been up for a while: whoever was to open it has died.
is_overdue() {
  local state=$root/instances/${1#*/closed-}/state/state.json text=''
  [[ -f $state && ! -L $state && -z $(find "$state" -mmin -0.5) ]] || return 1
  IFS= read -r text <"$state" || true
  [[ $text == *'"state":"up"'* ]]
}

# A route file is one line.
for_record() {
  local file text
  for file in "$root"/router/apps/*.json; do
    [[ -f $file ]] || continue
    IFS= read -r text <"$file" || true
    printf 'routing %s %s\n' "${file##*/}" "$text"
  done
  for file in /run/dcdget/closed-*; do
    [[ ! -e $file ]] || is_overdue "$file" || printf 'closed %s\n' "${file#*/closed-}"
  done
  # That which Packman's unit names.
  file=$(sed -n 's/^Environment=PACKMAN_TLS_CERT=//p' /etc/systemd/system/dcdget-packman.service 2>/dev/null || true)
  [[ ! -f $file ]] || openssl x509 -in "$file" -noout -checkend 2592000 >/dev/null || echo 'certificate packman'
}

items=$({ units; containers; network; folders; routes; mounts; } | sort -u)
if [[ -n ${FOR_RECORD-} ]]; then
  items+=$'\n'$(for_record)
  printf '{"items":%d,"text":"%s"}\n' "$(wc -l <<<"$items")" "$(base64 -w 0 <<<"$items")"
  exit 0
fi
printf '%s\n' "$items"
printf '{"items":%d}\n' "$(wc -l <<<"$items")"

#!/usr/bin/env bash
# Closes the platform's servers, and its own parts on private addresses, to the containers of this server, as they are
# now. Open connections stay. Fails, after it closed what it could, when a name has no address or the packet rules are
# older than this recipe.
#
# Inputs:
#   SERVERS   addresses or names of the platform's servers, space separated                       (required)
#   PARTS?    host:port pairs of its parts, such as Temporal and the store, space separated       (none when empty)
# Prints: {"updated":true}, {"updated":false} when they were closed already
set -euo pipefail
LC_ALL=C
umask 022

[[ ${SERVERS-} =~ ^[A-Za-z0-9.-]+(\ [A-Za-z0-9.-]+)*$ ]] || { echo "SERVERS is not a list of addresses" >&2; exit 64; }
[[ ${PARTS-} =~ ^([A-Za-z0-9.-]+:[0-9]{1,5}\ ?)*$ ]] || { echo "PARTS is not a list of host:port pairs" >&2; exit 64; }

root=/srv/dcdget
file=$root/platform
read -ra names <<<"$SERVERS"
read -ra pairs <<<"${PARTS-}"
closed=()
missing=()
wrong=''
if ((${#pairs[@]})) && ! grep -qs '^  set parts {' "$root/network.nft"; then
  pairs=()
  wrong="the packet rules here have no place for the platform's parts, which stay open: run servers:provision on this server"
fi

look_up() {
  mapfile -t found < <(getent ahostsv4 "$1" | awk '{ print $1 }' | sort -u)
  ((${#found[@]})) || missing+=("$1")
}
for name in "${names[@]}"; do
  look_up "$name"
  closed+=("${found[@]}")
done
for pair in "${pairs[@]}"; do
  look_up "${pair%:*}"
  closed+=("${found[@]/%/ ${pair##*:}}")
done
# Whose addresses they were is not known: all that is closed stays so.
if ((${#missing[@]})); then
  [[ ! -f $file ]] || mapfile -t -O "${#closed[@]}" closed <"$file"
  wrong+="${wrong:+; }no IPv4 address here for ${missing[*]}, so what was closed stays closed: see to this server's resolver"
fi
wanted=$(printf '%s\n' "${closed[@]}" | sort -u)

updated=false
if [[ ! -f $file || "$(<"$file")" != "$wanted" ]]; then
  printf '%s\n' "$wanted" >"$file.new"
  mv -fT "$file.new" "$file"
  timeout 60 systemctl reload-or-restart dcdget-network.service
  updated=true
fi
[[ -z $wrong ]] || { echo "server/update-platform: $wrong" >&2; exit 1; }
printf '{"updated":%s}\n' "$updated"

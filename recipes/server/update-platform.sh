#!/usr/bin/env bash
# Closes the platform's servers, and its own parts on private addresses, to the containers of this server, as they are
# now. Open connections stay.
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

file=/srv/dcdget/platform
read -ra names <<<"$SERVERS"
read -ra pairs <<<"${PARTS-}"
closed=()
for name in "${names[@]}"; do
  mapfile -t -O "${#closed[@]}" closed < <(getent ahostsv4 "$name" | awk '{ print $1 }' | sort -u)
done
for pair in "${pairs[@]}"; do
  mapfile -t -O "${#closed[@]}" closed < <(getent ahostsv4 "${pair%:*}" | awk -v port="${pair##*:}" '{ print $1, port }' | sort -u)
done
wanted=$(printf '%s\n' "${closed[@]}" | sort -u)

if [[ -f $file && "$(<"$file")" == "$wanted" ]]; then
  printf '{"updated":false}\n'
  exit 0
fi
printf '%s\n' "$wanted" >"$file.new"
mv -fT "$file.new" "$file"
timeout 60 systemctl reload-or-restart dcdget-network.service
printf '{"updated":true}\n'

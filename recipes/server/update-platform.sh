#!/usr/bin/env bash
# Closes the addresses of the platform's servers to the containers of this one, as they are now. Open connections stay.
#
# Inputs:
#   SERVERS   addresses or names of the platform's servers, space separated    (required)
# Prints: {"updated":true}, {"updated":false} when they were closed already
set -euo pipefail
LC_ALL=C
umask 022

[[ ${SERVERS-} =~ ^[A-Za-z0-9.-]+(\ [A-Za-z0-9.-]+)*$ ]] || { echo "SERVERS is not a list of addresses" >&2; exit 64; }

file=/srv/dcdget/platform
read -ra names <<<"$SERVERS"
addresses=()
for name in "${names[@]}"; do
  mapfile -t -O "${#addresses[@]}" addresses < <(getent ahostsv4 "$name" | awk '{ print $1 }' | sort -u)
done
wanted=$(printf '%s\n' "${addresses[@]}" | sort -u)

if [[ -f $file && "$(<"$file")" == "$wanted" ]]; then
  printf '{"updated":false}\n'
  exit 0
fi
printf '%s\n' "$wanted" >"$file.new"
mv -fT "$file.new" "$file"
timeout 60 systemctl reload-or-restart dcdget-network.service
printf '{"updated":true}\n'

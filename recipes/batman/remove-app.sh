#!/usr/bin/env bash
# Removes what is left of an app once its instances are gone: log and shared folders, its leases, and
# the slugs that nobody else uses.
#
# Inputs:
#   APP   name of the app   (required)
# Prints: {"removed":true}
set -euo pipefail
LC_ALL=C

[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || { echo "APP is not an app name" >&2; exit 64; }

root=/srv/dcdget
for network in "$root/instances/$APP".*/network; do
  [[ ! -f $network ]] || { echo "instance $(basename "${network%/*}") is still there" >&2; exit 1; }
done
rm -rf --one-file-system "$root/apps/$APP"

mkdir -p /run/dcdget/slugs
for leases in "$root"/leases/*; do
  digest=${leases##*/}
  [[ $digest =~ ^[0-9a-f]{64}$ ]] || continue
  mine=("$leases/$APP".[0-9]*)
  [[ -e ${mine[0]} ]] || continue
  exec {lock}>>"/run/dcdget/slugs/$digest"
  flock -w 120 "$lock" || { echo "slug $digest is in use by another recipe" >&2; exit 1; }
  rm -f "${mine[@]}"
  if rmdir "$leases" 2>/dev/null; then
    rm -rf --one-file-system "$root/slugs/.old-$digest" "$root/slugs/.new-$digest"
    [[ ! -d $root/slugs/$digest ]] || mv -T "$root/slugs/$digest" "$root/slugs/.old-$digest"
    rm -rf --one-file-system "$root/slugs/.old-$digest"
  fi
  exec {lock}>&-
done
printf '{"removed":true}\n'

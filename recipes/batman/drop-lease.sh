#!/usr/bin/env bash
# Ends the use of a slug by what one operation made; the unpacked slug goes with its last lease.
#
# Inputs:
#   DIGEST     sha256 of the slug                                       (required)
#   APP        name of the app                                          (required)
#   SEQUENCE   number of the operation among those of its app           (required)
# Prints: {"dropped":true,"removed":false}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/drop-lease: $1" >&2
  exit 64
}
[[ ${DIGEST-} =~ ^[0-9a-f]{64}$ ]] || refuse "DIGEST is not a sha256"
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${SEQUENCE-} =~ ^[1-9][0-9]{0,14}$ ]] || refuse "SEQUENCE is not a number"

root=/srv/dcdget
mkdir -p /run/dcdget/slugs
exec {lock}>>"/run/dcdget/slugs/$DIGEST"
flock -w 120 "$lock" || { echo "the slug is in use by another recipe" >&2; exit 1; }

rm -f "$root/leases/$DIGEST/$APP.$SEQUENCE"
removed=false
if [[ ! -d $root/leases/$DIGEST ]] || rmdir "$root/leases/$DIGEST" 2>/dev/null; then
  # Renamed first, so that a slug is whole or not there.
  rm -rf --one-file-system "$root/slugs/.old-$DIGEST" "$root/slugs/.new-$DIGEST"
  if [[ -d $root/slugs/$DIGEST ]]; then
    mv -T "$root/slugs/$DIGEST" "$root/slugs/.old-$DIGEST"
    removed=true
    rm -rf --one-file-system "$root/slugs/.old-$DIGEST"
  fi
fi
printf '{"dropped":true,"removed":%s}\n' "$removed"

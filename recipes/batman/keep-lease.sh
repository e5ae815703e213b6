#!/usr/bin/env bash
# Ends the use of slugs by an app's older releases; a slug goes with its last lease. What is newer belongs to
# an operation that came after.
#
# Inputs:
#   APP       name of the app                                            (required)
#   VERSION   number of the release before which leases end              (required)
#   KEEP?     numbers of older releases that still run here              (none)
# Prints: {"kept":true,"removed":1}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/keep-lease: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${VERSION-} =~ ^[1-9][0-9]{0,8}$ ]] || refuse "VERSION is not a number"
[[ ${KEEP-} =~ ^[0-9\ ]*$ ]] || refuse "KEEP is not a list of numbers"

root=/srv/dcdget
removed=0

end_leases() {
  local digest=$1 lock
  shift
  mkdir -p /run/dcdget/slugs
  exec {lock}>>"/run/dcdget/slugs/$digest"
  flock -w 120 "$lock" || { echo "slug $digest is in use by another recipe" >&2; exit 1; }
  rm -f "$@"
  if rmdir "$root/leases/$digest" 2>/dev/null; then
    rm -rf --one-file-system "$root/slugs/.old-$digest" "$root/slugs/.new-$digest"
    if [[ -d $root/slugs/$digest ]]; then
      # Renamed first, so that a slug is whole or not there.
      mv -T "$root/slugs/$digest" "$root/slugs/.old-$digest"
      rm -rf --one-file-system "$root/slugs/.old-$digest"
      removed=$((removed + 1))
    fi
  fi
  exec {lock}>&-
}

for leases in "$root"/leases/*; do
  digest=${leases##*/}
  [[ $digest =~ ^[0-9a-f]{64}$ ]] || continue
  others=()
  for lease in "$leases/$APP".v*; do
    version=${lease##*.v}
    [[ -e $lease && $version =~ ^[1-9][0-9]{0,8}$ ]] || continue
    ((version >= VERSION)) || [[ " ${KEEP-} " == *" $version "* ]] || others+=("$lease")
  done
  ((${#others[@]} == 0)) || end_leases "$digest" "${others[@]}"
done
printf '{"kept":true,"removed":%d}\n' "$removed"

#!/usr/bin/env bash
# Ends the use of slugs by what an app's older operations made; a slug goes with its last lease. What is newer
# belongs to an operation that came after, or to a new app of the same name.
#
# Inputs:
#   APP        name of the app                                           (required)
#   SEQUENCE   number of the operation before which leases end           (required)
#   KEEP?      numbers of older operations of which something runs here  (none)
# Prints: {"kept":true,"removed":1}
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/keep-lease: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${SEQUENCE-} =~ ^[1-9][0-9]{0,14}$ ]] || refuse "SEQUENCE is not a number"
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
  for lease in "$leases/$APP".[0-9]*; do
    holder=${lease##*.}
    [[ -e $lease && $holder =~ ^[1-9][0-9]{0,14}$ ]] || continue
    ((holder >= SEQUENCE)) || [[ " ${KEEP-} " == *" $holder "* ]] || others+=("$lease")
  done
  ((${#others[@]} == 0)) || end_leases "$digest" "${others[@]}"
done
printf '{"kept":true,"removed":%d}\n' "$removed"

#!/usr/bin/env bash
# Takes a destroyed app from this router for good: route, hosts and fence go, and its id is remembered
# so that a worker that comes late cannot bring it back.
#
# Inputs:
#   APP        name of the app                                          (required)
#   APP_ID     its id, a UUID                                           (required)
#   SEQUENCE   number of the destroying operation                       (required)
# Prints: {"removed":true}
set -euo pipefail
LC_ALL=C
umask 022

refuse() {
  echo "nginx/remove-route: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${APP_ID-} =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] || refuse "APP_ID is not a UUID"
[[ ${SEQUENCE-} =~ ^[0-9]{1,15}$ ]] || refuse "SEQUENCE is not a number"

max_remembered=2000
router=/srv/dcdget/router
file=$router/apps/$APP.json
links=$router/fences/$APP_ID.hosts
fence=$router/fences/$APP_ID
destroyed=$router/fences/destroyed

# One at a time per app, whoever calls: the fence is only as good as this.
mkdir -p /run/dcdget/routes
exec {lock}>>"/run/dcdget/routes/$APP"
flock -w 60 "$lock" || { echo "another recipe has held the route of $APP for a minute" >&2; exit 1; }

# All apps share the list, so it has a lock of its own.
remember() {
  exec {list_lock}>>/run/dcdget/routes/.destroyed
  flock -w 60 "$list_lock" || { echo "another recipe has held the list of destroyed apps for a minute" >&2; exit 1; }
  touch "$destroyed"
  ! grep -qxF "$APP_ID" "$destroyed" || return 0
  { tail -n $((max_remembered - 1)) "$destroyed"; printf '%s\n' "$APP_ID"; } >"$destroyed.new"
  mv -fT "$destroyed.new" "$destroyed"
}

# A host that another app has taken over is not ours to remove.
unlink_host() {
  local link=$router/hosts/$1
  [[ ! -L $link || $(readlink "$link") != "../apps/$APP.json" ]] || rm -f "$link"
}

remember
# An app of the same name may have come since: its route is its own.
if [[ -f $file && "$(<"$file")" == *"\"appId\":\"$APP_ID\""* ]]; then
  for link in "$router"/hosts/*; do
    [[ ! $link -ef $file ]] || unlink_host "${link##*/}"
  done
  rm -f "$file" "$file.new"
fi
rm -f "$fence" "$fence.new" "$links"
printf '{"removed":true}\n'

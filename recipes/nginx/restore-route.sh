#!/usr/bin/env bash
# Undoes update-route: puts the previous route back, or takes the route away when there was none.
# Refused when a later operation was here already.
#
# Inputs:
#   APP             name of the app                                                  (required)
#   APP_ID          its id, a UUID                                                   (required)
#   SEQUENCE        number of the operation that is being undone                     (required)
#   STEP            number of the undone step                                        (required)
#   ROUTE_BASE64?   the previous route, JSON on one line, in base64                  (empty: there was none)
#   HOSTS?          the host names that route serves, space separated                (empty: there was none)
# Prints: {"applied":true}, or {"applied":false,"reason":"fenced|destroyed"}
set -euo pipefail
LC_ALL=C
umask 022

refuse() {
  echo "nginx/restore-route: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${APP_ID-} =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] || refuse "APP_ID is not a UUID"
[[ ${SEQUENCE-} =~ ^[0-9]{1,15}$ ]] || refuse "SEQUENCE is not a number"
[[ ${STEP-} =~ ^[0-9]{1,6}$ ]] || refuse "STEP is not a number"
[[ ${ROUTE_BASE64-} =~ ^[A-Za-z0-9+/=]*$ ]] || refuse "ROUTE_BASE64 is not base64"
[[ ${HOSTS-} =~ ^[a-z0-9.\ -]*$ ]] || refuse "HOSTS is not a list of host names"
for host in ${HOSTS-}; do
  [[ $host =~ ^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$ && ${#host} -le 253 ]] || refuse "HOSTS holds what is not a host name"
done
# Nginx reads the route without a full parser of JSON: no escape, no control character, one line.
check_route() {
  local rest address
  ((${#route} <= 262144)) || refuse "the route is larger than 256 KiB"
  [[ $route =~ ^\{[][A-Za-z0-9\ .,:_{}\"-]*\}$ ]] || refuse "the route holds characters that no route has"
  [[ $route == *"\"app\":\"$APP\""* && $route == *"\"appId\":\"$APP_ID\""* ]] || refuse "the route is that of another app"
  rest=$route
  while [[ $rest =~ \"host\":\"([^\"]*)\"(.*) ]]; do
    address=${BASH_REMATCH[1]}
    rest=${BASH_REMATCH[2]}
    [[ $address =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || refuse "the route names an instance by something else than an IPv4 address"
  done
}
route=$(base64 -d <<<"${ROUTE_BASE64-}")
if [[ -n $route ]]; then
  check_route
elif [[ -n ${HOSTS-} ]]; then
  refuse "HOSTS without a route"
fi

router=/srv/dcdget/router
file=$router/apps/$APP.json
links=$router/fences/$APP_ID.hosts
fence=$router/fences/$APP_ID

# One at a time per app, whoever calls: the fence is only as good as this.
[[ -d /run/dcdget/routes ]] || mkdir -p /run/dcdget/routes
exec {lock}>>"/run/dcdget/routes/$APP"
flock -w 60 "$lock" || { echo "another recipe has held the route of $APP for a minute" >&2; exit 1; }

read_fence() {
  sequence=-1 step=-1
  [[ ! -f $fence ]] || read -r sequence step <"$fence" || true
}

is_destroyed() {
  local identifiers=''
  [[ -f $router/fences/destroyed ]] || return 1
  IFS= read -rd '' identifiers <"$router/fences/destroyed" || true
  [[ $'\n'$identifiers == *$'\n'"$APP_ID"$'\n'* ]]
}

write_fence() {
  printf '%s\n' "$1" >"$fence.new"
  mv -fT "$fence.new" "$fence"
}

fenced() {
  printf '{"applied":false,"reason":"%s"}\n' "$1"
  exit 0
}

# Nginx sees the old route or the new, also after a power cut.
write_route() {
  local present=''
  [[ ! -f $file ]] || IFS= read -r present <"$file" || true
  [[ $present != "$route" ]] || return 0
  printf '%s\n' "$route" >"$file.new"
  sync -d "$file.new"
  mv -fT "$file.new" "$file"
}

# A host that another app has taken over is not ours to remove.
unlink_host() {
  local link=$router/hosts/$1
  [[ ! -L $link || $(readlink "$link") != "../apps/$APP.json" ]] || rm -f "$link"
}

# What was linked is recorded before it is linked, so that nothing is forgotten by a cut.
link_hosts() {
  local host recorded=''
  [[ ! -f $links ]] || IFS= read -r recorded <"$links" || true
  if [[ $recorded == "${HOSTS-}" ]]; then
    for host in ${HOSTS-}; do
      [[ $router/hosts/$host -ef $file ]] || { recorded+=' '; break; }
    done
    [[ $recorded == "${HOSTS-}" ]] && return 0
  fi
  printf '%s\n' "$recorded ${HOSTS-}" >"$links"
  for host in ${HOSTS-}; do
    [[ $router/hosts/$host -ef $file ]] || ln -sfnT "../apps/$APP.json" "$router/hosts/$host"
  done
  for host in $recorded; do
    [[ " ${HOSTS-} " == *" $host "* ]] || unlink_host "$host"
  done
  printf '%s\n' "${HOSTS-}" >"$links"
}

! is_destroyed || fenced destroyed
read_fence
((sequence <= SEQUENCE)) || fenced fenced
# The undone step stays fenced: an update of it that comes late is no longer the recorded content.
((step > STEP && sequence == SEQUENCE)) || step=$STEP
write_fence "$SEQUENCE $step"$'\n'"undone $route"
if [[ -n $route ]]; then
  write_route
  link_hosts
else
  link_hosts
  rm -f "$file" "$links"
fi
printf '{"applied":true}\n'

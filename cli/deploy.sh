#!/bin/sh
# Deploys the commit that is checked out, with nothing but curl and git: for a CI run. A copy of it may stand in the app's
# repository.
#
#   DCDGET_URL=https://paas.example.com DCDGET_TOKEN=… DCDGET_APP=hello sh deploy.sh
#
# DCDGET_CA names the file of the CA that signed its certificate; it is not needed when a public CA did.
# Shows the build log. Exits 0 when the new release serves, 1 when the deploy failed and the old one serves.
set -eu
: "${DCDGET_URL:?is not set}" "${DCDGET_TOKEN:?is not set}" "${DCDGET_APP:?is not set}"
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
  api POST /sources >"$work/source"
  git archive --format=tar.gz --output "$work/source.tar.gz" HEAD
  at "$(field put_url "$work/source")" -o "$work/answer" -T "$work/source.tar.gz"
  commit=$(git rev-parse HEAD)
  printf '{"source_blob":{"url":"%s","version":"%s"}}' "$(field get_url "$work/source")" "$commit" >"$work/wanted"
  api POST "/apps/$DCDGET_APP/builds" -H 'Content-Type: application/json' --data-binary "@$work/wanted" >"$work/build"
  # The log may break off; how the deploy ended is asked for.
  at "$(field output_stream_url "$work/build")" -N --max-time 3600 || true
  id=$(sed -n 's/^{"id":"\([0-9a-f-]*\)".*/\1/p' "$work/build")
  tries=720
  while [ "$tries" -gt 0 ]; do
    api GET "/apps/$DCDGET_APP/builds/$id" >"$work/build"
    case $(field status "$work/build") in
      succeeded)
        echo "$DCDGET_APP serves $commit"
        return 0
        ;;
      failed)
        echo "The deploy failed; what served before serves on." >&2
        return 1
        ;;
    esac
    tries=$((tries - 1))
    sleep 5
  done
  echo 'The deploy did not end within an hour: dcdget operations' >&2
  return 1
}

# What is secret goes by stdin: others see command lines.
at() {
  url=$1
  shift
  printf 'url = "%s"\n' "$url" | transfer -K - "$@"
}

api() {
  method=$1 path=$2
  shift 2
  printf 'header = "Authorization: Bearer %s"\n' "$DCDGET_TOKEN" | transfer -K - -X "$method" "$@" "$DCDGET_URL$path"
}

transfer() { curl -fsS --connect-timeout 30 ${DCDGET_CA:+--cacert "$DCDGET_CA"} "$@"; }

# A text of a JSON object, by its name.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$2"; }

main

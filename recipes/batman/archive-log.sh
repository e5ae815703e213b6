#!/usr/bin/env bash
# Uploads a log file that was set aside, compressed. It stays where it is: remove-log takes it once the archive has it.
#
# Inputs:
#   APP     name of the app                     (required)
#   FILE    its name in the app's log folder    (required)
#   BYTES   its size                            (required)
#   URL     where to put it, a secret           (required)
# Prints: {"uploaded":true,"bytes":345}, of what was uploaded; {"uploaded":false} when there is no such file of that size
set -euo pipefail
export -n URL
LC_ALL=C
umask 077

refuse() {
  echo "batman/archive-log: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${FILE-} =~ ^[a-z][a-z0-9_-]{0,29}\.[0-9]{1,6}\.log\.[0-9]{8}T[0-9]{6}\.[0-9]{6}Z$ ]] || refuse "FILE is not the name of a log file"
[[ ${BYTES-} =~ ^[0-9]{1,15}$ ]] || refuse "BYTES is not a number"
url='^https?://[][A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$'
[[ ${URL-} =~ $url ]] || refuse "URL is not a URL"

root=/srv/dcdget
path=$root/apps/$APP/log/$FILE
# In memory: a disk that is full is made free by this. One at a time for each app.
packed=/run/dcdget/log-$APP.zst

if [[ ! -f $path || -L $path || $(stat -c %s "$path") != "$BYTES" ]]; then
  printf '{"uploaded":false}\n'
  exit 0
fi
trap 'rm -f "$packed"' EXIT
# As the root of the containers: what they may have put there in its place reads nothing of the server's.
setpriv --reuid 100000 --regid 100000 --clear-groups --no-new-privs --bounding-set=-all \
  zstd -qc --no-progress -- "$path" >"$packed"
bytes=$(stat -c %s "$packed")
# The address reaches curl by its stdin, never by its command line.
printf 'url = "%s"\n' "$URL" |
  curl -fsS --config - --proto =http,https --cacert "$root/ca.pem" --connect-timeout 5 \
    --speed-limit 1000 --speed-time 15 --max-time 45 --upload-file "$packed" --output /dev/null ||
  { echo "batman/archive-log: the archive did not take the file" >&2; exit 1; }
printf '{"uploaded":true,"bytes":%d}\n' "$bytes"

#!/usr/bin/env bash
# Removes a log file that is in the archive, unless it is another one by now.
#
# Inputs:
#   APP     name of the app                     (required)
#   FILE    its name in the app's log folder    (required)
#   BYTES   its size when it was archived       (required)
# Prints: {"removed":true}, {"removed":false} when there is no such file of that size
set -euo pipefail
LC_ALL=C

refuse() {
  echo "batman/remove-log: $1" >&2
  exit 64
}
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${FILE-} =~ ^[a-z][a-z0-9_-]{0,29}\.[0-9]{1,6}\.log\.[0-9]{8}T[0-9]{6}\.[0-9]{6}Z$ ]] || refuse "FILE is not the name of a log file"
[[ ${BYTES-} =~ ^[0-9]{1,15}$ ]] || refuse "BYTES is not a number"

path=/srv/dcdget/apps/$APP/log/$FILE
if [[ ! -f $path || -L $path || $(stat -c %s "$path") != "$BYTES" ]]; then
  printf '{"removed":false}\n'
  exit 0
fi
rm -f "$path"
printf '{"removed":true}\n'

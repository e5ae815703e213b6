#!/usr/bin/env bash
# Lists the log files that wait to be archived, oldest first: LOG.<time>, as ps-dock names them when it rotates.
# Before, files that would never get such a name are given one: logs of processes that have no instance here any
# more, and files that were rotated by number, before there was an archive.
#
# Inputs:
#   APP?   name of an app   (all of them)
#   MAX    how many files   (required)
#   SKIP?  how many of the oldest are passed over   (0)
# Prints: {"files":[{"app":"hello","name":"web.1.log.20260101T000000.000000Z","bytes":12,"from":"2026-01-01T00:00:00.000000Z"}],
#   "more":false}; from is the time of the first line, empty where the file does not tell it
set -euo pipefail
LC_ALL=C
shopt -s nullglob

[[ ${APP-} =~ ^([a-z][a-z0-9-]{1,28}[a-z0-9])?$ ]] || { echo "APP is not an app name" >&2; exit 64; }
[[ ${MAX-} =~ ^[1-9][0-9]{0,3}$ ]] || { echo "MAX is not a number" >&2; exit 64; }
[[ ${SKIP:=0} =~ ^(0|[1-9][0-9]{0,5})$ ]] || { echo "SKIP is not a number" >&2; exit 64; }

root=/srv/dcdget
day='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z'
process='[a-z][a-z0-9_-]{0,29}\.[0-9]{1,6}'

# set_aside FILE LOG: FILE becomes LOG.<time of its last line>.
set_aside() {
  local stamp
  # Of a long line tail cannot write all.
  stamp=$(tail -n 1 "$1" | head -c 27 | tr -d '\0') || true
  if [[ $stamp =~ ^$day$ ]]; then
    stamp=${stamp//[-:]/}
  else
    stamp=$(date -u -r "$1" +%Y%m%dT%H%M%S.%6NZ)
  fi
  [[ ! -e $2.$stamp ]] || stamp=$(date -u +%Y%m%dT%H%M%S.%6NZ)
  mv -nT "$1" "$2.$stamp"
}

is_file() { [[ -f $1 && ! -L $1 ]]; }

has_instance() {
  local found=("$root/instances/$1".v*)
  ((${#found[@]} > 0))
}

# Under the lock of whoever rotates: should somebody write or rotate all the same, it stays for the next time.
close_log() {
  local log=$1 lock number
  exec {lock}<"$log" || return 0
  if flock -n "$lock" && [[ $log -ef /dev/fd/$lock ]]; then
    for number in {9..1}; do
      ! is_file "$log.$number" || set_aside "$log.$number" "$log"
    done
    [[ ! -s $log ]] || has_instance "$2" || set_aside "$log" "$log"
  fi
  exec {lock}>&-
}

close_logs() {
  local log name
  for log in "$1"/log/*.log; do
    name=${log##*/}
    name=${name%.log}
    ! [[ $name =~ ^$process$ ]] || ! is_file "$log" || close_log "$log" "$1.$name"
  done
}

# The file's own first 27 bytes, or nothing.
first_stamp() {
  local text=''
  IFS= read -rN 27 text <"$1" 2>/dev/null || true
  ! [[ $text =~ ^$day$ ]] || printf %s "$text"
}

list() {
  local path bytes app passed=0 count=0 more=false text=''
  while read -r path bytes; do
    app=${path%%/*}
    [[ $app =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ && ${path##*/} =~ ^$process\.log\.[0-9]{8}T[0-9]{6}\.[0-9]{6}Z$ ]] || continue
    if ((passed < SKIP)); then
      passed=$((passed + 1))
      continue
    fi
    if ((count == MAX)); then
      more=true
      break
    fi
    count=$((count + 1))
    text+=$(printf ',{"app":"%s","name":"%s","bytes":%s,"from":"%s"}' "$app" "${path##*/}" "$bytes" "$(first_stamp "$path")")
  done
  printf '{"files":[%s],"more":%s}\n' "${text:1}" "$more"
}

folders=()
mkdir -p "$root/apps"
cd "$root/apps"
for folder in */log; do
  app=${folder%/log}
  [[ -z ${APP-} || $app == "$APP" ]] || continue
  close_logs "$app"
  folders+=("$folder")
done
if ((${#folders[@]} == 0)); then
  printf '{"files":[],"more":false}\n'
  exit 0
fi
# By the time in the name.
list < <(find "${folders[@]}" -mindepth 1 -maxdepth 1 -type f -name '*.log.*Z' -printf '%p %s\n' | sort -t . -k 4)

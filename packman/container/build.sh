#!/bin/bash
# One build, from the developer's archive to the packed slug: the init of its container.
#
# It runs as root of an unprivileged container; everything that the developer or a
# buildpack wrote runs as uid 1000, without a way to more. When the buildpack is
# done, every process but this one is killed, so that nobody touches what is packed.
#
# Given, read-only:
#   /.dcdget/in/parameters        KEY=value lines: STACK, SOURCE_VERSION, BUILDPACK (may be empty)
#   /.dcdget/in/source.tar.gz     what the developer sent
#   /.dcdget/in/cache.tar.zst     what the app's last build left (may be absent)
#   /.dcdget/in/environment/      one file a config var
#   /opt/dcdget/buildpacks/       buildpacks, by name
#   /opt/dcdget/node/             a Node.js with npm for buildpacks to use
# Leaves in /.dcdget/out:
#   stage                         the stage reached: started unpack detect compile release pack done
#   failure                       one sentence, when it went wrong; then the exit status is 1
#   buildpack, buildpack-title, release.yml; Procfile and app.json (if there are any)
#   slug.tar.zst, cache.tar.zst (if there is anything to keep)
# Prints the build log.
set -uo pipefail
umask 022
ulimit -c 0

readonly in=/.dcdget/in out=/.dcdget/out app=/app cache=/cache buildpacks=/opt/dcdget/buildpacks
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
# Characters of a Procfile, an app.json or what bin/release prints; compile.ts refuses more.
readonly most_declared=65536
# The order in which ours are asked whether they know an app.
readonly asked='nodejs python ruby go java static procfile'
STACK='' SOURCE_VERSION='' BUILDPACK='' SOURCE_TIME=''

main() {
  exec 2>&1
  reach started
  read_parameters
  reach unpack
  unpack_source
  unpack_cache
  reach detect
  detect
  reach compile
  compile
  reach release
  release
  kill_everything
  reach pack
  pack_slug
  pack_cache
  reach 'done'
}

reach() { printf '%s\n' "$1" >"$out/stage"; }
step() { printf -- '-----> %s\n' "$1"; }
note() { printf '       %s\n' "$1"; }

fail() {
  printf '%s\n' "$1" >"$out/failure"
  exit 1
}

read_parameters() {
  local key value
  while IFS='=' read -r key value; do
    case $key in
      STACK) STACK=$value ;;
      SOURCE_VERSION) SOURCE_VERSION=$value ;;
      BUILDPACK) BUILDPACK=$value ;;
    esac
  done <"$in/parameters"
}

# Runs a command as the unprivileged builder, with nothing of ours in its environment.
as_builder() {
  setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- \
    env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$app" USER=app LOGNAME=app LANG=C.UTF-8 TMPDIR=/tmp \
    STACK="$STACK" SOURCE_VERSION="$SOURCE_VERSION" \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    npm_config_cafile=/etc/ssl/certs/ca-certificates.crt \
    "$@" </dev/null
}

unpack_source() {
  install -d -m 755 -o 1000 -g 1000 "$app" "$cache"
  as_builder tar --extract --gzip --file "$in/source.tar.gz" --directory "$app" --no-same-owner --no-same-permissions ||
    fail 'The source archive could not be unpacked.'
  as_builder chmod -R u+rwX "$app" || fail 'The source archive could not be made writable.'
  lift_only_folder
  rm -rf "${app:?}/.git"
  SOURCE_TIME=$((315532800 + 16#$(normal_tar 0 | sha256sum | cut -c 1-7)))
}

# The app's folder as an archive in which only names, modes and contents make a difference.
normal_tar() {
  tar --create --file - --directory / --sort=name --mtime="@$1" --mode=ug-s,o-t \
    --owner=0 --group=0 --numeric-owner --format=gnu --hard-dereference "${app#/}"
}

# An archive made of a folder holds that folder alone: its content is the app.
lift_only_folder() {
  local entries
  shopt -s nullglob dotglob
  entries=("$app"/*)
  if [ "${#entries[@]}" = 1 ] && [ -d "${entries[0]}" ] && [ ! -L "${entries[0]}" ]; then
    mv "${entries[0]}" /tmp/source
    entries=(/tmp/source/*)
    if [ "${#entries[@]}" != 0 ]; then mv -- "${entries[@]}" "$app/" || fail 'The source archive could not be arranged.'; fi
    rmdir /tmp/source
  fi
  shopt -u nullglob dotglob
}

unpack_cache() {
  [ -s "$in/cache.tar.zst" ] || return 0
  as_builder tar --extract --zstd --file "$in/cache.tar.zst" --directory "$cache" && return 0
  note 'The build cache is damaged; building without it.'
  find "$cache" -mindepth 1 -delete
}

detect() {
  local name title
  for name in ${BUILDPACK:-$asked}; do
    [ -x "$buildpacks/$name/bin/detect" ] || continue
    title=$(as_builder "$buildpacks/$name/bin/detect" "$app") || continue
    BUILDPACK=$name
    printf '%s\n' "$name" >"$out/buildpack"
    printf '%s\n' "${title%%$'\n'*}" >"$out/buildpack-title"
    step "${title%%$'\n'*} app detected"
    return 0
  done
  if [ -n "$BUILDPACK" ]; then fail "The $BUILDPACK buildpack does not recognise this app."; fi
  fail 'No buildpack recognises this app: none of the files they look for, such as package.json, is at its top.'
}

compile() {
  local status=0
  as_builder "$buildpacks/$BUILDPACK/bin/compile" "$app" "$cache" "$in/environment" || status=$?
  [ "$status" = 0 ] && return 0
  if [ "$status" = 137 ]; then fail 'The build was killed, most likely for using more memory than a build may have.'; fi
  fail 'The app did not compile: the log tells why.'
}

release() {
  : >"$out/release.yml"
  [ -x "$buildpacks/$BUILDPACK/bin/release" ] || return 0
  as_builder "$buildpacks/$BUILDPACK/bin/release" "$app" | head -c "$((most_declared + 1))" >"$out/release.yml"
  # One that prints without end is cut off by head; what it printed is then too much.
  case ${PIPESTATUS[0]} in 0 | 141) ;; *) fail "The $BUILDPACK buildpack failed in bin/release." ;; esac
}

kill_everything() {
  kill -KILL -1 2>/dev/null
  wait
}

# What the app declares, cut where its reader finds that it is too much.
take() {
  if [ -f "$app/$1" ] && [ ! -L "$app/$1" ]; then head -c "$((most_declared + 1))" "$app/$1" >"$out/$1"; fi
}

# The same content gives the same archive. Times are all one, but another one for
# another source: web servers make their cache keys of size and time.
pack_slug() {
  step 'Compressing...'
  take Procfile
  take app.json
  find "$app" -xdev ! -type f ! -type d ! -type l -delete
  normal_tar "$SOURCE_TIME" |
    zstd -q -1 -T2 -o "$out/slug.tar.zst" || fail 'The slug could not be packed: the disk of the build is full.'
}

pack_cache() {
  [ -n "$(ls -A "$cache")" ] || return 0
  tar --create --file - --directory "$cache" --sort=name --numeric-owner --format=posix \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime . |
    zstd -q -1 -T2 -o "$out/cache.tar.zst" || rm -f "$out/cache.tar.zst"
}

main

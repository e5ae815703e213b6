#!/bin/bash
# One build, from the developer's archive to the packed slug: the init of its container.
#
# It runs as root of an unprivileged container; everything that the developer or a
# buildpack wrote runs as uid 1000, without a way to more. When the buildpacks are
# done, every process but this one is killed, so that nobody touches what is packed.
#
# Given, read-only:
#   /.dcdget/in/parameters        KEY=value lines: STACK, IMAGE_VERSION, SOURCE_VERSION, BUILT_WITH
#   /.dcdget/in/buildpacks        one line each, in order: CACHE_NAME KIND WHAT [REF], where KIND is
#                                 own, git or archive; empty: whichever of ours detects the app
#   /.dcdget/in/source.tar.gz     what the developer sent
#   /.dcdget/in/cache.tar.zst     what the app's last build left (may be absent)
#   /.dcdget/in/environment/      one file a config var that builds are given
#   /.dcdget/registries           NAME=value lines of the server's operator: how it reaches package registries (may be empty)
#   /opt/dcdget/buildpacks/       our own buildpacks, by name
#   /opt/dcdget/node/             a Node.js with npm for buildpacks to use
# Leaves in /.dcdget/out:
#   stage                         the stage reached: started fetch unpack detect compile release pack,
#                                 and at the end done, or known when BUILT_WITH is what was fetched
#   failure                       one sentence, when it went wrong; then the exit status is 1
#   versions                      of each buildpack: a commit, a sha256, or - for our own
#   buildpacks, titles            a line each: its name, what its bin/detect said
#   release.N.yml                 what the Nth bin/release printed
#   Procfile, app.json            if there are any
#   slug.tar.zst, cache.tar.zst   the latter if there is anything to keep that was not given
# Prints the build log.
set -uo pipefail
umask 022
ulimit -c 0

readonly in=/.dcdget/in out=/.dcdget/out app=/app cache=/cache ours=/opt/dcdget/buildpacks fetched=/buildpacks
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
# Characters of a Procfile, an app.json or what bin/release prints; compile.ts refuses more.
readonly most_declared=65536
# What the operator's file may set; anything else in it is passed over.
readonly registry_setting='^(npm_config_registry|PIP_(EXTRA_)?INDEX_URL|UV_(DEFAULT_)?INDEX|GO(PROXY|SUMDB|NOSUMDB|PRIVATE)|BUNDLE_MIRROR__ALL|MAVEN_MIRROR_URL|(https?|no)_proxy|(HTTPS?|NO)_PROXY)=[[:print:]]+$'
# The order in which ours are asked whether they know an app.
readonly asked='nodejs python ruby go java static procfile'
# Buildpacks of others name what they download by a stack of theirs; of those this one's libraries are nearest.
readonly foreign_stack=heroku-22
STACK='' IMAGE_VERSION='' SOURCE_VERSION='' BUILT_WITH='' SOURCE_TIME=''
# Of the buildpacks in use, in order.
names=() kinds=() folders=() caches=() versions=()
registries=()
# Of the cache as it was given.
given_cache=''

main() {
  exec 2>&1
  reach started
  read_parameters
  read_registries
  install -d -m 755 -o 1000 -g 1000 "$app" "$cache" "$fetched"
  reach fetch
  fetch_buildpacks
  stop_if_known
  reach unpack
  unpack_source
  unpack_cache
  given_cache=$(cache_state)
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
      IMAGE_VERSION) IMAGE_VERSION=$value ;;
      SOURCE_VERSION) SOURCE_VERSION=$value ;;
      BUILT_WITH) BUILT_WITH=$value ;;
    esac
  done <"$in/parameters"
}

read_registries() {
  local line
  [ -f /.dcdget/registries ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line =~ $registry_setting ]]; then registries+=("$line"); fi
  done </.dcdget/registries
}

# Runs a command as the unprivileged builder, with nothing of ours in its environment.
as_builder() {
  setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- \
    env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$app" USER=app LOGNAME=app LANG=C.UTF-8 TMPDIR=/tmp \
    STACK="$STACK" SOURCE_VERSION="$SOURCE_VERSION" DCDGET_IMAGE_VERSION="$IMAGE_VERSION" \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    npm_config_cafile=/etc/ssl/certs/ca-certificates.crt \
    ${registries[@]+"${registries[@]}"} \
    "$@" </dev/null
}

# Runs a program of the Nth buildpack after what the buildpacks before it export.
run_buildpack() {
  local number=$1 program=$2 exports=() earlier stack=$STACK
  shift 2
  for ((earlier = 0; earlier < number; earlier++)); do exports+=("${folders[earlier]}/export"); done
  [ "${kinds[number]}" = own ] || stack=$foreign_stack
  # shellcheck disable=SC2016 # expanded by the builder's own bash
  STACK=$stack as_builder bash --noprofile --norc -c '
    count=$1 program=$2
    shift 2
    exports=("${@:1:count}")
    shift "$count"
    for file in "${exports[@]}"; do if [ -f "$file" ]; then . "$file"; fi; done
    exec "$program" "$@"' bash "${#exports[@]}" "${folders[number]}/bin/$program" "${exports[@]}" "$@"
}

fetch_buildpacks() {
  local cache_name kind what ref
  while read -r cache_name kind what ref; do
    case $kind in
      own) add_own "$what" ;;
      git) fetch_git "$cache_name" "$what" "$ref" ;;
      archive) fetch_archive "$cache_name" "$what" ;;
    esac
  done <"$in/buildpacks"
  printf '%s\n' "${versions[*]}" >"$out/versions"
}

# use NAME KIND FOLDER CACHE_NAME VERSION
use() {
  [ -x "$3/bin/compile" ] || fail "$1 is no buildpack: it has no bin/compile that can be run."
  names+=("$1") kinds+=("$2") folders+=("$3") caches+=("$cache/$4") versions+=("$5")
}

# A copy of its own, so that it may leave its export file there as any other does.
add_own() {
  local folder=$fetched/${#names[@]}
  [ -d "$ours/$1" ] || fail "dcdget has no buildpack of the name $1; it has $(ls -m "$ours")."
  as_builder cp -R "$ours/$1" "$folder"
  use "heroku/$1" own "$folder" "$1" -
}

# git with nothing but https, no question and an end.
builder_git() {
  as_builder timeout 300 env GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=https GIT_CONFIG_NOSYSTEM=1 \
    git -c core.hooksPath=/dev/null -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=30 -c advice.detachedHead=false "$@"
}

# fetch_git CACHE_NAME URL [REF]
fetch_git() {
  local folder=$fetched/${#names[@]} name=$2${3:+#$3} commit
  step "Fetching buildpack $name"
  builder_git init -q "$folder"
  bring_commit "$folder" "$2" "$3" || fail "The buildpack $name could not be fetched: the log tells why."
  commit=$(builder_git -C "$folder" rev-parse HEAD)
  [[ $commit =~ ^[0-9a-f]{40,64}$ ]] || fail "The buildpack $name has no commit."
  if [ -f "$folder/.gitmodules" ]; then
    builder_git -C "$folder" submodule --quiet update --init --recursive --depth 1 ||
      fail "A submodule of the buildpack $name could not be fetched: the log tells why."
  fi
  note "commit $commit"
  use "$name" git "$folder" "$1" "$commit"
}

# bring_commit FOLDER URL [REF]: alone, or, of a server that gives no single commit, out of everything.
bring_commit() {
  builder_git -C "$1" fetch -q --depth 1 "$2" "${3:-HEAD}" 2>/dev/null &&
    builder_git -C "$1" checkout -q --detach FETCH_HEAD && return 0
  builder_git -C "$1" fetch -q "$2" HEAD '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*' || return 1
  [ -n "$3" ] || { builder_git -C "$1" checkout -q --detach FETCH_HEAD; return; }
  builder_git -C "$1" checkout -q --detach "refs/remotes/origin/$3" 2>/dev/null ||
    builder_git -C "$1" checkout -q --detach "$3^{commit}"
}

# fetch_archive CACHE_NAME URL
fetch_archive() {
  local folder=$fetched/${#names[@]} file=/tmp/buildpack digest
  step "Fetching buildpack $2"
  as_builder curl -fsSL --proto =https --proto-redir =https --max-redirs 5 --max-filesize 268435456 \
    --connect-timeout 15 --max-time 300 -o "$file" "$2" || fail "The buildpack $2 could not be fetched: the log tells why."
  digest=$(sha256sum <"$file" | cut -d ' ' -f 1)
  as_builder mkdir "$folder"
  as_builder tar --extract --file "$file" --directory "$folder" --no-same-owner --no-same-permissions ||
    fail "The buildpack $2 is no tar archive that can be unpacked."
  rm -f "$file"
  note "sha256 $digest"
  use "$2" archive "$(top_of "$folder")" "$1" "$digest"
}

# Archives of repositories have all in one folder.
top_of() {
  local entries
  mapfile -t entries < <(find "$1" -mindepth 1 -maxdepth 1)
  if [ ! -e "$1/bin" ] && [ "${#entries[@]}" = 1 ] && [ -d "${entries[0]}" ]; then
    printf '%s' "${entries[0]}"
  else
    printf '%s' "$1"
  fi
}

# The same source was compiled with the same buildpacks before.
stop_if_known() {
  if [ -z "$BUILT_WITH" ] || [ "$BUILT_WITH" != "${versions[*]}" ]; then return 0; fi
  step 'The same source was compiled with these buildpacks before'
  reach known
  exit 0
}

unpack_source() {
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

# Another one whenever a file was written, whatever its times say; folders have none that count.
cache_state() {
  find "$cache" -mindepth 1 \( -type d -printf 'd %m %p\n' \) -o -printf '%y %m %s %C@ %p %l\n' | LC_ALL=C sort | sha256sum
}

detect() {
  local number
  if [ "${#names[@]}" = 0 ]; then find_own; return; fi
  for number in "${!names[@]}"; do
    detects "$number" || fail "The buildpack ${names[number]} does not recognise this app."
  done
}

# The first of ours that knows the app.
find_own() {
  local name
  for name in $asked; do
    [ -x "$ours/$name/bin/detect" ] || continue
    add_own "$name"
    if detects 0; then return; fi
    names=() kinds=() folders=() caches=() versions=()
    rm -rf "${fetched:?}/0"
  done
  fail 'No buildpack recognises this app: none of the files they look for, such as package.json, is at its top.'
}

detects() {
  local title status=0
  title=$(run_buildpack "$1" detect "$app" | head -c 200; exit "${PIPESTATUS[0]}") || status=$?
  # 141: it prints more than a title.
  [ "$status" = 0 ] || [ "$status" = 141 ] || return
  title=${title%%$'\n'*}
  printf '%s\n' "${names[$1]}" >>"$out/buildpacks"
  printf '%s\n' "$title" >>"$out/titles"
  step "$title app detected"
}

compile() {
  local number
  drop_other_caches
  for number in "${!names[@]}"; do
    as_builder mkdir -p "${caches[number]}"
    compile_with "$number"
  done
}

compile_with() {
  local status=0
  run_buildpack "$1" compile "$app" "${caches[$1]}" "$in/environment" || status=$?
  [ "$status" = 0 ] && return 0
  if [ "$status" = 137 ]; then fail 'The build was killed, most likely for using more memory than a build may have.'; fi
  fail 'The app did not compile: the log tells why.'
}

# What buildpacks left that the app does not use any more.
drop_other_caches() {
  local folder
  shopt -s nullglob dotglob
  for folder in "$cache"/*; do
    [[ " ${caches[*]} " == *" $folder "* ]] || rm -rf "$folder"
  done
  shopt -u nullglob dotglob
}

release() {
  local number status
  for number in "${!names[@]}"; do
    : >"$out/release.$number.yml"
    [ -x "${folders[number]}/bin/release" ] || continue
    run_buildpack "$number" release "$app" | head -c "$((most_declared + 1))" >"$out/release.$number.yml"
    status=${PIPESTATUS[0]}
    # One that prints without end is cut off by head; what it printed is then too much.
    case $status in 0 | 141) ;; *) fail "The buildpack ${names[number]} failed in bin/release." ;; esac
  done
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
  [ -n "$(ls -A "$cache")" ] && [ "$(cache_state)" != "$given_cache" ] || return 0
  tar --create --file - --directory "$cache" --sort=name --numeric-owner --format=posix \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime . |
    zstd -q -1 -T2 -o "$out/cache.tar.zst" || rm -f "$out/cache.tar.zst"
}

main

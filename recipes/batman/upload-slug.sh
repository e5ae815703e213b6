#!/usr/bin/env bash
# Leases a slug to what an operation makes and sees to it that it is on this server, unpacked once for all who use it.
#
# What is unpacked comes from strangers: it is done by the very user the app runs as, and looked
# through before it gets its name.
#
# Inputs:
#   DIGEST       sha256 of the slug, a tar.zst                                (required)
#   APP          name of the app                                              (required)
#   SEQUENCE     number of the operation among those of the app               (required)
#   SLUG_URL     where it comes from, a secret                                (required)
#   SLUG_BYTES   its size                                                     (required)
# Prints: {"unpacked":true}, {"unpacked":false} when it was there;
#   {"code":"disk_full","message":"…"} and exit 75 without room;
#   {"code":"source_invalid","message":"…"} for a slug that no retry makes good
set -euo pipefail
export -n SLUG_URL
LC_ALL=C
umask 022

refuse() {
  echo "batman/upload-slug: $1" >&2
  exit 64
}
[[ ${DIGEST-} =~ ^[0-9a-f]{64}$ ]] || refuse "DIGEST is not a sha256"
[[ ${APP-} =~ ^[a-z][a-z0-9-]{1,28}[a-z0-9]$ ]] || refuse "APP is not an app name"
[[ ${SEQUENCE-} =~ ^[1-9][0-9]{0,14}$ ]] || refuse "SEQUENCE is not a number"
url='^https?://[][A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$'
[[ ${SLUG_URL-} =~ $url ]] || refuse "SLUG_URL is not a URL"
[[ ${SLUG_BYTES-} =~ ^[1-9][0-9]{0,10}$ ]] || refuse "SLUG_BYTES is not a number"

max_bytes=$((4 * 1024 * 1024 * 1024))
max_entries=500000
# What the server's other tenants keep of the disk, whatever a slug unpacks to.
reserve_bytes=$((256 * 1024 * 1024))
root=/srv/dcdget
slug=$root/slugs/$DIGEST
fresh=$root/slugs/.new-$DIGEST

lease() {
  local file=$root/leases/$DIGEST/$APP.$SEQUENCE
  [[ -e $file ]] && return 0
  mkdir -p "${file%/*}"
  : >"$file"
}

lock() {
  mkdir -p /run/dcdget/slugs
  exec {lock}>>"/run/dcdget/slugs/$DIGEST"
  flock -w 600 "$lock" || { echo "another recipe has been bringing this slug for ten minutes" >&2; exit 1; }
}

clean() { rm -rf --one-file-system "$fresh"; }

disk_full() {
  clean
  printf '{"code":"disk_full","message":"%s"}\n' "$1"
  exit 75
}

give_up() {
  clean
  echo "batman/upload-slug: $1" >&2
  exit 1
}

# Sets what the slug may take, the smaller of its own limits and what the disk can spare.
read_budget() {
  local block_bytes free_blocks inodes free_inodes free_bytes
  read -r block_bytes free_blocks inodes free_inodes < <(stat -f -c '%S %a %c %d' "$root")
  free_bytes=$((block_bytes * free_blocks - reserve_bytes))
  # Some file systems have no fixed number of inodes and say 0.
  free_inodes=$((inodes == 0 ? max_entries : free_inodes - inodes / 20))
  ((free_bytes > SLUG_BYTES && free_inodes > 0)) || disk_full "$root has no room for the slug."
  byte_budget=$((free_bytes < max_bytes ? free_bytes : max_bytes))
  entry_budget=$((free_inodes < max_entries ? free_inodes : max_entries))
}

reject() {
  clean
  printf '{"code":"source_invalid","message":"The slug is refused: %s."}\n' "$1"
  exit 0
}

# The address reaches curl by its stdin, never by its command line. One byte more than announced is
# enough to see that it is another file.
bring() {
  local bytes
  printf 'url = "%s"\n' "$SLUG_URL" |
    curl -fsS --config - --proto =http,https --cacert "$root/ca.pem" --connect-timeout 5 \
      --speed-limit 1000 --speed-time 30 --max-time 900 |
    head -c $((SLUG_BYTES + 1)) >"$fresh/slug.tar.zst" || give_up "the slug could not be brought"
  bytes=$(stat -c %s "$fresh/slug.tar.zst")
  [[ $(sha256sum <"$fresh/slug.tar.zst") == "$DIGEST  -" ]] ||
    give_up "the slug did not arrive whole: $bytes of $SLUG_BYTES bytes, or not its sha256"
}

# As user 1000 of the containers: it may write nowhere else, make no device, take no owner and no
# set-user-ID bit; extended attributes are not unpacked.
unpack() {
  local codes
  mkdir "$fresh/tree"
  chown 101000:101000 "$fresh/tree"
  read_budget
  set +e +o pipefail
  zstd -dcq --memory=256MB "$fresh/slug.tar.zst" 2>"$fresh/words" |
    head -c "$byte_budget" |
    setpriv --reuid 101000 --regid 101000 --clear-groups --no-new-privs --bounding-set=-all \
      tar -xvf - -C "$fresh/tree" --no-same-owner --no-same-permissions --delay-directory-restore 2>>"$fresh/words" |
    awk -v max="$entry_budget" 'NR > max { exit 3 }'
  codes="${PIPESTATUS[*]}"
  set -e -o pipefail
  [[ $codes == '0 0 0 0' ]] || explain "$codes"
}

# Why it could not be unpacked: the disk, or the slug itself.
explain() {
  local words
  if [[ $1 == *' 3' ]]; then
    ((entry_budget == max_entries)) || disk_full "$root has no room for the entries of the slug."
    reject "it holds more than $max_entries entries"
  fi
  rm -rf --one-file-system "$fresh/tree"
  if (($(zstd -dcq --memory=256MB "$fresh/slug.tar.zst" 2>/dev/null | head -c $((byte_budget + 1)) | wc -c) > byte_budget)); then
    ((byte_budget == max_bytes)) || disk_full "$root has no room for the unpacked slug."
    reject "it unpacks to more than $((max_bytes / 1024 / 1024)) MiB"
  fi
  words=$(<"$fresh/words")
  [[ $words != *'No space left'* && $words != *'Disk quota'* ]] || disk_full "$root ran full while the slug was unpacked."
  words=$(grep -v 'Exiting with failure' <<<"$words" | tail -n 1 | tr -cd '[:alnum:] ._/:-' | head -c 300) || true
  reject "$words"
}

inspect() {
  local others
  others=$(cd "$fresh/tree" && find . -mindepth 1 -maxdepth 1 ! -name app -print -quit)
  [[ -z $others ]] || reject "it holds entries outside app/"
  [[ -d $fresh/tree/app && ! -L $fresh/tree/app ]] || reject "it holds no folder app/"
  others=$(find "$fresh/tree" ! -type f ! -type d ! -type l -print -quit)
  [[ -z $others ]] || reject "it holds something that is neither a file, a folder nor a link"
  others=$(find "$fresh/tree" ! -type l -perm /7000 -print -quit)
  [[ -z $others ]] || chmod -R ug-s,-t "$fresh/tree"
  chmod 755 "$fresh/tree/app"
}

lock
lease
if [[ -d $slug/app ]]; then
  [[ ! -e $fresh ]] || clean
  printf '{"unpacked":false}\n'
  exit 0
fi
clean
mkdir -p "$fresh"
bring
unpack
inspect
rm -f "$fresh/slug.tar.zst" "$fresh/words"
# The tree's own folder becomes the root of the layer and belongs to the container's root.
chown 100000:100000 "$fresh/tree"
sync -f "$fresh/tree"
mv -T "$fresh/tree" "$slug"
clean
printf '{"unpacked":true}\n'

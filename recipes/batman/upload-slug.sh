#!/usr/bin/env bash
# Leases a slug to a release and sees to it that it is on this server, unpacked once for all who use it.
#
# What is unpacked comes from strangers: it is done by the very user the app runs as, and looked
# through before it gets its name.
#
# Inputs:
#   DIGEST       sha256 of the slug, a tar.zst                                (required)
#   APP          name of the app                                              (required)
#   VERSION      number of the release                                        (required)
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
[[ ${VERSION-} =~ ^[1-9][0-9]{0,8}$ ]] || refuse "VERSION is not a number"
url='^https?://[][A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$'
[[ ${SLUG_URL-} =~ $url ]] || refuse "SLUG_URL is not a URL"
[[ ${SLUG_BYTES-} =~ ^[1-9][0-9]{0,10}$ ]] || refuse "SLUG_BYTES is not a number"

max_bytes=$((4 * 1024 * 1024 * 1024))
max_entries=500000
root=/srv/dcdget
slug=$root/slugs/$DIGEST
fresh=$root/slugs/.new-$DIGEST

lease() {
  local file=$root/leases/$DIGEST/$APP.v$VERSION
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

# Ends with disk_full when that is why something failed, with the given words otherwise.
give_up() {
  local block_bytes free_blocks free_inodes
  read -r block_bytes free_blocks free_inodes < <(stat -f -c '%S %a %d' "$root")
  clean
  if ((block_bytes * free_blocks < 16 * 1048576 || (free_inodes < 1000 && free_inodes > 0))); then
    printf '{"code":"disk_full","message":"%s ran full while the slug was unpacked."}\n' "$root"
    exit 75
  fi
  echo "batman/upload-slug: $1" >&2
  exit 1
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
  set +e +o pipefail
  zstd -dcq --memory=256MB "$fresh/slug.tar.zst" 2>"$fresh/words" |
    head -c "$max_bytes" |
    setpriv --reuid 101000 --regid 101000 --clear-groups --no-new-privs --bounding-set=-all \
      tar -xvf - -C "$fresh/tree" --no-same-owner --no-same-permissions --delay-directory-restore 2>>"$fresh/words" |
    awk -v max="$max_entries" 'NR > max { exit 3 }'
  codes="${PIPESTATUS[*]}"
  set -e -o pipefail
  case $codes in
    '0 0 0 0') ;;
    *' 3') reject "it holds more than $max_entries entries" ;;
    *)
      (($(zstd -dcq --memory=256MB "$fresh/slug.tar.zst" 2>/dev/null | head -c $((max_bytes + 1)) | wc -c) <= max_bytes)) ||
        reject "it unpacks to more than $((max_bytes / 1024 / 1024)) MiB"
      ! grep -q 'No space left' "$fresh/words" || give_up "no space left"
      reject "$(tail -n 1 "$fresh/words" | tr -cd '[:alnum:] ._/:-' | head -c 300)"
      ;;
  esac
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

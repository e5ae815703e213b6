#!/usr/bin/env bash
# Sees to it that this server can take instances: base image and ps-dock are there, the disk has room,
# the network stands.
#
# Inputs:
#   IMAGE_VERSION    name of the base image                                         (required)
#   IMAGE_SHA256     sha256 of its tar.zst                                          (required)
#   IMAGE_URL        where it comes from                                            (required)
#   IMAGE_TOKEN?     bearer token for it                                            (empty: none is sent)
#   PS_DOCK_SHA256   sha256 of the ps-dock program                                  (required)
#   PS_DOCK_URL      where it comes from                                            (required)
#   PS_DOCK_TOKEN?   bearer token for it                                            (empty: none is sent)
#   NEEDED_MB        room that the operation wants on the disk                      (required)
# Prints: {"ready":true,"freeMb":10240}; {"code":"disk_full","message":"…"} and exit 75 without room
set -euo pipefail
export -n IMAGE_URL IMAGE_TOKEN PS_DOCK_URL PS_DOCK_TOKEN
LC_ALL=C
umask 022

refuse() {
  echo "batman/prepare-server: $1" >&2
  exit 64
}
url='^https?://[][A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$'
[[ ${IMAGE_VERSION-} =~ ^[a-z0-9][a-z0-9._-]{0,63}$ ]] || refuse "IMAGE_VERSION is not a version"
[[ ${IMAGE_SHA256-} =~ ^[0-9a-f]{64}$ ]] || refuse "IMAGE_SHA256 is not a sha256"
[[ ${PS_DOCK_SHA256-} =~ ^[0-9a-f]{64}$ ]] || refuse "PS_DOCK_SHA256 is not a sha256"
[[ ${IMAGE_URL-} =~ $url && ${PS_DOCK_URL-} =~ $url ]] || refuse "IMAGE_URL or PS_DOCK_URL is not a URL"
[[ ${IMAGE_TOKEN-}${PS_DOCK_TOKEN-} =~ ^[A-Za-z0-9._~+/=-]*$ ]] || refuse "IMAGE_TOKEN or PS_DOCK_TOKEN is not a token"
[[ ${NEEDED_MB-} =~ ^[0-9]{1,7}$ ]] || refuse "NEEDED_MB is not a number"

root=/srv/dcdget
reserve_mb=256
image=$root/images/$IMAGE_VERSION
ps_dock=$root/bin/ps-dock-${PS_DOCK_SHA256:0:12}

read_disk() {
  local block_bytes free_blocks inodes free_inodes
  read -r block_bytes free_blocks inodes free_inodes < <(stat -f -c '%S %a %c %d' "$root")
  free_mb=$((block_bytes * free_blocks / 1048576))
  # Some file systems have no fixed number of inodes and say 0.
  free_inodes_percent=$((inodes == 0 ? 100 : free_inodes * 100 / inodes))
}

disk_full() {
  printf '{"code":"disk_full","message":"%s"}\n' "$1"
  exit 75
}

check_disk() {
  local wanted_mb=$((NEEDED_MB + reserve_mb))
  read_disk
  ((free_mb >= wanted_mb)) || disk_full "$root has $free_mb MiB left, $wanted_mb MiB are needed."
  ((free_inodes_percent >= 5)) || disk_full "$root has $free_inodes_percent % of its inodes left, 5 % are needed."
}

check_network() {
  if [[ ! -d /sys/class/net/dcd0 || ! -f $root/resolv.conf ]] || ! nft list map ip dcdget hostports &>/dev/null; then
    echo "restoring bridge and packet rules"
    systemctl restart dcdget-network.service
  fi
}

# bring URL TOKEN SHA256 FILE: address and token reach curl by its stdin, never by its command line.
bring() {
  {
    printf 'url = "%s"\n' "$1"
    [[ -z $2 ]] || printf 'header = "Authorization: Bearer %s"\n' "$2"
  } | curl -fsS --config - --proto =http,https --cacert "$root/ca.pem" --connect-timeout 5 --retry 2 \
    --speed-limit 1000 --speed-time 30 --max-time 600 -o "$4"
  [[ $(sha256sum <"$4") == "$3  -" ]] || { echo "what was brought for ${4##*/} has another sha256" >&2; exit 1; }
}

# Inside a user namespace that is shifted as the containers are, so that owners come out right.
shifted() {
  lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- "$@"
}

bring_image() {
  [[ -d $image/rootfs ]] && return 0
  local fresh=$root/images/.new-$IMAGE_VERSION
  echo "bringing base image $IMAGE_VERSION"
  rm -rf --one-file-system "$fresh"
  mkdir -p "$fresh/rootfs"
  chmod 711 "$fresh"
  chown 100000:100000 "$fresh/rootfs"
  bring "$IMAGE_URL" "${IMAGE_TOKEN-}" "$IMAGE_SHA256" "$fresh/image.tar.zst"
  zstd -dcq "$fresh/image.tar.zst" |
    shifted tar -xpf - -C "$fresh/rootfs" --numeric-owner --same-owner --exclude='./dev/*' --exclude='dev/*'
  rm -f "$fresh/image.tar.zst"
  [[ -x $fresh/rootfs/bin/bash ]] || { echo "the base image holds no /bin/bash" >&2; exit 1; }
  chmod 755 "$fresh"
  sync -f "$fresh"
  mv -T "$fresh" "$image"
}

bring_ps_dock() {
  [[ -x $ps_dock ]] && return 0
  local fresh=$root/bin/.new-${ps_dock##*/}
  echo "bringing ps-dock"
  bring "$PS_DOCK_URL" "${PS_DOCK_TOKEN-}" "$PS_DOCK_SHA256" "$fresh"
  chmod 755 "$fresh"
  sync "$fresh"
  mv -fT "$fresh" "$ps_dock"
}

# Two at once on the first deploy bring one image.
lock_when_missing() {
  [[ -d $image/rootfs && -x $ps_dock ]] && return 0
  mkdir -p /run/dcdget
  exec {lock}>>/run/dcdget/assets
  flock -w 600 "$lock" || { echo "another recipe has been bringing the base image for ten minutes" >&2; exit 1; }
}

check_disk
check_network
lock_when_missing
bring_image
bring_ps_dock
printf '{"ready":true,"freeMb":%d}\n' "$free_mb"

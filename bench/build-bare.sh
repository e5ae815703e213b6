#!/usr/bin/env bash
# What a build is compared to: the bare commands of a package manager on the build server, over the same base image and
# Node.js and against the same registries, as a user without rights, in a fresh copy of the source.
#
# Called on the server as: unshare --mount bash -s IMAGE KIND STATE SOURCE < build-bare.sh, with KIND npm or pip; STATE cold (no cache of
# the package manager) or warm (what the last run left); SOURCE a tar.gz of the app. Its mounts are its own. Prints the milliseconds that the commands took, alone on the last line.
set -euo pipefail

image=/srv/dcdget/images/$1/rootfs kind=$2 state=$3 source=${4-}
folder=/srv/dcdget/bare
root=$folder/root

take_away() {
  if mountpoint -q "$root"; then umount -Rl "$root"; fi
  rm -rf --one-file-system "$folder"/{upper,work}
}

prepare() {
  mkdir -p "$folder"/{upper,work,root,cache}
  mount -t overlay bare -o "lowerdir=$image,upperdir=$folder/upper,workdir=$folder/work" "$root"
  mkdir -p "$root"/{app,cache,opt/dcdget/node}
  chmod 1777 "$root/tmp"
  mount --bind "$folder/cache" "$root/cache"
  mount --bind "$(echo /srv/dcdget/packman/*/node)" "$root/opt/dcdget/node"
  mount --rbind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  cp /srv/dcdget/resolv.conf "$root/etc/resolv.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  tar -xzf "$source" -C "$root/app"
  chown -R 101000:101000 "$root/app" "$root/cache"
}

within() {
  local registries=()
  [[ ! -s /etc/dcdget/registries ]] || mapfile -t registries </etc/dcdget/registries
  chroot --userspec=101000:101000 "$root" env -i -C /app HOME=/app LANG=C.UTF-8 PATH=/opt/dcdget/node/bin:/usr/bin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt npm_config_cafile=/etc/ssl/certs/ca-certificates.crt \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CACHE_DIR=/cache/pip \
    npm_config_cache=/cache/npm npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false \
    "${registries[@]}" bash -euc "$1" >&2 </dev/null
}

trap take_away EXIT
take_away
if [[ $state == cold ]]; then rm -rf "$folder"; fi
prepare
case $kind in
  npm) commands='npm ci && npm run build' ;;
  pip)
    within 'python3 -m venv --without-pip venv'
    commands='python3 -m pip --python venv/bin/python install --quiet -r requirements.txt'
    ;;
esac
began=${EPOCHREALTIME/./}
within "$commands"
ended=${EPOCHREALTIME/./}
echo "$(((ended - began) / 1000))"

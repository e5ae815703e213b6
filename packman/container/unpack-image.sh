#!/bin/bash
# Unpacks a base image with the owners that containers of this server have.
#
# Usage: unpack-image.sh ARCHIVE.tar.zst FOLDER
# FOLDER exists and is empty. Device nodes are left out: a container gets its own.
set -euo pipefail
archive=$1 folder=$2

chown 100000:100000 "$folder"
exec lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- \
  tar --extract --zstd --file - --directory "$folder" \
  --numeric-owner --preserve-permissions --exclude='./dev/*' <"$archive"

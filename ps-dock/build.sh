#!/bin/sh
# Builds the static ps-dock binary. The same sources and Go release give the
# same bytes, wherever the checkout is.
#
# usage: build.sh OUT
#   GOARCH  for another architecture (amd64, arm64)
set -eu

if [ "$#" -ne 1 ]; then
  echo "usage: build.sh OUT" >&2
  exit 64
fi

case $1 in
  /*) out=$1 ;;
  *) out=$PWD/$1 ;;
esac

cd "$(dirname "$0")"
export CGO_ENABLED=0 GOOS=linux GOFLAGS='' GOWORK=off GOTOOLCHAIN=local
exec go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o "$out" .

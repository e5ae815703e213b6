#!/usr/bin/env bash
# Packs the command line alone as OUTDIR/dcdget-<version>.tgz, for `npm install -g` on any machine with Node 20 or later:
# one JavaScript file with its libraries in it, their licences, and no dependency to install.
#
#   cli/pack.sh OUTDIR
#
# Prints the path of the archive.
set -euo pipefail

cli=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly cli

main() {
  [[ $# -eq 1 ]] || { echo 'usage: cli/pack.sh OUTDIR' >&2 && exit 2; }
  mkdir -p -- "$1"
  local outdir staging
  outdir=$(cd "$1" && pwd)
  staging=$(mktemp -d "${TMPDIR:-/tmp}/dcdget-pack.XXXXXX")
  # shellcheck disable=SC2064  # the folder of now, not of then
  trap "rm -rf -- '$staging'" EXIT
  "$cli/../node_modules/.bin/node" "$cli/bundle.ts" "$staging"
  cp "$cli/README.md" "$cli/../LICENSE" "$staging/"
  cd "$staging"
  printf '%s/%s\n' "$outdir" "$(npm pack --silent --ignore-scripts --pack-destination "$outdir")"
}

main "$@"

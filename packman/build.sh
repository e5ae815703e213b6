#!/usr/bin/env bash
# Packs Packman as one archive: what a build server needs of it.
#
# Usage: packman/build.sh OUT.tar.zst
# Holds packman.mjs, container/, buildpacks/ and node/ (a Node.js with npm that
# buildpacks work with). The same sources give the same archive.
# Needs the project's node_modules, npm among them, tar and zstd.
set -euo pipefail

out=$(readlink -m "${1:?usage: packman/build.sh OUT.tar.zst}")
root=$(dirname "$(dirname "$(readlink -f "$0")")")
modules=${NODE_MODULES:-$root/node_modules}
npm=${NPM_FOLDER:-$modules/npm}
bundle=$(mktemp -d)
trap 'rm -rf "$bundle"' EXIT

for needed in "$modules/node/bin/node" "$npm/bin/npm-cli.js" "$modules/.bin/esbuild"; do
  [ -e "$needed" ] || {
    echo "packman/build.sh: $needed is missing: run npm ci first" >&2
    exit 1
  }
done

"$modules/.bin/esbuild" "$root/packman/main.ts" --bundle --platform=node --target=node24 --format=esm \
  --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' \
  --log-level=warning --outfile="$bundle/packman.mjs"

install -d "$bundle/container" "$bundle/buildpacks" "$bundle/node/bin" "$bundle/node/lib/node_modules"
cp "$root"/packman/container/* "$bundle/container/"
# What buildpacks share is linked into each of them: there every one is whole.
for programs in "$root"/buildpacks/*/bin/; do cp -RL "$(dirname "$programs")" "$bundle/buildpacks/"; done
cp -L "$modules/node/bin/node" "$bundle/node/bin/node"
cp -R "$npm" "$bundle/node/lib/node_modules/npm"
rm -rf "$bundle/node/lib/node_modules/npm"/{docs,man}
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$bundle/node/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$bundle/node/bin/npx"
find "$bundle" -name '*.bats' -delete
# What a compile that was tried from the checkout has left.
rm -f "$bundle"/buildpacks/*/export
chmod -R u=rwX,go=rX "$bundle"

mkdir -p "$(dirname "$out")"
tar --create --file - --directory "$bundle" --sort=name --mtime=@315532800 \
  --owner=0 --group=0 --numeric-owner --format=gnu . | zstd -q -f -10 -T2 -o "$out.part"
mv "$out.part" "$out"

#!/usr/bin/env bats
# The parts of the nodejs buildpack that need no network and no container.

setup() {
  buildpack=$BATS_TEST_DIRNAME
  modules=$BATS_TEST_DIRNAME/../../node_modules
  npm=${NPM_FOLDER:-$modules/npm}
  [ -d "$npm" ] || skip 'npm is not installed: run npm ci'
  app=$BATS_TEST_TMPDIR/app
  export DCDGET_NODE=$BATS_TEST_TMPDIR/node
  mkdir -p "$app" "$DCDGET_NODE/bin" "$DCDGET_NODE/lib/node_modules" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"
  ln -s "$(readlink -f "$modules/node/bin/node")" "$DCDGET_NODE/bin/node"
  ln -s "$(readlink -f "$npm")" "$DCDGET_NODE/lib/node_modules/npm"
}

package() { printf '%s' "$1" >"$app/package.json"; }
compile() { run "$buildpack/bin/compile" "$app" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"; }
facts() { "$DCDGET_NODE/bin/node" "$buildpack/lib/package.mjs" facts "$app" "$npm" | tr '\0' '\n'; }
key() { "$DCDGET_NODE/bin/node" "$buildpack/lib/package.mjs" key "$app"; }

@test "an app with a package.json is a Node.js app" {
  package '{}'
  run "$buildpack/bin/detect" "$app"
  [ "$status" = 0 ]
  [ "$output" = 'Node.js' ]
}

@test "a folder without a package.json is no Node.js app" {
  run "$buildpack/bin/detect" "$app"
  [ "$status" = 1 ]
}

@test "a package.json that is not JSON fails the compile with the parser's reason" {
  package '{"name": oops'
  compile
  [ "$status" = 1 ]
  [[ $output == ' !     package.json is not valid JSON: '* ]]
}

@test "a package.json of the wrong shape fails the compile naming the field" {
  package '{"scripts": []}'
  compile
  [ "$status" = 1 ]
  [ "$output" = ' !     "scripts" in package.json is not an object.' ]
}

@test "engines.node that is no range of versions fails the compile" {
  # shellcheck disable=SC2016  # no expansion is what is tested
  package '{"engines": {"node": "$(touch /tmp/x); file:../evil"}}'
  compile
  [ "$status" = 1 ]
  [[ $output == *'which is not a range of versions.' ]]
}

@test "a lock file that is not JSON fails the compile" {
  package '{}'
  printf '<<<<<<< HEAD' >"$app/package-lock.json"
  compile
  [ "$status" = 1 ]
  [[ $output == ' !     package-lock.json is not valid JSON: '* ]]
}

@test "our own Node.js is taken when it satisfies engines.node, and only then" {
  package '{"engines": {"node": ">=22"}}'
  facts | grep -qx 'node_own_satisfies=yes'
  package '{"engines": {"node": "18.x"}}'
  facts | grep -qx 'node_own_satisfies='
  facts | grep -qx 'node_range=>=18.0.0 <19.0.0-0'
}

@test "the start command is npm start when package.json or server.js gives it one, and none otherwise" {
  package '{"scripts": {"start": "node a.js"}}'
  run "$buildpack/bin/release" "$app"
  [[ $output == *'web: npm start' ]]
  package '{}'
  run "$buildpack/bin/release" "$app"
  [ "$output" = '---' ]
  touch "$app/server.js"
  run "$buildpack/bin/release" "$app"
  [[ $output == *'web: npm start' ]]
}

@test "the cached node_modules is another one when dependencies, lock file or .npmrc change, and only then" {
  package '{"version": "1.0.0", "dependencies": {"a": "1"}}'
  echo '{"packages": {}}' >"$app/package-lock.json"
  first=$(key)
  package '{"version": "2.0.0", "dependencies": {"a": "1"}}'
  [ "$(key)" = "$first" ]
  package '{"version": "2.0.0", "dependencies": {"a": "2"}}'
  [ "$(key)" != "$first" ]
  package '{"version": "1.0.0", "dependencies": {"a": "1"}}'
  echo 'legacy-peer-deps=true' >"$app/.npmrc"
  [ "$(key)" != "$first" ]
}

@test "the cached node_modules is another one in another base image" {
  # shellcheck source=buildpacks/nodejs/lib/dependencies.sh
  . "$buildpack/lib/dependencies.sh"
  bootstrap=$DCDGET_NODE here=$buildpack env_dir=$BATS_TEST_TMPDIR/env lock=package-lock.json
  package '{"name": "x"}'
  cd "$app"
  one=$(DCDGET_IMAGE_VERSION=bookworm-1 modules_key "$app")
  [ -n "$one" ]
  [ "$(DCDGET_IMAGE_VERSION=bookworm-1 modules_key "$app")" = "$one" ]
  [ "$(DCDGET_IMAGE_VERSION=bookworm-2 modules_key "$app")" != "$one" ]
}

@test "the lock file tells the package manager, and package.json its version" {
  package '{"packageManager": "pnpm@10.1.2+sha512.abc"}'
  touch "$app/pnpm-lock.yaml"
  facts | grep -qx 'manager=pnpm'
  facts | grep -qx 'manager_version=10.1.2'
  package '{"engines": {"pnpm": "9.x"}}'
  facts | grep -qx 'manager_version=>=9.0.0 <10.0.0-0'
  rm "$app/pnpm-lock.yaml"
  package '{}'
  echo '# yarn lockfile v1' >"$app/yarn.lock"
  facts | grep -qx 'manager_version=1'
  facts | grep -qx 'is_classic_yarn=yes'
  echo '__metadata:' >"$app/yarn.lock"
  facts | grep -qx 'manager_version=4'
}

@test "two package managers' lock files fail the compile" {
  package '{}'
  echo '{}' >"$app/package-lock.json"
  touch "$app/yarn.lock"
  compile
  [ "$status" = 1 ]
  [ "$output" = ' !     There is more than one lock file: package-lock.json, yarn.lock. Keep the one you install with.' ]
}

@test "a packageManager that is not the lock file's fails the compile" {
  package '{"packageManager": "yarn@4.1.0"}'
  touch "$app/pnpm-lock.yaml"
  compile
  [ "$status" = 1 ]
  [[ $output == *'but the lock file is pnpm-lock.yaml.' ]]
}

@test "an app that builds a page and has nothing to start is a site; with a start script it is none" {
  # shellcheck source=buildpacks/nodejs/lib/site.sh
  . "$buildpack/lib/site.sh"
  # shellcheck source=buildpacks/nodejs/lib/dependencies.sh
  . "$buildpack/lib/dependencies.sh"
  here=$buildpack bootstrap=$DCDGET_NODE build_dir=$app
  cd "$app"
  mkdir dist
  touch dist/index.html
  package '{}'
  [ -z "$(find_site)" ]
  scripts=' build '
  [ "$(find_site)" = dist ]
  package '{"scripts": {"start": "node a.js"}}'
  [ -z "$(find_site)" ]
  echo '{"root": "dist"}' >static.json
  [ "$(find_site)" = dist ]
}

# installed NAME VERSION [DEPENDENCIES]: a package with a program, as npm lays it out below $app.
installed() {
  local folder=$app/node_modules/$1 program=${1##*/}
  mkdir -p "$folder" "${folder%/"${1##*node_modules/}"}/.bin"
  printf '{"name": "%s", "version": "%s", "bin": "run.js", "dependencies": {%s}}' "${1##*node_modules/}" "$2" "${3-}" >"$folder/package.json"
  printf '#!/usr/bin/env node\n' >"$folder/run.js"
  ln -s "../${1##*node_modules/}/run.js" "${folder%/"${1##*node_modules/}"}/.bin/$program"
}

# A dependency, what it shares with a development one, and what only that one needs, some of it one below.
installed_app() {
  package '{"name": "x", "version": "1.0.0", "dependencies": {"keep": "1"}, "devDependencies": {"@scope/types": "1", "tool": "1"}}'
  installed keep 1.0.0 '"shared": "1"'
  installed shared 1.0.0
  installed tool 1.0.0 '"helper": "1", "shared": "2"'
  installed tool/node_modules/shared 2.0.0
  installed helper 1.0.0
  installed @scope/types 1.0.0
  "$DCDGET_NODE/bin/node" --input-type=module - "$app" <<'LOCK'
import { readFileSync, writeFileSync } from 'node:fs';
const folder = process.argv[2];
const root = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
const paths = ['@scope/types', 'helper', 'keep', 'shared', 'tool', 'tool/node_modules/shared'];
const packages = Object.fromEntries(
  paths.map((path) => {
    const { version, dependencies, bin } = JSON.parse(readFileSync(`${folder}/node_modules/${path}/package.json`, 'utf8'));
    const dev = !['keep', 'shared'].includes(path);
    const some = Object.keys(dependencies).length > 0;
    return [
      `node_modules/${path}`,
      { version, ...(dev && { dev }), ...(some && { dependencies }), bin: { [path.split('/').at(-1)]: bin } },
    ];
  }),
);
const { name, version, dependencies, devDependencies } = root;
const lock = (more) => `${JSON.stringify({ name, version, lockfileVersion: 3, requires: true, packages: { ...more, ...packages } }, null, 2)}\n`;
writeFileSync(`${folder}/package-lock.json`, lock({ '': { name, version, dependencies, devDependencies } }));
writeFileSync(`${folder}/node_modules/.package-lock.json`, lock({}));
LOCK
}

prune() { run "$DCDGET_NODE/bin/node" "$buildpack/lib/prune.mjs" "$app"; }

@test "pruning leaves what npm prune leaves" {
  installed_app
  cp -a "$app" "$BATS_TEST_TMPDIR/by-npm"
  prune
  [ "$status" = 0 ]
  (cd "$BATS_TEST_TMPDIR/by-npm" && "$DCDGET_NODE/bin/node" "$npm/bin/npm-cli.js" prune --omit=dev --ignore-scripts --offline)
  diff -r "$app" "$BATS_TEST_TMPDIR/by-npm"
  [ "$(ls -A "$app/node_modules")" = $'.bin\n.package-lock.json\n@scope\nkeep\nshared' ]
  [ "$(ls "$app/node_modules/.bin")" = $'keep\nshared' ]
}

@test "pruning is left to npm when node_modules is not what the lock file says, or settings leave out more" {
  installed_app
  tree() { (cd "$app" && find . -printf '%p %l\n' | sort); }
  before=$(tree)
  echo 'omit[]=optional' >"$app/.npmrc"
  prune
  [ "$status" = 3 ]
  rm "$app/.npmrc"
  mkdir "$app/node_modules/stranger"
  prune
  [ "$status" = 3 ]
  rmdir "$app/node_modules/stranger"
  sed -i 's/"version": "2.0.0"/"version": "2.0.1"/' "$app/package-lock.json"
  prune
  [ "$status" = 3 ]
  sed -i 's/"version": "2.0.1"/"version": "2.0.0"/' "$app/package-lock.json"
  [ "$(tree)" = "$before" ]
  prune
  [ "$status" = 0 ]
}

@test "pruning is left to npm when part of node_modules is a file or a link, and no link is followed" {
  installed_app
  left_to_npm() {
    prune
    [ "$status" = 3 ]
    [ -d "$app/node_modules/tool" ]
    rm "$1"
  }
  touch "$app/node_modules/@x"
  left_to_npm "$app/node_modules/@x"
  ln -s nowhere "$app/node_modules/@x"
  left_to_npm "$app/node_modules/@x"
  ln -s . "$app/node_modules/@x"
  left_to_npm "$app/node_modules/@x"
  ln -s .. "$app/node_modules/keep/node_modules"
  left_to_npm "$app/node_modules/keep/node_modules"
  ln -s nowhere "$app/node_modules/keep/node_modules"
  left_to_npm "$app/node_modules/keep/node_modules"
  mv "$app/node_modules/shared" "$app/elsewhere"
  ln -s ../elsewhere "$app/node_modules/shared"
  left_to_npm "$app/node_modules/shared"
  mv "$app/elsewhere" "$app/node_modules/shared"
  prune
  [ "$status" = 0 ]
}

@test "pruning is left to npm when what it wrote cannot be read" {
  installed_app
  echo '{"packages": {"node_modules/keep": null}}' >"$app/node_modules/.package-lock.json"
  prune
  [ "$status" = 3 ]
  echo '{' >"$app/node_modules/.package-lock.json"
  prune
  [ "$status" = 3 ]
}

@test "node_modules comes back from the cache as it was kept, links and modes too; a damaged one does not" {
  # shellcheck source=buildpacks/nodejs/lib/dependencies.sh
  . "$buildpack/lib/dependencies.sh"
  cache=$BATS_TEST_TMPDIR/cache
  installed_app
  chmod 750 "$app/node_modules/keep/run.js"
  cp -a "$app/node_modules" "$BATS_TEST_TMPDIR/kept"
  tree() { (cd "$1" && find . -printf '%p %m %l %y\n' | sort); }
  cd "$app"
  keep_modules abc
  echo changed >node_modules/keep/run.js
  mkdir node_modules/stranger
  restore_modules "$cache/modules/abc.tar"
  [ "$(tree node_modules)" = "$(tree "$BATS_TEST_TMPDIR/kept")" ]
  diff -r node_modules "$BATS_TEST_TMPDIR/kept"
  printf 'x' | dd of="$cache/modules/abc.tar" bs=1 seek=600 conv=notrunc status=none
  run restore_modules "$cache/modules/abc.tar"
  [ "$status" = 1 ]
  run restore_modules "$cache/modules/another.tar"
  [ "$status" = 1 ]
}

@test "what a script fails on after node_modules was restored is installed anew" {
  # shellcheck source=buildpacks/nodejs/lib/dependencies.sh
  . "$buildpack/lib/dependencies.sh"
  cache=$BATS_TEST_TMPDIR/cache scripts=' postinstall prepare ' lock=yes manager=npm
  modules_key() { echo abc; }
  await_node() { :; }
  # As patch-package does it: what is patched cannot be patched.
  npm() {
    echo "$*" >>"$BATS_TEST_TMPDIR/calls"
    case $* in
      ci*) mkdir node_modules && touch node_modules/patched ;;
      *postinstall) [ ! -e node_modules/patched ] && touch node_modules/patched ;;
    esac
  }
  calls() { tr '\n' ';' <"$BATS_TEST_TMPDIR/calls" && rm "$BATS_TEST_TMPDIR/calls"; }
  cd "$app"
  install_dependencies "$app"
  [ "$(calls)" = 'ci --include=dev;' ]
  run install_dependencies "$app"
  [ "$status" = 0 ]
  [ "$(calls)" = 'run --silent postinstall;ci --include=dev;' ]
  [ -e node_modules/patched ]
  scripts=' prepare '
  install_dependencies "$app"
  [ "$(calls)" = 'run --silent prepare;' ]
}

@test "config vars reach the build as they are, but not those that steer its programs" {
  # shellcheck disable=SC2016  # no expansion is what is tested
  printf 'two\nlines "$(x)"\n' >"$BATS_TEST_TMPDIR/env/GREETING"
  printf '/evil' >"$BATS_TEST_TMPDIR/env/PATH"
  printf '/evil.so' >"$BATS_TEST_TMPDIR/env/LD_PRELOAD"
  path=$PATH
  # shellcheck source=buildpacks/lib/environment.sh
  . "$buildpack/lib/environment.sh"
  export_config_vars "$BATS_TEST_TMPDIR/env"
  [ "$GREETING" = $'two\nlines "$(x)"\n' ]
  [ "$PATH" = "$path" ]
  [ -z "${LD_PRELOAD:-}" ]
}

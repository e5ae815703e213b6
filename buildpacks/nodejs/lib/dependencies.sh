# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
# shellcheck source=buildpacks/lib/cache.sh
. "$(dirname "${BASH_SOURCE[0]}")/cache.sh"
# Set by bin/compile: what package.json says, and where things are.
: "${bootstrap:=}" "${scripts:=}" "${lock:=}" "${manager:=}" "${is_classic_yarn:=}" "${cache:=}" "${has_links:=}" "${has_development_packages:=}" "${here:=}" "${env_dir:=}" "${node_and_npm:=}"

# The app's options may be none of this Node.js.
own_node() { NODE_OPTIONS='' "$bootstrap/bin/node" "$@"; }

has_script() { [[ $scripts == *" $1 "* ]]; }

run_script() {
  has_script "$1" || return 0
  note "Running $1"
  indented npm run --silent "$1" || fail "The \"$1\" script of package.json failed."
}

# Brings node_modules to what the lock file says: from the cache when nothing that
# decides on its content has changed since, else from the registry.
install_dependencies() {
  local build_dir=$1 key
  step 'Installing dependencies'
  key=$(modules_key "$build_dir")
  if [ -n "$key" ] && restore_modules "$cache/modules/$key.tar"; then
    await_node
    if run_install_scripts; then return 0; fi
    note 'A script fails on the restored node_modules, perhaps since it ran on it before: installing anew'
  fi
  await_node
  install_from_registry
  keep_modules "$key"
}

# Empty when node_modules cannot be kept: without a lock file, or with packages
# that are links into the app itself.
modules_key() {
  [ -n "$lock" ] && [ -z "$has_links" ] && [ "${NODE_MODULES_CACHE:-true}" != false ] && [ ! -e binding.gyp ] || return 0
  {
    own_node "$here/lib/package.mjs" key "$1"
    echo "$node_and_npm"
    # What packages compile is linked with the libraries of the image.
    echo "${DCDGET_IMAGE_VERSION:-}"
    uname -m
    config_vars_digest "$env_dir"
  } | sha256sum | cut -c 1-32
}

restore_modules() {
  [ -f "$1" ] || return 1
  note 'The lock file has not changed: restoring node_modules from the cache'
  rm -rf node_modules
  tar --extract --preserve-permissions --file "$1" && return 0
  note 'The cache is damaged; installing anew'
  return 1
}

install_from_registry() {
  rm -rf node_modules
  if [ -n "$lock" ]; then
    "install_with_$manager"
    return
  fi
  warn 'There is no lock file: every build may get other versions. Run npm install and commit package-lock.json.'
  note 'npm install'
  indented npm install --include=dev --no-package-lock || fail 'npm install failed: the lines above tell why.'
}

install_with_npm() {
  note 'npm ci'
  indented npm ci --include=dev || complain_about_install 'npm ci' 'npm install'
}

install_with_pnpm() {
  note 'pnpm install --frozen-lockfile'
  run_pnpm install --frozen-lockfile --prod=false --package-import-method copy --reporter append-only ||
    complain_about_install 'pnpm install' 'pnpm install'
}

# Its store by the names that its versions know; no question, and no other version of itself.
run_pnpm() {
  indented env CI=true npm_config_store_dir="$cache/pnpm" pnpm_config_store_dir="$cache/pnpm" \
    npm_config_manage_package_manager_versions=false pnpm "$@"
}

install_with_yarn() {
  if [ -n "$is_classic_yarn" ]; then
    note 'yarn install --frozen-lockfile'
    indented yarn install --frozen-lockfile --production=false --non-interactive --no-progress ||
      complain_about_install 'yarn install' 'yarn install'
  else
    note 'yarn install --immutable'
    indented yarn install --immutable || complain_about_install 'yarn install' 'yarn install'
  fi
}

complain_about_install() {
  fail "$1 failed: the lines above tell why." \
    "If package.json and the lock file disagree, run $2 and commit the lock file."
}

# What an install runs of the app's own scripts besides those of its packages; false when one fails.
run_install_scripts() {
  local name
  for name in preinstall install postinstall preprepare prepare postprepare; do
    has_script "$name" || continue
    note "Running $name"
    indented npm run --silent "$name" || return 1
  done
}

# As one file: thousands of them would be written once more with every build.
keep_modules() {
  local key=$1
  rm -rf "$cache/modules"
  [ -n "$key" ] && [ -d node_modules ] || return 0
  mkdir -p "$cache/modules"
  tar --create --file "$cache/modules/$key.tar" node_modules
}

build_app() {
  if has_script heroku-postbuild; then
    step 'Building'
    run_script heroku-postbuild
  elif has_script build; then
    step 'Building'
    run_script build
  fi
}

prune_dependencies() {
  if [ -z "$has_development_packages" ] || [ ! -d node_modules ]; then return 0; fi
  if [ "${NPM_CONFIG_PRODUCTION:-true}" = false ]; then
    step 'Keeping the development dependencies: NPM_CONFIG_PRODUCTION is false'
    return 0
  fi
  step 'Pruning development dependencies'
  "prune_with_$manager" || fail "Pruning with $manager failed: the lines above tell why."
}

prune_with_npm() {
  local status=0
  if [ -n "$lock" ]; then
    own_node "$here/lib/prune.mjs" "$PWD" || status=$?
    # 3: it is npm's turn.
    [ "$status" = 3 ] || return "$status"
    indented npm prune --omit=dev --ignore-scripts
    return
  fi
  indented npm prune --omit=dev --ignore-scripts --no-package-lock
}

prune_with_pnpm() { run_pnpm prune --prod --ignore-scripts; }

prune_with_yarn() {
  if [ -n "$is_classic_yarn" ]; then
    indented yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline --non-interactive --no-progress
  else
    indented env YARN_ENABLE_SCRIPTS=false yarn workspaces focus --all --production
  fi
}

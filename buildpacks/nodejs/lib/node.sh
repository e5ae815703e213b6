# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
# Set by bin/compile: what package.json says.
: "${manager:=}" "${manager_version:=}" "${is_classic_yarn:=}" "${node_wanted:=}" "${node_range:=}" "${node_own_satisfies:=}" \
  "${node_own_version:=}" "${npm_version:=}"

# Puts a Node.js that satisfies engines.node and an npm that runs on it into
# .heroku/node of the app; await_node waits until they are there. Sets
# node_and_npm, which names both versions.
install_node() {
  local bootstrap=$1 home=$2 cache=$3
  step 'Installing binaries'
  note "engines.node (package.json):  ${node_wanted:-unspecified}"
  mkdir -p "$home/bin" "$home/lib/node_modules"
  ln -sfn ../lib/node_modules/npm/bin/npm-cli.js "$home/bin/npm"
  ln -sfn ../lib/node_modules/npm/bin/npx-cli.js "$home/bin/npx"
  if [ -n "$node_own_satisfies" ]; then
    node_and_npm="Node.js v$node_own_version, npm $npm_version"
    copy_own "$bootstrap" "$home" &
    copying=$!
  else
    fetch_node "$bootstrap" "$home" "$cache"
    install_npm "$bootstrap" "$home" "$cache"
    node_and_npm=$(node -p "'Node.js ' + process.version + ', npm ' + require(process.argv[1]).version" \
      "$home/lib/node_modules/npm/package.json")
  fi
  note "$node_and_npm"
}

# It is large, and what comes next does not need it yet.
copy_own() {
  cp --reflink=auto "$1/bin/node" "$2/bin/node"
  cp -R --reflink=auto "$1/lib/node_modules/npm" "$2/lib/node_modules/npm"
}

copying=''
await_node() {
  [ -z "$copying" ] || wait "$copying" || fail 'Node.js could not be put into the app: the disk of the build is full.'
  copying=''
}

# The registry has every Node.js as a package that holds the program itself.
fetch_node() {
  local bootstrap=$1 home=$2 cache=$3 package
  package=node-linux-$(node_architecture)
  note "Fetching Node.js $node_wanted from the registry"
  fetch_package "$bootstrap" "$cache" "$package@$node_range" "$home/fetched" ||
    fail "No Node.js satisfies \"engines.node\": \"$node_wanted\" of package.json, or the registry did not give it." \
      'Ask for a version that exists, such as "24.x".'
  mv "$home/fetched/node_modules/$package/bin/node" "$home/bin/node"
  rm -rf "$home/fetched"
}

# npm runs on some Node.js only; an older Node.js gets the npm of its time.
install_npm() {
  local bootstrap=$1 home=$2 cache=$3 major
  major=$("$home/bin/node" -p 'process.versions.node.split(".")[0]') ||
    fail "The Node.js that satisfies \"$node_wanted\" does not run here."
  if ((major >= 22)); then
    cp -R --reflink=auto "$bootstrap/lib/node_modules/npm" "$home/lib/node_modules/npm"
    return
  fi
  ((major >= 14)) || fail "Node.js $major is too old for this buildpack: use 14 or later."
  fetch_package "$bootstrap" "$cache" "npm@$( ((major >= 18)) && echo 10 || echo 8)" "$home/fetched" ||
    fail "The registry did not give an npm for Node.js $major."
  mv "$home/fetched/node_modules/npm" "$home/lib/node_modules/npm"
  rm -rf "$home/fetched"
}

# The package manager that wrote the lock file, when it is not npm. An exact version of
# it is kept; of a range every build takes the newest.
install_manager() {
  local bootstrap=$1 home=$2 cache=$3 kept=$3/manager/$manager@$manager_version package=$manager program version
  if [ "$manager" = npm ]; then return; fi
  await_node
  if [ "$manager" = yarn ] && [ -z "$is_classic_yarn" ]; then package=@yarnpkg/cli-dist; fi
  if [ -d "$kept" ]; then
    cp -a --reflink=auto "$kept" "$home/manager"
  else
    fetch_package "$bootstrap" "$cache" "$package@$manager_version" "$home/manager" ||
      fail "The registry did not give $manager $manager_version." \
        'Name a version that exists in "packageManager" of package.json.'
    rm -rf "$cache/manager"
    if [[ $manager_version =~ ^[0-9]+\.[0-9]+\.[0-9] ]]; then
      mkdir -p "$cache/manager"
      cp -a --reflink=auto "$home/manager" "$kept"
    fi
  fi
  for program in "$home"/manager/node_modules/.bin/*; do
    ln -sfn "../manager/node_modules/.bin/${program##*/}" "$home/bin/${program##*/}"
  done
  version=$(node -p 'require(process.argv[1]).version' "$home/manager/node_modules/$package/package.json")
  node_and_npm+=", $manager $version"
  note "$manager $version"
}

fetch_package() {
  local bootstrap=$1 cache=$2 package=$3 folder=$4
  mkdir -p "$folder"
  indented env PATH="$bootstrap/bin:$PATH" npm install --prefix "$folder" --cache "$cache/npm" --ignore-scripts \
    --no-save --no-package-lock --no-audit --no-fund --silent --force "$package"
}

node_architecture() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) fail "There is no Node.js package for $(uname -m)." ;;
  esac
}

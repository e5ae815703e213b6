# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
# shellcheck source=buildpacks/lib/cache.sh
. "$(dirname "${BASH_SOURCE[0]}")/cache.sh"
# Set by bin/compile.
: "${here:=}" "${cache:=}" "${env_dir:=}" "${environment:=}" "${manager:=}"

readonly uv_version=0.13.9

# Prints which program installs what the app asks for: uv, poetry or pip.
chosen_manager() {
  if [ -f uv.lock ]; then
    echo uv
  elif [ -f poetry.lock ]; then
    echo poetry
  elif [ -f requirements.txt ]; then
    echo pip
  else
    fail 'Nothing says what this app depends on: there is no requirements.txt, poetry.lock or uv.lock.' \
      'Commit one of them, an empty requirements.txt if there is nothing to install.'
  fi
}

# Brings the environment to what the app asks for: from the cache when nothing that
# decides on its content has changed since, else from the registry.
install_dependencies() {
  local key
  step "Installing dependencies with $manager"
  key=$(environment_key)
  mkdir -p "${environment%/*}"
  if [ -n "$key" ] && [ -d "$cache/environment/$key" ]; then
    note 'The dependencies have not changed: restoring them from the cache'
    cp -a --reflink=auto "$cache/environment/$key" "$environment"
    return
  fi
  rm -rf "$environment"
  python3 -m venv --without-pip "$environment"
  "install_with_$manager"
  compile_bytecode
  rm -rf "$cache/environment"
  [ -n "$key" ] || return 0
  mkdir -p "$cache/environment"
  cp -a --reflink=auto "$environment" "$cache/environment/$key"
}

# Empty when the environment cannot be kept, because something comes from the app itself.
environment_key() {
  local files
  files=$(find . -maxdepth 2 \( -path ./.heroku -o -path ./.git \) -prune -o -type f \
    \( -path './*.txt' -o -path './*.in' -o -path ./pyproject.toml -o -path ./uv.lock -o -path ./poetry.lock \) \
    -print | LC_ALL=C sort)
  if [ "$manager" = pip ] && comes_from_app; then return; fi
  {
    while IFS= read -r file; do sha256sum "$file"; done <<<"$files"
    python3 -VV
    echo "$manager $uv_version"
    uname -m
    config_vars_digest "$env_dir"
  } | sha256sum | cut -c 1-32
}

comes_from_app() {
  grep -qE '^[[:space:]]*(-e|--editable|\.|/|file:)|@[[:space:]]*(file:|git\+)|^[[:space:]]*git\+' requirements.txt
}

pip_install() {
  local python=$1
  shift
  indented python3 -m pip --python "$python" install --quiet --no-compile --no-warn-script-location "$@"
}

install_with_pip() {
  note 'pip install -r requirements.txt'
  pip_install "$environment/bin/python" -r requirements.txt || fail 'pip install failed: the lines above tell why.'
}

install_with_uv() {
  local tool=$cache/uv-$uv_version
  ensure_uv "$tool"
  note 'uv sync --locked'
  UV_PROJECT_ENVIRONMENT=$environment UV_CACHE_DIR=$cache/uv UV_PYTHON=/usr/bin/python3 UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy UV_NO_PROGRESS=1 UV_SYSTEM_CERTS=1 \
    indented "$tool/bin/uv" sync --locked --no-default-groups ||
    fail 'uv sync failed: the lines above tell why.' 'If pyproject.toml and uv.lock disagree, run uv lock and commit the file.'
}

# What the lock file names, by its hashes and nothing besides; then the app itself, where it is a package.
install_with_poetry() {
  local requirements
  requirements=$(mktemp)
  python3 "$here/lib/poetry-requirements.py" . >"$requirements" || exit 1
  note 'Installing what poetry.lock names'
  pip_install "$environment/bin/python" --no-deps --require-hashes -r "$requirements" ||
    fail 'pip install failed: the lines above tell why.'
  rm -f "$requirements"
  is_package || return 0
  pip_install "$environment/bin/python" --no-deps -e . || fail 'The app itself could not be installed: the lines above tell why.'
}

is_package() {
  python3 -c 'import sys, tomllib
with open("pyproject.toml", "rb") as file: project = tomllib.load(file)
packaged = project.get("tool", {}).get("poetry", {}).get("package-mode", True)
sys.exit(not (packaged and "build-system" in project))'
}

ensure_uv() {
  local folder=$1
  if [ -x "$folder/bin/uv" ]; then return; fi
  rm -rf "$cache"/uv-*
  note "Fetching uv $uv_version"
  python3 -m venv --without-pip "$folder"
  pip_install "$folder/bin/python" "uv==$uv_version" || {
    rm -rf "$folder"
    fail "The registry did not give uv $uv_version."
  }
}

# Made now and for good: an instance has a fresh file system at every start, and all
# files of a slug are of one time, which tells nothing about them.
compile_bytecode() {
  "$environment/bin/python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$environment/lib" >/dev/null || true
}

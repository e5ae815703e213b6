# shellcheck shell=bash

# Exports the app's config vars, one file each, save those that would steer the
# programs of the build itself.
export_config_vars() {
  local env_dir=$1 file key value
  [ -d "$env_dir" ] || return 0
  for file in "$env_dir"/*; do
    [ -f "$file" ] || continue
    key=${file##*/}
    case $key in
      PATH | HOME | PWD | SHELL | USER | IFS | ENV | BASH_ENV | BASH_* | SHELLOPTS | PS[0-9] | TMPDIR | GIT_DIR | \
        CPATH | CPPATH | LD_* | LIBRARY_PATH | NODE_PATH | PYTHONHOME | PYTHONPATH | VIRTUAL_ENV | RUBYLIB | GOROOT | \
        GOTOOLCHAIN | JAVA_HOME | STACK | SOURCE_VERSION | DCDGET_IMAGE_VERSION) continue ;;
    esac
    IFS= read -r -d '' value <"$file" || true
    export "$key=$value"
  done
}

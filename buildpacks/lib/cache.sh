# shellcheck shell=bash

# A line for each config var: whatever a build looks at may make another result.
config_vars_digest() {
  local env_dir=$1
  [ -d "$env_dir" ] || return 0
  (cd "$env_dir" && find . -type f -print0 | sort -z | xargs -0r sha256sum)
}

# Empties a folder of downloads that has grown above so many megabytes: what is
# needed comes again.
bound_folder() {
  local folder=$1 most_mb=$2 size_mb
  [ -d "$folder" ] || return 0
  size_mb=$(du -sm "$folder" | cut -f 1)
  if ((size_mb > most_mb)); then
    # Go's modules, for one, are not to be written to.
    chmod -R u+w "$folder"
    rm -rf "$folder"
  fi
}

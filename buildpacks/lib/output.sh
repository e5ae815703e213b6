# shellcheck shell=bash
# How a buildpack speaks to the developer.

step() { printf -- '-----> %s\n' "$1"; }
note() { printf '       %s\n' "$1"; }
warn() { printf ' !     %s\n' "$1"; }

fail() {
  local sentence
  for sentence in "$@"; do warn "$sentence" >&2; done
  exit 1
}

# Line by line as they come. (sed -u would do it, too, but reads byte by byte.)
indent() { stdbuf -oL sed 's/^/       /'; }

# Runs a command with its output indented; its exit status is the command's own.
indented() {
  "$@" 2>&1 | indent
  return "${PIPESTATUS[0]}"
}

# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"

# Builds the programs of the app into bin/.
build_programs() {
  local packages
  read -ra packages <<<"$(chosen_packages)"
  if ((${#packages[@]} == 0)); then
    fail 'There is no program in this app: no package main at its top or below cmd/.' \
      'Name one in the config var GO_INSTALL_PACKAGE_SPEC, or in go.mod: // +heroku install ./path'
  fi
  step "Building ${packages[*]}"
  mkdir -p bin
  indented go build -trimpath -buildvcs=false -o bin/ "${packages[@]}" || fail 'go build failed: the lines above tell why.'
}

# What the app says itself, else the program at its top, else those below cmd/.
chosen_packages() {
  local named
  named=$(sed -n 's#^//[[:space:]]*+heroku install[[:space:]]\+##p' go.mod)
  if [ -n "${GO_INSTALL_PACKAGE_SPEC:-$named}" ]; then
    echo "${GO_INSTALL_PACKAGE_SPEC:-$named}"
  elif is_program .; then
    echo .
  else
    programs_below_cmd
  fi
}

is_program() { [ "$(go list -f '{{.Name}}' "$1" 2>/dev/null)" = main ]; }

programs_below_cmd() {
  [ -d cmd ] || return 0
  go list -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' ./cmd/... 2>/dev/null | tr '\n' ' '
}

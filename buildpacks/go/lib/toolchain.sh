# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
# Set by bin/compile.
: "${cache:=}"

# A go.mod that asks for a newer one gets it through this one.
readonly go_version=1.27.4
# The base image has of an old Go the command alone: it knows where modules come from and checks them against Go's
# checksum database, and toolchains are modules.
readonly fetcher=/usr/local/lib/dcdget/go

# Puts Go into the cache and its folder into go_root.
install_go() {
  local module modules=$cache/toolchain
  go_root=$cache/go-$go_version
  if [ -x "$go_root/bin/go" ]; then return; fi
  rm -rf "$cache"/go-* "$modules"
  mkdir -p "$modules/root"
  step "Fetching Go $go_version"
  module=golang.org/toolchain@v0.0.1-go$go_version.linux-$(go_architecture)
  (cd "$modules" && GOROOT=$modules/root GOPATH=$modules GOMODCACHE=$modules GOFLAGS='' \
    indented "$fetcher" mod download -modcacherw "$module") ||
    fail "Go $go_version could not be fetched: the lines above tell why."
  # A module's files are stored without their right to be run.
  chmod 755 "$modules/$module"/bin/* "$modules/$module"/pkg/tool/*/*
  mv "$modules/$module" "$go_root"
  rm -rf "$modules"
}

go_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"

# Every app runs on the JDK of the base image; one that asks for another is told so.
check_version() {
  local own wanted
  own=$(javac --version | sed 's/^javac \([0-9]*\).*/\1/')
  wanted=$(wanted_version)
  step "Using Java $own"
  [ -z "$wanted" ] || [ "$wanted" = "$own" ] ||
    fail "system.properties asks for Java $wanted, and the base image has $own." "Ask for java.runtime.version=$own, or for nothing."
}

wanted_version() {
  [ -f system.properties ] || return 0
  sed -n 's/^[[:space:]]*java\.runtime\.version[[:space:]]*[=:][[:space:]]*\([0-9]*\).*/\1/p' system.properties | tail -n 1
}

# shellcheck shell=bash
# Set by bin/compile.
: "${here:=}"

# For the buildpacks that come after this one: NAME=value each, which their shell reads in double quotes.
write_export() {
  local setting
  [ -w "$here" ] || return 0
  for setting in "$@"; do printf 'export %s="%s"\n' "${setting%%=*}" "${setting#*=}"; done >"$here/export"
}

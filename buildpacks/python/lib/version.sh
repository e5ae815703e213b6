# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"

# Every app runs on the Python of the base image; one that asks for another is told so.
check_version() {
  local own wanted
  own=$(python3 -c 'import platform; print(platform.python_version())')
  wanted=$(wanted_version)
  step "Using Python $own"
  is_series "$own" "$wanted" && return
  fail "This app asks for Python $wanted, and the base image has $own." \
    "Ask for ${own%.*} in .python-version, or for nothing."
}

# The first two numbers at most: the last one brings fixes only.
wanted_version() {
  local file line
  for file in .python-version runtime.txt; do
    [ -f "$file" ] || continue
    while IFS= read -r line || [ -n "$line" ]; do
      line=${line%%#*}
      line=${line//[[:space:]]/}
      line=${line#python-}
      [ -n "$line" ] || continue
      [[ $line =~ ^[0-9]+(\.[0-9]+)?(\.[0-9]+)?$ ]] || fail "$file holds \"$line\", which is no version such as 3.11."
      echo "$line" | cut -d . -f 1-2
      return
    done <"$file"
  done
}

is_series() {
  local own=$1 wanted=$2
  [ -z "$wanted" ] || [[ $own. == "$wanted".* ]]
}

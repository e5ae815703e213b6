# shellcheck shell=bash
# Set by bin/compile.
: "${bootstrap:=}"

# Puts what serves the site into .heroku/static of the app. A second argument says that
# the build of a package.json made the site.
install_site() {
  local build_dir=$1 how=${2:-} lib
  lib=$(dirname "${BASH_SOURCE[0]}")
  mkdir -p "$build_dir/.heroku/static"
  "$bootstrap/bin/node" "$lib/site.mjs" nginx "$build_dir" "$how" >"$build_dir/.heroku/static/nginx.conf" || exit 1
  cp "$lib/serve" "$build_dir/.heroku/static/serve"
}

print_site_types() { printf 'default_process_types:\n  web: .heroku/static/serve\n'; }

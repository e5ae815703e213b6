# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
# shellcheck source=buildpacks/static/lib/serving.sh
. "$(dirname "${BASH_SOURCE[0]}")/static/serving.sh"
# Set by bin/compile.
: "${here:=}" "${build_dir:=}" "${site_root:=}"

# Prints the folder of pages that the build has left, when the app is a site: by its
# static.json, or because it has something to build and nothing to start.
find_site() {
  if [ ! -f static.json ]; then
    has_script build || has_script heroku-postbuild || return 0
    if [ -f Procfile ] || own_node "$here/lib/package.mjs" starts "$build_dir"; then return; fi
  fi
  own_node "$here/lib/static/site.mjs" root "$build_dir" || exit 1
}

# Nginx serves the site; what built it has no more to do.
serve_site() {
  step "Serving $site_root with Nginx"
  install_site "$build_dir" built
  [ -f Procfile ] || rm -rf .heroku/node node_modules .profile.d/nodejs.sh
}

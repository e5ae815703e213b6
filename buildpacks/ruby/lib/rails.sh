# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"

precompile_assets() {
  is_rails && has_task assets:precompile || return 0
  step 'Precompiling assets'
  # Rails wants a key for its sessions even where there are none.
  SECRET_KEY_BASE="${SECRET_KEY_BASE:-$(printf '0%.0s' {1..64})}" SECRET_KEY_BASE_DUMMY=1 \
    indented bundle exec rake assets:precompile || fail 'rake assets:precompile failed: the lines above tell why.'
  rm -rf tmp/cache
}

is_rails() { grep -qsE '^    railties \(' Gemfile.lock; }

has_task() {
  [ -f Rakefile ] || return 1
  SECRET_KEY_BASE_DUMMY=1 bundle exec rake --silent --prereqs --dry-run "$1" >/dev/null 2>&1
}

# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
# shellcheck source=buildpacks/lib/cache.sh
. "$(dirname "${BASH_SOURCE[0]}")/cache.sh"
# Set by bin/compile.
: "${cache:=}" "${env_dir:=}"

# Brings vendor/bundle to what Gemfile.lock says: from the cache when nothing that decides on its
# content has changed since; otherwise Bundler starts from what the cache has.
install_gems() {
  local key
  [ -f Gemfile.lock ] || fail 'There is no Gemfile.lock.' 'Run bundle install and commit the file.'
  step 'Installing gems'
  key=$(gems_key)
  rm -rf vendor/bundle .bundle/config
  mkdir -p vendor
  if [ -d "$cache/gems" ]; then cp -a --reflink=auto "$cache/gems" vendor/bundle; fi
  if [ -f vendor/bundle/.key ] && [ "$(<vendor/bundle/.key)" = "$key" ]; then
    note 'The gems have not changed: restoring them from the cache'
    rm -f vendor/bundle/.key
    return
  fi
  if ! same_ruby; then rm -rf vendor/bundle; fi
  run_bundler
  drop_what_no_app_needs
  keep_gems "$key"
}

run_bundler() {
  note 'bundle install'
  indented bundle install --quiet ||
    fail 'bundle install failed: the lines above tell why.' \
      'If Gemfile and Gemfile.lock disagree, or the lock file lacks this platform, run' \
      'bundle lock --add-platform x86_64-linux and commit Gemfile.lock.'
  indented bundle clean || fail 'bundle clean failed: the lines above tell why.'
}

# Archives of gems, and what compilers wrote down, which differs from build to build.
drop_what_no_app_needs() {
  rm -rf vendor/bundle/ruby/*/cache
  find vendor/bundle -type f \( -name gem_make.out -o -name mkmf.log -o -name '*.o' \) -delete
  find vendor/bundle -path '*/ext/*' -type f -name Makefile -delete
}

gems_key() {
  {
    sha256sum Gemfile Gemfile.lock
    ruby_name
    config_vars_digest "$env_dir"
  } | sha256sum | cut -c 1-32
}

ruby_name() { ruby -e 'puts RUBY_DESCRIPTION, RUBY_PLATFORM'; }

# Gems that were compiled for another Ruby are of no use.
same_ruby() { [ "$(cat vendor/bundle/.ruby 2>/dev/null)" = "$(ruby_name)" ]; }

keep_gems() {
  rm -rf "$cache/gems"
  ruby_name >vendor/bundle/.ruby
  cp -a --reflink=auto vendor/bundle "$cache/gems"
  printf '%s\n' "$1" >"$cache/gems/.key"
}

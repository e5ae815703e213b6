#!/usr/bin/env bats
# The ruby buildpack, with a gem server on this machine where Ruby, Bundler and a compiler are installed.

setup() {
  buildpack=$BATS_TEST_DIRNAME
  app=$BATS_TEST_TMPDIR/app
  mkdir -p "$app" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"
  export HOME=$BATS_TEST_TMPDIR/home
  mkdir -p "$HOME"
}

teardown() { [ -z "${gem_server:-}" ] || kill "$gem_server" 2>/dev/null || true; }

compile() { run "$buildpack/bin/compile" "$app" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"; }
release() { run "$buildpack/bin/release" "$app"; }
needs_bundler() { command -v bundle >/dev/null || skip 'Bundler is not installed'; }

# A gem that is compiled: `Twice.of(21)` is 42.
make_gem() {
  local folder=$BATS_TEST_TMPDIR/twice
  mkdir -p "$folder/ext" "$folder/lib" "$BATS_TEST_TMPDIR/site/gems"
  cat >"$folder/twice.gemspec" <<'RUBY'
Gem::Specification.new { |s| s.name = 'twice'; s.version = '1.0.0'; s.summary = s.author = 'twice'
s.files = %w[ext/twice.c ext/extconf.rb]; s.extensions = %w[ext/extconf.rb] }
RUBY
  echo 'require "mkmf"; create_makefile("twice")' >"$folder/ext/extconf.rb"
  cat >"$folder/ext/twice.c" <<'C'
#include <ruby.h>
static VALUE of(VALUE self, VALUE number) { return INT2NUM(2 * NUM2INT(number)); }
void Init_twice(void) { rb_define_singleton_method(rb_define_module("Twice"), "of", of, 1); }
C
  (cd "$folder" && gem build -q twice.gemspec && mv twice-1.0.0.gem "$BATS_TEST_TMPDIR/site/gems/")
  gem generate_index --quiet --directory "$BATS_TEST_TMPDIR/site"
}

# Sets gem_server and address.
serve_gems() {
  local port=$((20000 + RANDOM % 10000))
  address=http://127.0.0.1:$port
  python3 -m http.server -d "$BATS_TEST_TMPDIR/site" -b 127.0.0.1 "$port" >/dev/null 2>&1 3>&- &
  gem_server=$!
  for _ in {1..50}; do
    if curl -s -o /dev/null "$address"; then return; fi
    sleep 0.1
  done
  return 1
}

lock() { printf 'GEM\n%s  specs:\n%s\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n%s' "$1" "$2" "$3" >"$app/Gemfile.lock"; }

@test "an app with a Gemfile is a Ruby app, one with Rails in its lock file is named so" {
  run "$buildpack/bin/detect" "$app"
  [ "$status" = 1 ]
  touch "$app/Gemfile"
  run "$buildpack/bin/detect" "$app"
  [ "$output" = Ruby ]
  lock '' $'    railties (7.1.0)\n' ''
  run "$buildpack/bin/detect" "$app"
  [ "$output" = 'Ruby on Rails' ]
}

@test "an app without a Gemfile.lock is told so" {
  needs_bundler
  touch "$app/Gemfile"
  compile
  [ "$status" = 1 ]
  [[ $output == *' !     There is no Gemfile.lock.'* ]]
}

@test "a Rack app is served by Puma when it has it, a Rails app by its own server" {
  lock '' $'    puma (6.0.0)\n' ''
  release
  [ "$output" = '---' ]
  touch "$app/config.ru"
  release
  # shellcheck disable=SC2016  # expanded where the app runs
  [[ $output == *'web: bundle exec puma -b tcp://0.0.0.0:$PORT' ]]
  lock '' $'    railties (7.1.0)\n' ''
  release
  # shellcheck disable=SC2016  # expanded where the app runs
  [[ $output == *'web: bundle exec rails server -b 0.0.0.0 -p $PORT' ]]
}

@test "gems come from their source, are compiled, work, and are restored from the cache" {
  needs_bundler
  command -v cc >/dev/null || skip 'there is no compiler'
  [ -f "$(ruby -e 'print RbConfig::CONFIG["rubyhdrdir"]')/ruby.h" ] || skip 'the headers of Ruby are not installed'
  make_gem
  serve_gems
  printf 'source "%s"\ngem "twice"\n' "$address" >"$app/Gemfile"
  lock "  remote: $address/"$'\n' $'    twice (1.0.0)\n' $'  twice\n'
  compile
  [ "$status" = 0 ]
  [[ $output == *'bundle install'* ]]
  cd "$app"
  HOME=$app
  # shellcheck disable=SC1091  # made by the compile
  . .profile.d/ruby.sh
  [ "$(bundle exec ruby -e 'require "twice"; puts Twice.of(21)')" = 42 ]
  kill "$gem_server"
  rm -rf vendor .profile.d
  compile
  [ "$status" = 0 ]
  [[ $output == *'The gems have not changed: restoring them from the cache'* ]]
  [ "$(bundle exec ruby -e 'require "twice"; puts Twice.of(21)')" = 42 ]
}

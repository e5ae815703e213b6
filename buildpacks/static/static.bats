#!/usr/bin/env bats
# The static buildpack, and what its Nginx answers where one is installed.

setup() {
  # A compile leaves what the next buildpack reads.
  buildpack=$BATS_TEST_TMPDIR/buildpack
  cp -RL "$BATS_TEST_DIRNAME" "$buildpack"
  node=$BATS_TEST_DIRNAME/../../node_modules/node/bin/node
  [ -x "$node" ] || skip 'Node.js is not installed: run npm ci'
  export DCDGET_NODE=$BATS_TEST_TMPDIR/node
  mkdir -p "$DCDGET_NODE/bin"
  ln -s "$(readlink -f "$node")" "$DCDGET_NODE/bin/node"
  app=$BATS_TEST_TMPDIR/app
  mkdir -p "$app"
}

teardown() { [ -z "${nginx:-}" ] || kill "$nginx" 2>/dev/null || true; }

page() {
  mkdir -p "$(dirname "$app/$1")"
  echo "${2:-page}" >"$app/$1"
}

site() { run "$node" "$buildpack/lib/site.mjs" "$1" "$app" "${2:-}"; }

# Serves the app as its instance would; every other test of this file does without.
serve() {
  [ -x /usr/sbin/nginx ] || skip 'Nginx is not installed'
  mkdir -p "$app/.heroku/static"
  "$node" "$buildpack/lib/site.mjs" nginx "$app" "${1:-}" | sed "s#/tmp/nginx#$BATS_TEST_TMPDIR/nginx#" >"$app/.heroku/static/nginx.conf"
  mkdir -p "$BATS_TEST_TMPDIR/nginx"
  chmod -R a+rX "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")" "$(dirname "$(dirname "$BATS_TEST_TMPDIR")")"
  port=$((20000 + RANDOM % 10000))
  sed "s#@PORT@#127.0.0.1:$port#; s#@APP@#$app#" "$app/.heroku/static/nginx.conf" >"$BATS_TEST_TMPDIR/nginx/nginx.conf"
  /usr/sbin/nginx -e stderr -c "$BATS_TEST_TMPDIR/nginx/nginx.conf" 3>&- &
  nginx=$!
  for _ in {1..50}; do
    if curl -s -o /dev/null "http://127.0.0.1:$port/"; then return; fi
    sleep 0.1
  done
  return 1
}

headers() { curl -si -H 'Accept-Encoding: gzip' "http://127.0.0.1:$port$1" | tr -d '\r' | sed '/^$/q'; }
status_of() { curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port$1"; }

@test "a folder with a page or a static.json is a site, an empty one is none" {
  run "$buildpack/bin/detect" "$app"
  [ "$status" = 1 ]
  page public/index.html
  run "$buildpack/bin/detect" "$app"
  [ "$output" = 'Static site' ]
}

@test "the compile says what is served, and the release how" {
  page public/index.html
  run "$buildpack/bin/compile" "$app" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"
  [ "$output" = '-----> Serving public with Nginx' ]
  [ -x "$app/.heroku/static/serve" ]
  run "$buildpack/bin/release" "$app"
  [[ $output == *'web: .heroku/static/serve' ]]
}

@test "what a build leaves is served before what it was made of" {
  page index.html
  page dist/index.html
  site root
  [ "$output" = dist ]
}

@test "a static.json that is not JSON fails with the parser's reason" {
  page static.json '{'
  site nginx
  [ "$status" = 1 ]
  [[ $output == ' !     static.json is not valid JSON: '* ]]
}

@test "a root that leads out of the app, or anywhere Nginx would read otherwise, is refused" {
  page index.html
  # shellcheck disable=SC2016  # no expansion is what is tested
  for root in '"../etc"' '"/etc"' '"a b"' '"x; alias /etc"' '"a$uri"' 7; do
    page static.json "{\"root\": $root}"
    site nginx
    [ "$status" = 1 ]
    [ "$output" = ' !     "root" in static.json must be a folder of the app, such as "dist".' ]
  done
}

@test "a key that is not known is refused by name" {
  page index.html
  page static.json '{"headers": {}}'
  site nginx
  [[ $output == ' !     "headers" in static.json is not known; known are '* ]]
}

@test "a root without a page to begin with is refused" {
  page static.json '{"root": "site"}'
  site nginx
  [ "$output" = ' !     There is no index.html in "site", which is the root in static.json.' ]
}

@test "pages are asked for again each time, and what has its content in its name is kept" {
  page dist/index.html
  page dist/assets/index-B8qKeFbP.css
  page dist/assets/my-template.css
  page dist/photo-12345678a.css
  serve built
  [[ $(headers /) == *'Cache-Control: no-cache'* ]]
  [[ $(headers /assets/index-B8qKeFbP.css) == *'Cache-Control: public, max-age=31536000, immutable'* ]]
  [[ $(headers /assets/my-template.css) == *'Cache-Control: no-cache'* ]]
  [[ $(headers /photo-12345678a.css) == *'Cache-Control: no-cache'* ]]
}

@test "text is compressed" {
  page index.html "$(seq 1000)"
  serve
  [[ $(headers /) == *'Content-Encoding: gzip'* ]]
}

@test "a built site of one page answers every address of a page with it, but no missing file" {
  page dist/index.html single
  serve built
  [ "$(curl -s "http://127.0.0.1:$port/some/where")" = single ]
  [ "$(status_of /missing.js)" = 404 ]
}

@test "a plain site answers what it has, and its own page for what it has not" {
  page public/index.html
  page public/404.html lost
  page public/about.html about
  page static.json '{"clean_urls": true}'
  serve
  [ "$(curl -s "http://127.0.0.1:$port/about")" = about ]
  [ "$(status_of /nowhere)" = 404 ]
  [ "$(curl -s "http://127.0.0.1:$port/nowhere")" = lost ]
}

@test "nothing that belongs to the app and not to the site is shown" {
  page index.html
  page .git/config
  page static.json '{"root": "."}'
  page package.json
  page Procfile
  serve
  for path in /.git/config /static.json /package.json /Procfile /.heroku/static/nginx.conf; do
    [ "$(status_of "$path")" = 404 ]
  done
}

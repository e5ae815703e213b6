#!/usr/bin/env bats

setup() {
  # A compile leaves what the next buildpack reads.
  buildpack=$BATS_TEST_TMPDIR/buildpack
  cp -RL "$BATS_TEST_DIRNAME" "$buildpack"
  app=$BATS_TEST_TMPDIR/app
  mkdir -p "$app/bin"
}

compile() { run "$buildpack/bin/compile" "$app" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"; }

@test "a folder with a Procfile is an app, one without is none" {
  run "$buildpack/bin/detect" "$app"
  [ "$status" = 1 ]
  touch "$app/Procfile"
  run "$buildpack/bin/detect" "$app"
  [ "$output" = Procfile ]
}

@test "an app runs as it is" {
  # shellcheck disable=SC2016  # no expansion is what is tested
  printf 'web: bin/serve --port $PORT\nworker: python3 -m http.server' >"$app/Procfile"
  touch "$app/bin/serve"
  chmod +x "$app/bin/serve"
  compile
  [ "$status" = 0 ]
  [ "$output" = '-----> Nothing to compile: the app runs as it is' ]
}

@test "a program of the app that may not be run fails the compile" {
  printf 'web: sleep 1\nworker: bin/serve' >"$app/Procfile"
  touch "$app/bin/serve"
  compile
  [ "$status" = 1 ]
  [ "${lines[0]}" = ' !     The Procfile starts bin/serve, which may not be run.' ]
}

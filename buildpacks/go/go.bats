#!/usr/bin/env bats
# The parts of the go buildpack that need no module proxy and no container.

setup() {
  buildpack=$BATS_TEST_DIRNAME
  app=$BATS_TEST_TMPDIR/app
  mkdir -p "$app"
  cd "$app" || return
  # shellcheck source=buildpacks/go/lib/packages.sh
  . "$buildpack/lib/packages.sh"
}

needs_go() {
  command -v go >/dev/null || skip 'there is no Go'
  export GOFLAGS='' GOTOOLCHAIN=local GO111MODULE=on
  printf 'module app\n' >go.mod
}

program() {
  mkdir -p "$1"
  printf 'package main\n\nfunc main() {}\n' >"$1/main.go"
}

@test "an app with a go.mod is a Go app, one without is none" {
  run "$buildpack/bin/detect" "$app"
  [ "$status" = 1 ]
  touch go.mod
  run "$buildpack/bin/detect" "$app"
  [ "$output" = Go ]
}

@test "the only program is the web process; of several none is" {
  mkdir bin
  touch bin/server
  run "$buildpack/bin/release" "$app"
  [[ $output == *'web: bin/server' ]]
  touch bin/worker
  run "$buildpack/bin/release" "$app"
  [ "$output" = '---' ]
}

@test "the program at the top is built, and not those below cmd" {
  needs_go
  program .
  program cmd/tool
  [ "$(chosen_packages)" = . ]
}

@test "without a program at the top, those below cmd are built" {
  needs_go
  program cmd/server
  program cmd/worker
  mkdir cmd/library && echo 'package library' >cmd/library/library.go
  [ "$(chosen_packages)" = 'app/cmd/server app/cmd/worker ' ]
}

@test "a config var names what is built before go.mod does" {
  printf 'module app\n// +heroku install ./a ./b\n' >go.mod
  [ "$(chosen_packages)" = './a ./b' ]
  # shellcheck disable=SC2030,SC2031
  export GO_INSTALL_PACKAGE_SPEC=./c
  [ "$(chosen_packages)" = ./c ]
}

@test "an app without a program is told so" {
  needs_go
  run build_programs
  [ "$status" = 1 ]
  [[ ${lines[0]} == ' !     There is no program in this app'* ]]
}

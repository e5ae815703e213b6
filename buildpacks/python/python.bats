#!/usr/bin/env bats
# The parts of the python buildpack that need no registry and no container.

setup() {
  python3 -c 'import tomllib, venv' 2>/dev/null || skip 'there is no Python 3.11 with venv'
  # A copy: the compile leaves a file for other buildpacks there.
  buildpack=$BATS_TEST_TMPDIR/python
  cp -RL "$BATS_TEST_DIRNAME" "$buildpack"
  app=$BATS_TEST_TMPDIR/app
  mkdir -p "$app" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"
  own=$(python3 -c 'import platform; print(".".join(platform.python_version_tuple()[:2]))')
}

compile() { run "$buildpack/bin/compile" "$app" "$BATS_TEST_TMPDIR/cache" "$BATS_TEST_TMPDIR/env"; }
detect() { run "$buildpack/bin/detect" "$app"; }
requirements() { run python3 "$buildpack/lib/poetry-requirements.py" "$app"; }
default_types() {
  mkdir -p "$app/.heroku/python/bin"
  touch "$app/.heroku/python/bin/gunicorn"
  chmod +x "$app/.heroku/python/bin/gunicorn"
  run "$buildpack/bin/release" "$app"
}

@test "an app with a requirements.txt, a lock file or a project of its own is a Python app" {
  for file in requirements.txt uv.lock poetry.lock manage.py; do
    touch "$app/$file"
    detect
    [ "$output" = Python ]
    rm "$app/$file"
  done
  echo '[project]' >"$app/pyproject.toml"
  detect
  [ "$output" = Python ]
}

@test "a pyproject.toml that only sets up a tool makes no Python app" {
  echo '[tool.ruff]' >"$app/pyproject.toml"
  detect
  [ "$status" = 1 ]
}

@test "an app that says nothing of its dependencies is told to" {
  touch "$app/manage.py"
  compile
  [ "$status" = 1 ]
  [[ ${lines[0]} == ' !     Nothing says what this app depends on'* ]]
}

@test "an app that asks for another Python is told which one there is" {
  touch "$app/requirements.txt"
  echo '2.7.18' >"$app/.python-version"
  compile
  [ "$status" = 1 ]
  [[ $output == *" !     This app asks for Python 2.7, and the base image has $own."* ]]
}

@test "the Python that is there is taken by its first numbers, whatever the file's form" {
  touch "$app/requirements.txt"
  printf '# a comment\n\npython-%s.99\n' "$own" >"$app/runtime.txt"
  compile
  [ "$status" = 0 ]
  [ -x "$app/.heroku/python/bin/python" ]
  [ -f "$app/.profile.d/python.sh" ]
}

@test "a version that is none is refused" {
  touch "$app/requirements.txt"
  # shellcheck disable=SC2016  # no expansion is what is tested
  echo '$(touch x)' >"$app/.python-version"
  compile
  [ "$status" = 1 ]
  [[ $output == *'which is no version such as 3.11.' ]]
}

@test "the same requirements are restored from the cache, others are not" {
  touch "$app/requirements.txt"
  compile
  [[ $output != *'restoring them from the cache'* ]]
  rm -rf "$app/.heroku"
  compile
  [[ $output == *'restoring them from the cache'* ]]
  rm -rf "$app/.heroku"
  echo '# changed' >"$app/requirements.txt"
  compile
  [[ $output != *'restoring them from the cache'* ]]
}

@test "Django is served by its wsgi module, and a Procfile is not needed" {
  mkdir -p "$app/shop"
  touch "$app/manage.py" "$app/shop/wsgi.py"
  default_types
  [[ $output == *'web: gunicorn shop.wsgi' ]]
}

@test "the object that Gunicorn serves is found in app.py, and without one there is no default" {
  echo 'app = Flask(__name__)' >"$app/app.py"
  default_types
  [[ $output == *'web: gunicorn app:app' ]]
  echo 'happy = 1' >"$app/app.py"
  default_types
  [ "$output" = '---' ]
}

@test "a poetry.lock gives its main group with hashes and markers, and nothing of other groups" {
  printf '[tool.poetry.dependencies]\npython = "^3.11"\nFlask_Thing = "*"\n' >"$app/pyproject.toml"
  cat >"$app/poetry.lock" <<'LOCK'
[[package]]
name = "flask-thing"
version = "1.0"
groups = ["main"]
markers = "os_name != \"nt\""
files = [{file = "a", hash = "sha256:1"}, {file = "b", hash = "sha256:2"}]
[[package]]
name = "pytest"
version = "8.0"
groups = ["dev"]
files = []
[metadata]
lock-version = "2.1"
LOCK
  requirements
  [ "$output" = 'flask-thing==1.0 ; os_name != "nt" --hash=sha256:1 --hash=sha256:2' ]
}

@test "a poetry.lock that lacks what pyproject.toml asks for is refused" {
  printf '[project]\ndependencies = ["missing>=1"]\n' >"$app/pyproject.toml"
  printf '[metadata]\nlock-version = "2.1"\n' >"$app/poetry.lock"
  requirements
  [ "$status" = 1 ]
  [ "${lines[0]}" = ' !     missing of pyproject.toml is not in poetry.lock.' ]
}

@test "a poetry.lock of an older Poetry is refused" {
  touch "$app/pyproject.toml"
  printf '[metadata]\nlock-version = "1.1"\n' >"$app/poetry.lock"
  requirements
  [ "$status" = 1 ]
  [[ $output == *'older Poetry than 2.0'* ]]
}

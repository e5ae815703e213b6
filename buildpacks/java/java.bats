#!/usr/bin/env bats
# The parts of the java buildpack that need no repository and no container.

setup() {
  buildpack=$BATS_TEST_DIRNAME
  app=$BATS_TEST_TMPDIR/app
  mkdir -p "$app/target"
  cd "$app" || return
}

# An archive with the given line in its manifest.
archive() {
  python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as jar: jar.writestr("META-INF/MANIFEST.MF", sys.argv[2] + "\r\n")' "$1" "$2"
}

release() { run "$buildpack/bin/release" "$app"; }

@test "an app with a pom.xml is a Java app, one without is none" {
  run "$buildpack/bin/detect" "$app"
  [ "$status" = 1 ]
  touch pom.xml
  run "$buildpack/bin/detect" "$app"
  [ "$output" = Java ]
}

@test "the one archive that can be run is the web process" {
  archive target/library.jar 'Created-By: Maven'
  echo 'no archive' >target/broken.jar
  archive target/app.jar 'Main-Class: app.Main'
  release
  # shellcheck disable=SC2016  # expanded where the app runs
  [[ $output == *'web: java $JAVA_OPTS -Dserver.port=$PORT -jar target/app.jar' ]]
}

@test "of two archives that can be run none is" {
  archive target/a.jar 'Main-Class: a.Main'
  archive target/b.jar 'Main-Class: b.Main'
  release
  [ "$output" = '---' ]
}

@test "an app that asks for another Java is told which one there is" {
  # shellcheck source=buildpacks/java/lib/version.sh
  . "$buildpack/lib/version.sh"
  javac() { echo 'javac 17.0.1'; }
  echo 'java.runtime.version = 21' >system.properties
  run check_version
  [ "$status" = 1 ]
  [[ $output == *' !     system.properties asks for Java 21, and the base image has 17.'* ]]
  echo 'java.runtime.version=17.0.9' >system.properties
  run check_version
  [ "$status" = 0 ]
}

@test "a mirror stands in for every repository" {
  # shellcheck source=buildpacks/java/lib/maven.sh
  . "$buildpack/lib/maven.sh"
  [ "$(write_settings)" = $'<settings>\n</settings>' ]
  MAVEN_MIRROR_URL='https://mirror.example/a?b&c'
  [[ $(write_settings) == *'<mirrorOf>*</mirrorOf><url>https://mirror.example/a?b&amp;c</url>'* ]]
}

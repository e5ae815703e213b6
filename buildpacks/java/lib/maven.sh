# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
# Set by bin/compile.
: "${cache:=}"

readonly authorities=/etc/ssl/certs/ca-certificates.crt

# MAVEN_CUSTOM_GOALS and MAVEN_CUSTOM_OPTS of the config vars are the app's own words.
run_maven() {
  local goals options settings
  read -ra goals <<<"${MAVEN_CUSTOM_GOALS:-clean package}"
  read -ra options <<<"${MAVEN_CUSTOM_OPTS:--DskipTests}"
  settings=$(mktemp -d)
  write_settings >"$settings/settings.xml"
  java-trust-store "$authorities" "$settings/authorities"
  step "Building with Maven: ${goals[*]}"
  # The time of one build after the other makes no difference in what is packaged.
  MAVEN_OPTS="-Djavax.net.ssl.trustStore=$settings/authorities -Djavax.net.ssl.trustStoreType=JKS ${MAVEN_OPTS:-}" \
    indented mvn --batch-mode -Dstyle.color=never --no-transfer-progress --settings "$settings/settings.xml" \
    "-Dmaven.repo.local=$cache/repository" -Dproject.build.outputTimestamp=1980-01-01T00:00:02Z "${options[@]}" "${goals[@]}" ||
    fail 'Maven failed: the lines above tell why.'
  rm -rf "$settings"
  rm -rf target/maven-status target/maven-archiver target/surefire-reports
}

# MAVEN_MIRROR_URL stands in for every repository.
write_settings() {
  echo '<settings>'
  if [ -n "${MAVEN_MIRROR_URL:-}" ]; then
    printf '<mirrors><mirror><id>mirror</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>\n' \
      "$(sed 's/&/\&amp;/g; s/</\&lt;/g' <<<"$MAVEN_MIRROR_URL")"
  fi
  echo '</settings>'
}

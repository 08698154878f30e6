#!/usr/bin/env bash
# Tests a copy of the application, outside this repository, against the artifact of this checkout, which is installed into
# target/repository, and that artifact in an application of Spring Boot. Other artifacts are taken from the local repository.
# Needs what ./mvnw package makes.
#
#   examples/embedding/test.sh [local repository]     ~/.m2/repository unless given
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml)
jar=target/engagement-webhooks-$version.jar
[ -f "$jar" ] || { echo "there is no $jar; build it with ./mvnw package" >&2; exit 1; }

maven() {
  ./mvnw -B -ntp "-Dmaven.repo.local=$PWD/target/repository" "-Dmaven.repo.local.tail=$local" "$@"
}
local=${1:-$HOME/.m2/repository}

maven -q org.apache.maven.plugins:maven-install-plugin:3.1.4:install-file -Dfile="$jar" -DpomFile=pom.xml
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r examples/embedding/pom.xml examples/embedding/src "$copy"
cp -r src/spring-boot "$copy"
maven -f "$copy/spring-boot" test
maven -f "$copy" "-Dbom=$PWD/target/bom.json" test

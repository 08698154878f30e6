#!/usr/bin/env bash
# How long it takes from the save of a route file until the running jar has taken it up, in seconds.
set -eu
cd "$(dirname "$0")/.."
./mvnw -q -B -DskipTests package
exec java -cp "target/test-classes:target/classes:$(cat target/quickstart.classpath)" io.engagementwebhooks.bench.RouteSaves

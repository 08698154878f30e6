#!/usr/bin/env bash
# What signing adds to building a request, by form and scheme, in microseconds.
set -eu
cd "$(dirname "$0")/.."
./mvnw -q -B -DskipTests package
exec java -cp "target/test-classes:target/classes:$(cat target/quickstart.classpath)" io.engagementwebhooks.bench.SigningCost

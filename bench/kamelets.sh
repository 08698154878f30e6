#!/usr/bin/env bash
# What a message costs more that goes by a Kamelet, in microseconds.
set -eu
cd "$(dirname "$0")/.."
./mvnw -q -B -DskipTests package
exec java -cp "target/test-classes:target/classes:$(cat target/quickstart.classpath)" io.engagementwebhooks.bench.KameletCost

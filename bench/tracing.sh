#!/usr/bin/env bash
# What a span of an attempt costs in processor time, in microseconds, its way to a collector in another process included.
set -eu
cd "$(dirname "$0")/.."
./mvnw -q -B -DskipTests package
exec java -Dlogback.configurationFile=bench/logback.xml -cp "target/test-classes:target/classes:$(cat target/quickstart.classpath)" \
  io.engagementwebhooks.bench.TracingCost

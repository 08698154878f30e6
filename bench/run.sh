#!/usr/bin/env bash
# Events per second, accepted, stored, delivered and recorded, beside a plain Camel route that does none of it.
# Usage: bench/run.sh [seconds to warm up] [seconds to measure] [connections] [header|oauth2] [webhooks]   (30 15 64, all, 1)
# BENCH_JAVA_OPTS is given to the measured processes. BENCH_STORE=postgres: the store is a PostgreSQL started beside them.
set -eu
cd "$(dirname "$0")/.."
./mvnw -q -B -DskipTests package
exec java -cp "target/test-classes:target/classes:$(cat target/quickstart.classpath)" \
  io.engagementwebhooks.bench.Throughput "${1:-30}" "${2:-15}" "${3:-64}" ${4:+"$4"} ${5:+"$5"}

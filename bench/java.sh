#!/usr/bin/env bash
# Builds the jar and runs a class on the path of the tests, for the scripts beside this one; its log is bench/logback.xml.
# Usage: bench/java.sh [option of java...] class [argument...]
# BENCH_AS_BUILT=yes leaves the build out.
set -eu
cd "$(dirname "$0")/.."
[ -n "${BENCH_AS_BUILT:-}" ] || ./mvnw -q -B -DskipTests package
exec java -Dlogback.configurationFile=bench/logback.xml -cp "target/test-classes:target/classes:$(cat target/quickstart.classpath)" "$@"

#!/bin/sh
# Fuzzes what reads other people's input: the event parser, templates, webhooks.yaml, 15 seconds each and round, each round going on
# where the last one ended. Their seeds are in src/test/resources/**/*FuzzTestInputs, and run as tests in every build; an
# input that fails is added there.
# Usage: bench/fuzz.sh [rounds]                                          (20, some 20 minutes)
# BENCH_AS_BUILT=yes leaves the build out.
set -eu
cd "$(dirname "$0")/.."
for round in $(seq "${1:-20}"); do
  echo "== round $round"
  # one fuzz test a process is all that the fuzzer does
  JAZZER_FUZZ=1 ./mvnw -q -B ${BENCH_AS_BUILT:+surefire:}test -Dtest='*FuzzTest' -DreuseForks=false -Dtests.jit= -Djazzer.hooks=true
done

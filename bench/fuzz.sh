#!/bin/sh
# Fuzzes what reads other people's input, five minutes each: the event parser, templates, webhooks.yaml. Its seeds are
# in src/test/resources/**/*FuzzTestInputs, and run as tests in every build; an input that fails is added there.
# Usage: bench/fuzz.sh [EventReader] [Template] [SetUpReader]
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- EventReader Template SetUpReader
for one in "$@"; do
  echo "== $one"
  JAZZER_FUZZ=1 ./mvnw -q -B test -Dtest="${one}FuzzTest" -Djazzer.hooks=true
done

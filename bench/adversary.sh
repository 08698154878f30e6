#!/usr/bin/env bash
# One account, or a stranger, attacks the product, and another account sends ten small events a second meanwhile: how long
# they take, and what the process needs. Bounded; ends by itself, with status 1 where a bar is missed.
# Usage: bench/adversary.sh [option of the product's JVM...] [attack...]     (-Xmx256m and all, some 8 minutes)
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh -Xmx1g io.engagementwebhooks.bench.Adversary "$@"

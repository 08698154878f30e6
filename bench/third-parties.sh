#!/usr/bin/env bash
# Deliveries to the stand-ins of the third parties: one by one, in batches, and with failures and kills. Bounded; ends by
# itself. Usage: bench/third-parties.sh [deliveries]      (10000)
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh -Xmx512m io.engagementwebhooks.bench.ThirdPartyBench "${1:-10000}"

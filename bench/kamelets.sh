#!/usr/bin/env bash
# What a message costs more that goes by a Kamelet, in microseconds.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh io.engagementwebhooks.bench.KameletCost

#!/usr/bin/env bash
# What signing adds to building a request, by form and scheme, in microseconds.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh io.engagementwebhooks.bench.SigningCost

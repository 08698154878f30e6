#!/usr/bin/env bash
# What a span of an attempt costs in processor time, in microseconds, its way to a collector in another process included.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh io.engagementwebhooks.bench.TracingCost

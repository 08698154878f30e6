#!/usr/bin/env bash
# How long it takes from the save of a route file until the running jar has taken it up, in seconds.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh io.engagementwebhooks.bench.RouteSaves

#!/usr/bin/env bash
# How long each page, and each list of the API, takes with a large store: median and slowest of several requests, beside a
# limit of 200 ms. A store is filled first, unless the folder has one of that size already; a folder with anything else, such as a
# store that was filled in part, is refused. The account has 10 000 OAuth clients, 1000 connections, 1000 API keys and 100 signing
# keys beside its webhooks.
# Usage: bench/pages.sh [webhooks] [deliveries] [requests] [folder] [store]
#                       (100000     10000000     20         target/bench-pages  sqlite)
# The store is sqlite or postgres: a PostgreSQL that is started for it, whose data is kept in the folder.
# BENCH_JAVA_OPTS is given to the measured process. Ten million deliveries take 7 GB of disk.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh -Xmx2g io.engagementwebhooks.bench.PageTimes "${1:-100000}" "${2:-10000000}" "${3:-20}" "${4:-target/bench-pages}" "${5:-sqlite}"

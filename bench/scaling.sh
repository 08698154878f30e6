#!/usr/bin/env bash
# What a delivery costs a store in PostgreSQL: bytes on disk and in the log, transactions, processor time; with one and with
# several instances on this machine. Loopback only; ends by itself.
# Usage: bench/scaling.sh [seconds to warm up] [seconds to measure] [connections] [instances in each run]   (30 20 64 1,2,3)
# BENCH_STATEMENTS=pg_stat_statements shows its statements too, where the server has that library.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh io.engagementwebhooks.bench.Scaling "${1:-30}" "${2:-20}" "${3:-64}" "${4:-1,2,3}"

#!/usr/bin/env bash
# Several instances on one PostgreSQL under load, while in each round one of them is killed, suspended for twice its lease or cut
# off from the database, or the database is killed or suspended for 30 s. Accounts for every acknowledged event at the receivers;
# ends by itself, with 1 if anything was lost, late, repeated or out of order.
# Usage: bench/cluster.sh [rounds] [instances] [events a second]      (50 2 300)
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh -Xmx512m io.engagementwebhooks.bench.cluster.ClusterRounds "${1:-50}" "${2:-2}" "${3:-300}"

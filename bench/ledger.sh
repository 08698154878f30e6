#!/usr/bin/env bash
# What the ledger costs an event, by JMH, and a task of the pool that serves accounts in turn beside one of a plain pool.
# Usage: bench/ledger.sh                                                     (some 40 seconds)
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh io.engagementwebhooks.bench.LedgerCost

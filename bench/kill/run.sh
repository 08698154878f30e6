#!/usr/bin/env bash
# Kills the jar under load by SIGKILL, at each of ten points and at random moments, starts it again, and accounts for every
# acknowledged event by id at the receivers. Bounded; ends by itself, with 1 if anything was lost or wrong.
# Usage: bench/kill/run.sh [kills at each point] [kills at random moments] [sqlite|postgres]      (3 100 sqlite)
#        bench/kill/run.sh in-flight [requests] [sqlite|postgres]      (5000 sqlite): one kill while receivers have answered none of them
set -eu
[ "${1:-}" != in-flight ] || set -- in-flight "${2:-5000}" "${3:-sqlite}"
cd "$(dirname "$0")/../.."
exec bench/java.sh -Xmx512m io.engagementwebhooks.bench.kill.KillMain "${1:-3}" "${2:-100}" "${3:-sqlite}" "$(git rev-parse --short HEAD)"

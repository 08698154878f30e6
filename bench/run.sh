#!/usr/bin/env bash
# How fast it is, beside what, and which bars are met; on loopback, every id looked for at the receiver. Ends by itself:
# after about an hour, or some minutes with --quick, whose figures are rough.
# Usage: bench/run.sh [--quick] [--keep] [--jdk=HOME] [--virtual] [section...]
#   sections: throughput latency latency-of-receivers side-by-side waiting lookup fan-out start restart fairness release pacing changes jdk (all; --quick leaves jdk out)
#   cold: the rows of side-by-side of a process that was just started; BENCH_COLD=150,1200,posters selects some, BENCH_OTHER_JAR
#            adds another build, by BENCH_OTHER_LAUNCHER
#   compare: this build in turn with another (BENCH_OTHER_JAR) or with itself under other options (BENCH_OTHER_JAVA_OPTS),
#            on SQLite or with BENCH_STORE=postgres on PostgreSQL
#   erasure: an erasure of a person in a store of a million events (100 000 with --quick), on both stores
#   --jdk=HOME  the JDK of the measured processes; --virtual: with virtual threads (JDK 21 and later)
#   --keep      writes to bench/results, docs/images and docs/internals/benchmarks.md, as a whole run does; else to target/bench
#        bench/run.sh --table    prints the newest kept results as docs/internals/benchmarks.md shows them
#        bench/run.sh --fill     puts them there, and draws the charts
# BENCH_JAVA_OPTS is given to the measured processes, and takes the place of the launcher's heap or collector if it names one (a
# collector alone leaves the heap to the JVM); BENCH_OTHER_JDK is what section jdk compares with.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh -Xmx2g io.engagementwebhooks.bench.Bench "$@"

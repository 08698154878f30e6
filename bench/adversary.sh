#!/usr/bin/env bash
# One account, or a stranger, attacks the product, and another account sends ten small events a second, until 10 s after the
# attacker's last response: how long they take, and what the process needs. Bounded; ends by itself, with status 1 where a bar is missed.
# Usage: bench/adversary.sh [option of the product's JVM...] [attack...]     (-Xmx256m and all, some 10 minutes)
# An attack that is named twice runs twice. With -Dwebhooks.store.url name one attack: it needs an empty database.
set -eu
cd "$(dirname "$0")/.."
exec bench/java.sh -Xmx1g io.engagementwebhooks.bench.Adversary "$@"

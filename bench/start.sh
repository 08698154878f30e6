#!/usr/bin/env bash
# Milliseconds from `java -jar` to the first 202, with an empty store. Usage: bench/start.sh [runs]      (5)
set -eu
jar="$(cd "$(dirname "$0")/.." && pwd)/target/engagement-webhooks.jar"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >webhooks.yaml <<'YAML'
accounts:
  - id: bench
    apiKeys: [{name: load, role: ingest, key: bench-ingest-key-0123456789}]
    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
YAML
for run in $(seq "${1:-5}"); do
  rm -rf data
  begin=$(date +%s%N)
  java -Dcamel.server.port=18090 -Dcamel.management.port=18091 -jar "$jar" >log 2>&1 &
  pid=$!
  until [ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer bench-ingest-key-0123456789' \
    -H 'Content-Type: application/json' -d '{"id":"1","source":"/s","type":"t"}' \
    http://127.0.0.1:18090/v1/events)" = 202 ]; do sleep 0.02; done
  echo "run $run: $((($(date +%s%N) - begin) / 1000000)) ms"
  kill "$pid"
  wait "$pid" || true
done

#!/usr/bin/env bash
# Runs what the Dockerfile runs, without Docker: makes the AOT cache by its command, then starts the product by its ENTRYPOINT, in
# turn with the cache and without it, and tells the time from the start of the process to the first 202. A cache that the JVM cannot
# use ends it with 1.
#
#   JAVA_HOME=<a JDK 25> deploy/docker/start-times.sh [starts of each kind]     after ./mvnw package; 5 unless given
set -euo pipefail

[ -z "${JAVA_HOME-}" ] || PATH=$JAVA_HOME/bin:$PATH
if ! java -XX:AOTMode=auto -version >/dev/null 2>&1; then
  echo "start-times.sh: this java has no AOT cache, as the image's has; set JAVA_HOME to a JDK 25 or later" >&2
  exit 1
fi

here=$(cd "$(dirname "$0")" && pwd)
starts=${1:-5}
port=$((20000 + RANDOM % 10000))
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

app=$folder/app
mkdir "$app" "$folder/config"
cp "$here/../../target/engagement-webhooks.jar" "$app/"
cat >"$folder/config/webhooks.yaml" <<'YAML'
accounts:
  - id: acme
    apiKeys: [{name: pbx, role: ingest, key: a-key-for-the-start-times}]
    webhooks: [{name: none, events: [never.happens], delivery: {url: "https://crm.example.com", authentication: {type: none}}}]
YAML

# a line of the Dockerfile, with the lines that continue it
instruction() {
  sed -e ':join' -e '/\\$/{N;s/\\\n//;bjoin' -e '}' "$here/Dockerfile" | sed -n "s|^$1||p" | sed "s|/app/|$app/|g"
}

archive=$(instruction 'RUN ' | grep '^java ')
read -ra entry < <(instruction 'ENTRYPOINT ' | tr -d '[]",' )

echo "cache: $archive"
(cd "$app" && $archive >/dev/null)
ls -l "$app"/*.aot | awk '{print "cache: " $5 " bytes"}'

start() { # data folder, then the command; prints milliseconds
  local data=$1 began pid
  shift
  mkdir "$data"
  began=$(date +%s%3N)
  (cd "$folder/config" && WEBHOOKS_STORE_URL=jdbc:sqlite:$data/webhooks.db CAMEL_SERVER_PORT=$port CAMEL_MANAGEMENT_PORT=$((port + 1)) \
    exec "$@" >"$data/log" 2>&1) &
  pid=$!
  until curl -sf -o /dev/null -H 'Authorization: Bearer a-key-for-the-start-times' -H 'Content-Type: application/json' \
    -d '{"id":"1","source":"/s","type":"call.ended"}' "http://127.0.0.1:$port/v1/events"; do
    if ! kill -0 "$pid" 2>/dev/null || [ $(($(date +%s%3N) - began)) -gt 300000 ]; then
      cat "$data/log" >&2
      kill "$pid" 2>/dev/null || true
      return 1
    fi
    sleep 0.02
  done
  echo $(($(date +%s%3N) - began))
  kill "$pid"
  wait "$pid" 2>/dev/null || true
}

with=()
without=()
for ((i = 0; i < starts; i++)); do
  # where the cache cannot be used, the JVM says so and ends
  with+=("$(start "$folder/with-$i" "${entry[@]/-XX:AOTMode=auto/-XX:AOTMode=on}")")
  bare=()
  for word in "${entry[@]}"; do
    [[ $word == -XX:AOTCache=* ]] || bare+=("$word")
  done
  without+=("$(start "$folder/without-$i" "${bare[@]}")")
done

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
a=$(median "${with[@]}")
b=$(median "${without[@]}")
echo "start to first 202 with the cache:    median $a ms of ${with[*]}"
echo "start to first 202 without the cache: median $b ms of ${without[*]}"
echo "ratio: $(awk "BEGIN {printf \"%.2f\", $a / $b}")"

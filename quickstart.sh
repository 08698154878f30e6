#!/usr/bin/env bash
# Shows the product at work on this machine. Needs a JDK 17 or later, and nothing else.
set -u

usage() {
  cat <<'USAGE'
usage: ./quickstart.sh [--once] [--port N] [--management-port N]

Builds on the first run, starts the product and everything it talks to on loopback, sends sample calls and shows what
becomes of each. Runs until Ctrl-C.

  --once                stop by itself; exit code 0 only if every delivery arrived
  --port N              of the product (default 8080; 0: a free one)
  --management-port N   of its health and metrics (default 9876; 0: a free one)
USAGE
}

misused() {
  echo "quickstart: $1" >&2
  usage >&2
  exit 2
}

fail() {
  echo "quickstart: $1" >&2
  exit 1
}

once=""
port=8080
management_port=9876

port_of() { # option, value
  case "$2" in
    "" | *[!0-9]* | ??????*) misused "$1 needs a port, 0 to 65535" ;;
  esac
  [ "$((10#$2))" -le 65535 ] || misused "$1 needs a port, 0 to 65535"
}

while [ $# -gt 0 ]; do
  case "$1" in
    --once) once=--once ;;
    --port) port_of "$1" "${2-}"; port=$((10#$2)); shift ;;
    --management-port) port_of "$1" "${2-}"; management_port=$((10#$2)); shift ;;
    --help | -h) usage; exit 0 ;;
    *) misused "there is no option $1" ;;
  esac
  shift
done
[ "$port" -eq 0 ] || [ "$port" -ne "$management_port" ] || misused "--port and --management-port are the same"

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

java=java
javac=javac
if [ -n "${JAVA_HOME-}" ]; then
  java="$JAVA_HOME/bin/java"
  javac="$JAVA_HOME/bin/javac"
fi

check_jdk() {
  local of="" version major
  [ -z "${JAVA_HOME-}" ] || of=" (JAVA_HOME is $JAVA_HOME)"
  command -v "$java" >/dev/null 2>&1 && command -v "$javac" >/dev/null 2>&1 \
    || fail "a JDK 17 or later is needed, and there is none$of; install one, or set JAVA_HOME to it"
  # openjdk version "17.0.21" 2026-10-20
  version="$("$java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)"
  major="${version%%[!0-9]*}"
  [ "${major:-0}" -ge 17 ] \
    || fail "a JDK 17 or later is needed, and this is ${version:-no JDK at all}$of; install one, or set JAVA_HOME to it"
}

check_port() { # option, port
  [ "$2" -ne 0 ] || return 0
  if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
    fail "port $2 is taken: another program listens on it; use $1 N"
  fi
}

jar=target/engagement-webhooks.jar
classpath=target/quickstart.classpath

is_built() {
  [ -f "$jar" ] && [ -f "$classpath" ] \
    && [ -f target/test-classes/io/engagementwebhooks/quickstart/Quickstart.class ] || return 1
  # routes are read from their folder, and the configuration from examples: they need no build
  [ -z "$(find src pom.xml application.properties docs/openapi.yaml docs/webhooks.schema.json kamelet-catalog -newer "$jar" -print 2>/dev/null | head -n 1)" ] \
    || return 1
  local part parts
  IFS=: read -r -a parts <"$classpath"
  for part in "${parts[@]}"; do
    [ -f "$part" ] || return 1
  done
}

build() {
  local log=target/quickstart-build.log started=$SECONDS shown=0 maven
  mkdir -p target
  echo "Building; the first time this takes some minutes, since Maven fetches what it needs"
  ./mvnw -B -Ddemo -DskipTests package >"$log" 2>&1 &
  maven=$!
  # a command in the background does not get Ctrl-C
  trap 'kill "$maven" 2>/dev/null; echo; exit 130' INT TERM HUP
  while kill -0 "$maven" 2>/dev/null; do
    if [ -t 1 ]; then
      printf '\r  %s\033[K' "$(progress "$log" "$started")"
    elif [ $((SECONDS - started)) -ge $((shown + 30)) ]; then
      shown=$((SECONDS - started))
      echo "  $(progress "$log" "$started")"
    fi
    sleep 1
  done
  [ ! -t 1 ] || printf '\r\033[K'
  if ! wait "$maven"; then
    tail -n 40 "$log" >&2
    fail "the build failed; its whole log is $log"
  fi
  trap - INT TERM HUP
  echo "Built in $((SECONDS - started)) s"
}

progress() { # log, start: seconds, and the newest "--- compiler:3.14.0:compile (default-compile) @ engagement-webhooks ---"
  printf '%s s, %s files fetched, %s' "$((SECONDS - $2))" "$(grep -c '^Downloaded\|^\[INFO\] Downloaded' "$1")" \
    "$(sed -n 's/^\[INFO\] --- \([a-z-]*\):[^:]*:\([a-zA-Z-]*\) .*/\1 \2/p' "$1" | tail -n 1)"
}

check_jdk
check_port --port "$port"
check_port --management-port "$management_port"
is_built || build

terminal=""
[ ! -t 1 ] || [ "${TERM-dumb}" = dumb ] || terminal=--terminal
# noUnsafe: JDK 24 and later warn on the screen of how Netty reaches memory
exec "$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Dio.netty.noUnsafe=true \
  -cp "target/test-classes:target/classes:$(cat "$classpath"):target/lib/*" \
  io.engagementwebhooks.quickstart.Quickstart "$PWD" "$port" "$management_port" $once $terminal

#!/usr/bin/env bash
# Shows the product at work: sample calls, delivered on all four kinds of authentication, to servers on loopback.
set -eu
cd "$(dirname "$0")"

case " $* " in
  *" --help "* | *" -h "*)
    echo "usage: ./quickstart.sh [--once] [--port N] [--management-port N]"
    echo "  --once   stop when everything has arrived; exit code 0 only then"
    exit 0
    ;;
esac

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
if ! "$java" -XshowSettings:none --version >/dev/null 2>&1; then
  echo "a JDK 17 or newer is needed: install one, or point JAVA_HOME at it" >&2
  exit 1
fi
version=$("$java" --version | head -n 1 | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
if [ "$version" -lt 17 ]; then
  echo "a JDK 17 or newer is needed, and this is $version: install one, or point JAVA_HOME at it" >&2
  exit 1
fi

jar=target/engagement-webhooks.jar
classpath=target/quickstart.classpath
if [ ! -f "$jar" ] || [ ! -f "$classpath" ] ||
  [ -n "$(find pom.xml src routes kamelet-catalog application.properties docs -newer "$classpath" -print -quit)" ]; then
  mkdir -p target
  printf 'building (the first time takes a few minutes) '
  ./mvnw -B -DskipTests package >target/quickstart-build.log 2>&1 &
  build=$!
  while kill -0 "$build" 2>/dev/null; do
    printf '.'
    sleep 2
  done
  echo
  if ! wait "$build"; then
    tail -n 30 target/quickstart-build.log >&2
    echo "the build failed; all of it is in target/quickstart-build.log" >&2
    exit 1
  fi
  touch "$classpath"
fi

terminal=
if [ -t 1 ]; then terminal=--terminal; fi
exec "$java" -cp "target/test-classes:target/classes:$(cat "$classpath")" \
  io.engagementwebhooks.quickstart.Quickstart $terminal "$@"

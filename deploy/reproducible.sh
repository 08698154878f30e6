#!/usr/bin/env bash
# Builds the last commit twice, each time from a fresh clone, in folders of different names and depths, at different times,
# in different time zones, languages and file modes, and compares the jars byte for byte. Ends with 1 where they differ.
#
#   deploy/reproducible.sh            build both
#   deploy/reproducible.sh JAR        build once and compare with a jar, such as one that was released
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && git rev-parse --show-toplevel)
commit=$(git -C "$repository" rev-parse HEAD)
given=${1:+$(realpath "$1")}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

build() { # a clone, then the environment in which to build it
  local clone=$1
  shift
  git clone -q "$repository" "$clone"
  git -C "$clone" checkout -q --detach "$commit"
  (cd "$clone" && env "$@" ./mvnw -q -B -Dmaven.test.skip -Dcommit="$commit" package >&2)
  echo "$clone/target/engagement-webhooks.jar"
}

umask 022
one=${given:-$(build "$folder/one" TZ=UTC LC_ALL=C)}
umask 077
other=$(build "$folder/in/another folder/other" TZ=Pacific/Auckland LC_ALL=C.UTF-8)

sha256sum "$one" "$other"
cmp "$one" "$other"
echo "the same, byte for byte: commit ${commit:0:7}, $(stat -c %s "$one") bytes"

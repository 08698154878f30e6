#!/usr/bin/env bash
# Takes pictures of all pages of the console, light and dark, in target/screenshots, with Debian's Chromium. Those that the
# documentation shows, in docs/images, are replaced.
set -euo pipefail
cd "$(dirname "$0")/.."
./mvnw -B -q -Pbrowser test -Dtest=Screenshots -Dscreenshots=target/screenshots
for shown in docs/images/*.png; do
  cp "target/screenshots/$(basename "$shown")" "$shown"
done
ls -l target/screenshots

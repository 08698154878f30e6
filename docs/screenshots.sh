#!/usr/bin/env bash
# Takes the pictures in docs/images anew, with Debian's Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
./mvnw -B -q -Pbrowser test -Dtest=Screenshots -Dscreenshots=docs/images
ls -l docs/images

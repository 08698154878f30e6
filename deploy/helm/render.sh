#!/usr/bin/env bash
# Writes the base of Kustomize from the chart with its default values. Needs helm 3.
#
#   deploy/helm/render.sh [folder]     deploy/kubernetes/base unless given
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/../kubernetes/base}
for name in deployment network-policy service service-account volume-claim; do
  # without the line of the source file
  helm template engagement-webhooks "$here/engagement-webhooks" --kube-version 1.33.0 --show-only "templates/$name.yaml" | sed '1,2d' >"$to/$name.yaml"
done
cp "$here/engagement-webhooks/files/webhooks.yaml" "$to/webhooks.yaml"

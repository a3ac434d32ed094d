#!/usr/bin/env bash
# Goes from a bare Debian 12 to federated learning on MNIST and a report: installs what is missing, fetches the
# data, builds, runs. Works as root or through sudo, asks nothing, and can be run again.
set -euo pipefail
cd "$(dirname "$0")/.."
source experiments/install_packages.sh
install_packages build

echo "== building (release, into build/)"
cmake --preset quickstart >/dev/null
cmake --build --preset quickstart

scenario=experiments/fedavg-mnist.json
echo "== MNIST"
if ! build/skerry data fetch mnist; then
  install_packages fashion
  scenario=experiments/fedavg-fashion-mnist.json
  echo "MNIST cannot be had here: Fashion-MNIST from Debian's archive instead, target 85 %"
fi

echo "== $scenario"
build/skerry run "$scenario" --report

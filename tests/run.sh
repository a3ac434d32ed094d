#!/usr/bin/env bash
# Installs what is missing, builds, runs every test; then the same under the address and undefined-behaviour
# sanitizers. Works as root or through sudo, asks nothing, can be run again.
set -euo pipefail
cd "$(dirname "$0")/.."
source experiments/install_packages.sh
install_packages build torch mpi tests

# LibTorch is optional: where the distribution has none, everything else is built and tested.
torch=OFF
[ -e /usr/include/torch/csrc/api/include/torch/torch.h ] && torch=ON

echo "== release"
cmake --preset release -DSKERRY_TORCH=$torch >/dev/null
cmake --build --preset release
ctest --test-dir build --output-on-failure --no-tests=error -j"$(nproc)"

echo "== address and undefined-behaviour sanitizers"
cmake --preset sanitize >/dev/null
cmake --build --preset sanitize
# Libraries that are not instrumented (gRPC, protobuf, HDF5) hand us containers they made and keep globals for good.
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0
ctest --test-dir build-sanitize --output-on-failure --no-tests=error -j"$(nproc)"

#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test except the long ones (tests/long.sh); then does the same under the
# address and undefined-behaviour sanitizers. Works as root or through sudo, asks nothing, and can be run again. Says at
# the end how long each part took.
set -euo pipefail
cd "$(dirname "$0")/.."
source experiments/install_packages.sh
source tests/times.sh
install_packages build torch mpi tests

torch=$(torch_option)
part "release build"
cmake --preset release -DSKERRY_TORCH=$torch >/dev/null
cmake --build --preset release
part "release tests"
run_tests build --label-exclude long

part "sanitized build (address, undefined behaviour)"
cmake --preset sanitize >/dev/null
cmake --build --preset sanitize
part "sanitized tests"
# Libraries without instrumentation (gRPC, protobuf, HDF5) hand us their containers and never free their globals.
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0
run_tests build-sanitize --label-exclude long

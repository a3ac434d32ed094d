#!/usr/bin/env bash
# Installs what is missing, builds, runs every test but the long ones (tests/long.sh); then the same under the address
# and undefined-behaviour sanitizers. Works as root or through sudo, asks nothing, can be run again. Ends with how long
# each part took.
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
# Libraries that are not instrumented (gRPC, protobuf, HDF5) hand us containers they made and keep globals for good.
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0
run_tests build-sanitize --label-exclude long

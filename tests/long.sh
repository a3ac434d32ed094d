#!/usr/bin/env bash
# Runs what takes too long for every change: cases over 5 s, fuzzing, sweeps of crashes, data races, published tables.
# Installs what is missing, asks nothing, and can be run again. Says at the end how long each part took.
set -euo pipefail
cd "$(dirname "$0")/.."
source experiments/install_packages.sh
source tests/times.sh
install_packages build torch mpi tests

torch=$(torch_option)
part "release build"
cmake --preset release -DSKERRY_TORCH=$torch >/dev/null
cmake --build --preset release
part "long tests"
run_tests build --label-regex long

# Look for data races where threads share work: in the executor, and in the simulator on top of it.
part "build (thread sanitizer)"
cmake --preset thread >/dev/null
cmake --build --preset thread --target test-scenarios-host test-sim
part "tests (thread sanitizer)"
# The sanitizer's memory map leaves no room for addresses that the kernel spreads widely.
fixed=""
setarch --addr-no-randomize true 2>/dev/null && fixed="setarch --addr-no-randomize"
ctest() { $fixed "$(type -P ctest)" "$@"; }
run_tests build-thread -R '^(scenarios-host|sim): ' --label-exclude long

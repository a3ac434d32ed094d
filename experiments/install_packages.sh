# Source this file. It installs missing Debian packages, or says in one line what is wrong.

packages_build="g++ cmake ninja-build ccache pkg-config git ca-certificates curl \
  libeigen3-dev libboost-program-options-dev libhdf5-dev nlohmann-json3-dev libfmt-dev \
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libssl-dev openssl \
  zlib1g-dev libzip-dev libcurl4-openssl-dev libsqlite3-dev libjemalloc-dev"
packages_torch="libtorch-dev libopenblas0-pthread"
packages_mpi="libopenmpi-dev openmpi-bin"
packages_tests="catch2 libbenchmark-dev python3-numpy python3-h5py python3-pandas python3-matplotlib \
  python3-torch jupyter-nbconvert python3-ipykernel chromium binutils"
packages_river="python3-venv"  # installs the library that drift detectors are compared with
packages_bench="libopenblas-pthread-dev libdnnl-dev"  # for the comparisons in bench-kernels
packages_fashion="dataset-fashion-mnist"

# torch_option: prints ON if LibTorch is installed, else OFF. Without LibTorch everything else is built.
torch_option() {
  if [ -e /usr/include/torch/csrc/api/include/torch/torch.h ]; then echo ON; else echo OFF; fi
}

# install_packages GROUP...: installs the packages of these groups that are missing.
install_packages() {
  local group missing="" package sudo=""
  for group in "$@"; do
    local list="packages_$group"
    for package in ${!list}; do
      dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=" $package"
    done
  done
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "not root and no sudo: cannot install$missing" >&2; return 3; }
    sudo="sudo"
  fi
  echo "installing:$missing"
  $sudo apt-get update -qq || { echo "apt-get update failed: is the network up?" >&2; return 3; }
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null \
    || { echo "apt-get could not install$missing" >&2; return 3; }
}

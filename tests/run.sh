#!/usr/bin/env bash
# Installs what is needed, builds popflow and runs its tests: bash tests/run.sh [PRESET]
# PRESET is ci (all tests, the default), release, debug, or sanitize (the unit tests only).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-ci}

source tests/tools.sh
# shellcheck disable=SC2046  # several words, or none
bash apps/install-packages.sh libboost-test-dev $(tool_packages clang-format) python3-scipy python3-yaml doxygen \
  pybind11-dev python3-dev python3-numpy python3-xarray python3-netcdf4 python3-pytest
cmake --preset "$preset"
cmake --build --preset "$preset" -j "$(nproc)"
ctest --preset "$preset" -j "$(nproc)"

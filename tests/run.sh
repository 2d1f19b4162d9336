#!/usr/bin/env bash
# Installs what is needed, builds popflow and runs its tests: bash tests/run.sh [PRESET]
# PRESET is ci (all tests, the default), release, debug, or sanitize: by clang, with the address and
# undefined-behaviour sanitizers, the unit tests except those that only take statistics.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-ci}

source tests/tools.sh
options=()
if [[ $preset == sanitize ]]; then
  test_packages+=("${clang_packages[@]}")
  options+=(-D CMAKE_CXX_COMPILER="$clang")
fi
# shellcheck disable=SC2046  # several words, or none
bash apps/install-packages.sh "${test_packages[@]}" $(tool_packages clang-format)
cmake --preset "$preset" "${options[@]}"
cmake --build --preset "$preset" -j "$(nproc)"
# One more test than there are processors: some tests wait most of their time.
ctest --preset "$preset" -j "$(($(nproc) + 1))"

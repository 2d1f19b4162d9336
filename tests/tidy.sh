#!/usr/bin/env bash
# clang-tidy 14 over the library, the program and the Python module, whose findings are errors: bash tests/tidy.sh
# Several sources at a time (POPFLOW_UNITY), which takes a quarter of the time and lets names of one
# file shadow those of another (in one, GCC warns of it); without precompiled headers, which are GCC's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tests/tools.sh
# shellcheck disable=SC2046  # one word, or none
bash apps/install-packages.sh $(tool_packages clang-tidy)
tidy=$(pinned_tool clang-tidy)
[[ $tidy ]] || { echo "clang-tidy $pinned is missing: skipped"; exit 0; }
bash apps/install-packages.sh libboost-test-dev pybind11-dev python3-dev python3-numpy
cmake --preset ci -B build/tidy -D CMAKE_DISABLE_PRECOMPILE_HEADERS=ON > /dev/null
{
  find build/tidy/{lib,lib/python,apps}/CMakeFiles/popflow*.dir/Unity -name '*.cxx' -print0
  find lib/src -name '*_kernel.cpp' -print0
  find apps/examples -name '*.cpp' -print0
} | xargs -0 -P "$(nproc)" -n 1 "$tidy" -p build/tidy --quiet --warnings-as-errors='*' \
  --extra-arg=-Wno-shadow 2> /dev/null
echo "clang-tidy: nothing found"

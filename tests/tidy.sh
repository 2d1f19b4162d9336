#!/usr/bin/env bash
# clang-tidy over the library, the program and the Python module, whose findings are errors: bash tests/tidy.sh
# Every file is read on its own and without precompiled headers, so that it also finds missing includes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash apps/install-packages.sh clang-tidy libboost-test-dev pybind11-dev python3-dev python3-numpy
cmake --preset ci -B build/tidy -D POPFLOW_UNITY=OFF -D CMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
  > /dev/null
find lib/src lib/python/src apps -name '*.cpp' -print0 |
  xargs -0 -P "$(nproc)" -n 4 clang-tidy -p build/tidy --quiet --warnings-as-errors='*' 2> /dev/null
echo "clang-tidy: nothing found"

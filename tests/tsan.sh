#!/usr/bin/env bash
# Thread sanitizer over what runs on several threads: bash tests/tsan.sh
# The test cases of the library that name threads, and those of popflow sweep, by clang.
# Stores of more than 16 bytes, which are those of the kernels, it does not see: the same tests see
# what these do to one another, by the bits of their results.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tests/tools.sh
bash apps/install-packages.sh "${clang_packages[@]}" libboost-test-dev
cmake --preset tsan -D CMAKE_CXX_COMPILER="$clang"
cmake --build --preset tsan -j "$(nproc)" --target test_threaded popflow_program test_apps

export OMP_NUM_THREADS=4
# Libraries that are not instrumented (FFTW, HDF5) are not judged.
export TSAN_OPTIONS="halt_on_error=1 ignore_noninstrumented_modules=1"
build/tsan/tests/test_threaded --run_test='*/*thread*' --report_level=short
POPFLOW_PROGRAM=$PWD/build/tsan/bin/popflow \
  build/tsan/tests/test_apps --run_test='*/*thread*' --report_level=short
echo "thread sanitizer: nothing found"

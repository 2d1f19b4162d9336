#!/usr/bin/env bash
# Fuzzes what reads files, SECONDS in all (60): bash tests/fuzz.sh [SECONDS] [BUILD]
# BUILD is a folder of a preset that holds the library (build/ci; built if it is not there). Finds
# are kept in build/fuzz, and the exit status is 1: the fuzzer's name and that file repeat them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
library=${2:-build/ci}

bash apps/install-packages.sh clang-14 libclang-rt-14-dev
[[ -e $library/CMakeCache.txt ]] || cmake --preset ci
cmake --build "$library" --target popflow
cmake -S tests/fuzz -B build/fuzz -G Ninja -D CMAKE_BUILD_TYPE=None \
  -D CMAKE_CXX_COMPILER=clang++-14 -D POPFLOW_LIBRARY="$PWD/$library/lib/libpopflow.a"
cmake --build build/fuzz -j "$(nproc)"

# Files that are written and read again belong into memory.
scratch=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch

fuzzers=(experiment results sweep npy)
status=0
for name in "${fuzzers[@]}"; do
  echo "=== $name"
  mkdir -p "build/fuzz/corpus/$name"
  # Leaks are looked for after every file that leaves memory taken: the NetCDF library always does.
  leaks=$([[ $name == results ]] && echo 0 || echo 1)
  # What it prints is its progress, until there is a find.
  build/fuzz/fuzz_"$name" -max_total_time=$((seconds / ${#fuzzers[@]})) -timeout=10 \
    -rss_limit_mb=2048 -detect_leaks="$leaks" -max_len=4096 -dict="tests/fuzz/$name.dict" \
    -artifact_prefix="build/fuzz/$name-" -print_final_stats=1 \
    "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" &> "build/fuzz/$name.log" ||
    { status=1; tail -n 40 "build/fuzz/$name.log"; continue; }
  grep -E '^Done|number_of_executed_units|peak_rss' "build/fuzz/$name.log"
done
exit "$status"

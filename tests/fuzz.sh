#!/usr/bin/env bash
# Fuzzes what reads files, SECONDS in all (60): bash tests/fuzz.sh [SECONDS] [BUILD]
# BUILD is a folder of a preset that holds the library (build/ci; built if it is not there). Finds
# are kept in build/fuzz, and the exit status is 1: the fuzzer's name and that file repeat them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
library=${2:-build/ci}

source tests/tools.sh
bash apps/install-packages.sh "${clang_packages[@]}"
[[ -e $library/CMakeCache.txt ]] || cmake --preset ci
cmake --build "$library" --target popflow
cmake -S tests/fuzz -B build/fuzz -G Ninja -D CMAKE_BUILD_TYPE=None \
  -D CMAKE_CXX_COMPILER="$clang" -D POPFLOW_LIBRARY="$PWD/$library/lib/libpopflow.a"
cmake --build build/fuzz -j "$(nproc)"

# Files that are written and read again belong into memory.
scratch=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch

fuzzers=(experiment results sweep npy)
share=$((seconds / ${#fuzzers[@]}))

# Fuzzes for some seconds: fuzz NAME SECONDS
fuzz() {
  # Leaks are looked for after every file that leaves memory taken: the HDF5 library always does.
  local leaks=$([[ $1 == results ]] && echo 0 || echo 1)
  # What it prints is its progress, until there is a find.
  build/fuzz/fuzz_"$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
    -detect_leaks="$leaks" -max_len=4096 -dict="tests/fuzz/$1.dict" \
    -artifact_prefix="build/fuzz/$1-" -print_final_stats=1 \
    "build/fuzz/corpus/$1" "tests/fuzz/corpus/$1" &> "build/fuzz/$1.log" ||
    { tail -n 40 "build/fuzz/$1.log"; return 1; }
  grep -E '^Done|peak_rss' "build/fuzz/$1.log"
}

status=0
for name in "${fuzzers[@]}"; do
  echo "=== $name"
  mkdir -p "build/fuzz/corpus/$name"
  # In pieces, because what HDF5 takes and keeps, some 1 KiB a file, would fill the memory.
  for ((done = 0; done < share; done += 30)); do
    fuzz "$name" $((share - done < 30 ? share - done : 30)) || { status=1; break; }
  done
done
exit "$status"

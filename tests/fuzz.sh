#!/usr/bin/env bash
# Fuzzes what reads files: bash tests/fuzz.sh [SECONDS] [BUILD]
# SECONDS in all, from another seed every time (60); or `short`, as CI does: a number of files that
# takes some ten seconds a fuzzer, from one seed, so that the outcome does not depend on the speed of
# the machine. BUILD is a folder of a preset that holds the library (build/ci; built if it is not there).
# Finds are kept in build/fuzz, and the exit status is 1: the fuzzer's name and that file repeat them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
library=${2:-build/ci}

source tests/tools.sh
bash apps/install-packages.sh "${clang_packages[@]}" "${test_packages[@]}"
[[ -e $library/CMakeCache.txt ]] || cmake --preset ci
cmake --build "$library" --target popflow
cmake -S tests/fuzz -B build/fuzz -G Ninja -D CMAKE_BUILD_TYPE=None \
  -D CMAKE_CXX_COMPILER="$clang" -D POPFLOW_LIBRARY="$PWD/$library/lib/libpopflow.a"
cmake --build build/fuzz -j "$(nproc)"

# Files that are written and read again belong into memory.
scratch=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch

declare -A short=([experiment]=10000 [results]=300 [sweep]=20000 [npy]=40000)  # files

# Fuzzes as the libFuzzer options say: fuzz NAME OPTION...
fuzz() {
  local name=$1
  # Leaks are looked for after every file that leaves memory taken: the HDF5 library always does.
  local leaks=$([[ $name == results ]] && echo 0 || echo 1)
  # What it prints is its progress, until there is a find.
  build/fuzz/fuzz_"$name" "${@:2}" -rss_limit_mb=2048 \
    -detect_leaks="$leaks" -max_len=4096 -dict="tests/fuzz/$name.dict" \
    -artifact_prefix="build/fuzz/$name-" -print_final_stats=1 \
    "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" &> "build/fuzz/$name.log" ||
    { tail -n 40 "build/fuzz/$name.log"; return 1; }
  grep -E '^Done|peak_rss' "build/fuzz/$name.log"
}

status=0
for name in experiment results sweep npy; do
  echo "=== $name"
  [[ $seconds == short ]] && rm -rf "build/fuzz/corpus/$name"
  mkdir -p "build/fuzz/corpus/$name"
  if [[ $seconds == short ]]; then
    fuzz "$name" -seed=1 -runs="${short[$name]}" -timeout=600 || status=1
    continue
  fi
  # In pieces, because what HDF5 takes and keeps, some 1 KiB a file, would fill the memory.
  share=$((seconds / ${#short[@]}))
  for ((done = 0; done < share; done += 30)); do
    fuzz "$name" -max_total_time=$((share - done < 30 ? share - done : 30)) -timeout=10 ||
      { status=1; break; }
  done
done
exit "$status"

#!/usr/bin/env bash
# clang-tidy 14 over the library, the program and the Python module, whose findings are errors:
#
#     bash tests/tidy.sh [SINCE]
#
# SINCE is a commit: only modules in which a file changed since then are read; without it, all.
# A module is read as one source (POPFLOW_UNITY), which takes a quarter of the time and lets names of
# one file shadow those of another (in one, GCC warns of it); without precompiled headers, which are
# GCC's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
since=${1:-}

source tests/tools.sh
# shellcheck disable=SC2046  # one word, or none
bash apps/install-packages.sh $(tool_packages clang-tidy)
tidy=$(pinned_tool clang-tidy)
[[ $tidy ]] || { echo "clang-tidy $pinned is missing: skipped"; exit 0; }
bash apps/install-packages.sh "${test_packages[@]}"
cmake --preset ci -B build/tidy -D CMAKE_DISABLE_PRECOMPILE_HEADERS=ON > /dev/null

# changed PATH...: whether a file there changed since SINCE.
changed() { [[ ! $since ]] || ! git diff --quiet "$since" -- "$@"; }

{
  for unit in build/tidy/lib/CMakeFiles/popflow.dir/Unity/unity_*_cxx.cxx; do
    module=${unit##*/unity_}
    module=${module%_cxx.cxx}
    if changed "lib/src/$module" "lib/include/popflow/$module" .clang-tidy; then echo "$unit"; fi
  done
  if changed 'lib/src/*_kernel.cpp' .clang-tidy; then find lib/src -name '*_kernel.cpp'; fi
  if changed lib/python/src .clang-tidy; then
    find build/tidy/lib/python/CMakeFiles/popflow_python.dir/Unity -name '*.cxx'
  fi
  if changed apps .clang-tidy; then
    find build/tidy/apps/CMakeFiles/popflow_program.dir/Unity -name '*.cxx'
    find apps/examples -name '*.cpp'
  fi
} | xargs -r -d '\n' -P "$(nproc)" -n 1 "$tidy" -p build/tidy --quiet --warnings-as-errors='*' \
  --extra-arg=-Wno-shadow --extra-arg=-Wno-unused-command-line-argument 2> /dev/null
echo "clang-tidy: nothing found${since:+ in what changed since $since}"

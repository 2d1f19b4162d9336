#!/usr/bin/env bash
# clang has no warning about the library, the program and the examples: bash tests/clang.sh
# They are read and not compiled, the library a folder at a time (POPFLOW_UNITY).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tests/tools.sh
bash apps/install-packages.sh "${clang_packages[@]}"
cmake --preset clang -D CMAKE_CXX_COMPILER="$clang" > /dev/null
cmake --build build/clang --target popflow_version > /dev/null
grep -q '^ *"command": ".*",$' build/clang/compile_commands.json  # or nothing would be read
sed -nE 's/^ *"command": "(.*)",$/\1/p' build/clang/compile_commands.json |
  sed -E 's/ -o [^ ]+ -c / -fsyntax-only /; s/\\(.)/\1/g' |
  (cd build/clang && xargs -P "$(nproc)" -d '\n' -I COMMAND bash -c COMMAND)
echo "clang: no warnings"

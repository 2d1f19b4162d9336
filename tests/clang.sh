#!/usr/bin/env bash
# clang has no warning about the library, the program and the examples, and every public header
# compiles alone: bash tests/clang.sh
# They are read and not compiled, library and program several sources at a time (POPFLOW_UNITY).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tests/tools.sh
bash apps/install-packages.sh "${clang_packages[@]}"
cmake --preset clang -D CMAKE_CXX_COMPILER="$clang" > /dev/null
cmake --build build/clang --target popflow_version > /dev/null

commands=$(sed -nE 's/^ *"command": "(.*)",$/\1/p' build/clang/compile_commands.json |
  sed -E 's/ -o [^ ]+ -c / -fsyntax-only /; s/\\(.)/\1/g')
[[ $commands ]]  # or nothing would be read
(cd build/clang && xargs -P "$(nproc)" -d '\n' -I COMMAND bash -c COMMAND <<< "$commands")
echo "clang: no warnings"

# With the flags of an example, which are those of every program that uses the library.
flags=$(grep -m 1 '/apps/examples/' <<< "$commands")
flags=${flags% *}
find lib/include -name '*.hpp' -printf '%P\n' |
  xargs -P "$(nproc)" -I HEADER bash -c "echo '#include \"HEADER\"' | $flags -x c++ -"
echo "clang: every public header compiles alone"

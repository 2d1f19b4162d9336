#!/usr/bin/env bash
# The program, the examples, and every public header alone compile by clang without a warning:
#
#     bash tests/clang.sh [SINCE]
#
# SINCE is a commit: only headers that changed since then are read, and those of the same module;
# without it, all. The library's sources are compiled by clang in `bash tests/run.sh sanitize`, where
# warnings are errors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
since=${1:-}

source tests/tools.sh
bash apps/install-packages.sh "${clang_packages[@]}" "${test_packages[@]}"
cmake --preset sanitize -D CMAKE_CXX_COMPILER="$clang" > /dev/null

# The commands that would compile the program and the examples, without an output.
commands=$(sed -nE 's/^ *"command": "(.*)",$/\1/p' build/sanitize/compile_commands.json |
  grep -E '/apps/(examples|CMakeFiles/popflow_program\.dir/Unity)/' |
  sed -E 's/ -o [^ ]+ -c / -fsyntax-only /; s/\\(.)/\1/g')
[[ $commands ]]  # or nothing would be read
xargs -P "$(nproc)" -d '\n' -I COMMAND bash -c 'cd build/sanitize && COMMAND' <<< "$commands"

# Headers with the flags of an example, which are those of every program that uses the library.
flags=$(grep -m 1 '/apps/examples/' <<< "$commands" | sed -E 's/ -fsyntax-only .*/ -fsyntax-only/')
[[ $flags ]]  # or nothing would be read
if [[ $since ]]; then
  modules=$(git diff --name-only "$since" -- lib/include | xargs -r dirname | sort -u)
else
  modules=lib/include
fi
{ [[ ! $modules ]] || find $modules -name '*.hpp'; } | sed 's,^lib/include/,,' |
  xargs -r -P "$(nproc)" -I HEADER bash -c "echo '#include \"HEADER\"' | $flags -x c++ -"
echo "clang: the program compiles, and every public header alone${since:+ of the modules that changed since $since}"

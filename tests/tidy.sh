#!/usr/bin/env bash
# clang-tidy over the library and the program, whose findings are errors: bash tests/tidy.sh BUILD,
# with BUILD a folder that a preset has configured and built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash apps/install-packages.sh clang-tidy
find lib/src apps -name '*.cpp' -print0 |
  xargs -0 -P "$(nproc)" -n 4 clang-tidy -p "$1" --quiet --warnings-as-errors='*' 2> /dev/null
echo "clang-tidy: nothing found"

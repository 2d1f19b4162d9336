#!/usr/bin/env bash
# Every source file is as clang-format would write it; run from the project's root.
set -euo pipefail
command -v clang-format >/dev/null || { echo "clang-format is missing: skipped"; exit 77; }
find lib apps tests validation -name '*.[ch]pp' -exec clang-format --dry-run -Werror --ferror-limit=3 {} +

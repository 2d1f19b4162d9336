#!/usr/bin/env bash
# Every source file is as clang-format 14 would write it; run from the project's root.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
format=$(pinned_tool clang-format)
[[ $format ]] || { echo "clang-format $pinned is missing: skipped"; exit 77; }
find lib apps tests validation -name '*.[ch]pp' -exec "$format" --dry-run -Werror --ferror-limit=3 {} +

#!/usr/bin/env bash
# Counts the lines of the library that the unit tests run: bash tests/coverage.sh [MODULE ...]
# Prints the share of every module, and writes it to validation/coverage.md, with what is not run and
# why (coverage.toml); fails where that has no reason. With MODULEs only the tests of these are built
# and run, and only their shares printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash apps/install-packages.sh libboost-test-dev gcovr
cmake --preset coverage
find build/coverage -name '*.gcda' -delete
# Without the test whose program may write but little: it could not write its counts either.
export BOOST_TEST_RUN_FILTERS='!resume/a_full_disk*'
if [[ $# == 0 ]]; then
  cmake --build --preset coverage -j "$(nproc)"
  ctest --preset coverage
else
  cmake --build --preset coverage -j "$(nproc)" --target "${@/#/test_}"
  for module in "$@"; do build/coverage/tests/test_"$module" --report_level=short; done
fi
gcovr --root . --filter 'lib/(src|include)/' --json build/coverage/lines.json build/coverage
/usr/bin/python3 tests/coverage.py build/coverage/lines.json "$@"

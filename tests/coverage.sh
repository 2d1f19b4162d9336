#!/usr/bin/env bash
# Counts the lines of the library that the unit tests run: bash tests/coverage.sh [ROOM ...]
# Prints the share of every room, and writes it to validation/coverage.md. With ROOMs only the tests
# of these are built and run, and only their shares printed. Which lines: build/coverage/lines.txt.
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
  for room in "$@"; do build/coverage/tests/test_"$room" --report_level=short; done
fi
gcovr --root . --filter 'lib/(src|include)/' --txt build/coverage/lines.txt \
  --json-summary build/coverage/summary.json build/coverage
/usr/bin/python3 tests/coverage.py build/coverage/summary.json "$@"

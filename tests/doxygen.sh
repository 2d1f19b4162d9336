#!/usr/bin/env bash
# The API reference is made without a warning: bash tests/doxygen.sh DOXYFILE WARNINGS.
# Everything in the namespace must be documented, and what a docstring refers to must be there. A
# member may go without: its name says what it is, or the concept does that its class is a model of.
set -euo pipefail
command -v doxygen > /dev/null || { echo "doxygen is missing: skipped"; exit 77; }
mkdir -p "$(dirname "$2")"
doxygen "$1" > /dev/null
if grep -vE 'warning: Member .* of (class|struct) .* is not documented' "$2"; then exit 1; fi
echo "the reference is in $(dirname "$2")/html"

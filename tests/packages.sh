#!/usr/bin/env bash
# Makes the Debian packages, installs them here and uses them: bash tests/packages.sh [BUILD]
# BUILD is a folder that is built already; without it, the preset package makes one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash apps/install-packages.sh dpkg-dev file pybind11-dev python3-dev python3-numpy
if [[ $# == 0 ]]; then
  cmake --workflow --preset package
else
  cpack --config "$1/CPackConfig.cmake"
fi
bash tests/use-packages.sh "${1:-build/package}/packages"

#!/usr/bin/env bash
# Installs what is needed, builds popflow and runs the main job.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash apps/install-packages.sh
cmake --preset release -B build/quickstart -D POPFLOW_BUILD_TESTS=OFF -D POPFLOW_BUILD_VALIDATION=OFF
cmake --build build/quickstart --target popflow_program -j "$(nproc)"
popflow=build/quickstart/bin/popflow

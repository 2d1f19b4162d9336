#!/usr/bin/env bash
# Makes the figures that README.md shows: bash apps/figures.sh, after apps/quickstart.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
popflow=build/quickstart/bin/popflow
results=build/quickstart/results

"$popflow" plot "$results"/{theory,theory-gaussian-clone,sgd-quartic-loss,sgd-neuron}.nc \
  -o apps/quickstart.svg

# The ladder of the README's example.
"$popflow" ladder apps/quickstart.toml --set flow.t_end=20 --set flow.snapshots=5 --set flow.samples=500 \
  --quiet -o "$results/ladder.nc" --figure apps/ladder.svg

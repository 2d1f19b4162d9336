#!/usr/bin/env bash
# Installs what is needed, builds popflow and runs the main job.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash apps/install-packages.sh
cmake --preset release -B build/quickstart -D POPFLOW_BUILD_TESTS=OFF -D POPFLOW_BUILD_VALIDATION=OFF
cmake --build build/quickstart --target popflow_program -j "$(nproc)"
popflow=build/quickstart/bin/popflow

results=build/quickstart/results
mkdir -p "$results"
experiment=apps/quickstart.toml
clone=(--set class.0.input.model=gp-clone --set class.1.input.model=gp-clone)

echo
echo "Theory: the quartic flow on NLGP inputs, and on their Gaussian clone"
"$popflow" flow "$experiment" -o "$results/theory.nc"
"$popflow" flow "$experiment" "${clone[@]}" -o "$results/theory-gaussian-clone.nc"

echo
echo "Simulation: the same neuron from the same weights, by SGD on the quartic loss, then on its own"
"$popflow" sgd "$experiment" -o "$results/sgd-quartic-loss.nc"
"$popflow" sgd "$experiment" --set sgd.gradient=network -o "$results/sgd-neuron.nc"

echo
echo "Theory against SGD on the quartic loss, for which it is exact"
"$popflow" compare "$results/theory.nc" "$results/sgd-quartic-loss.nc"
echo
echo "Theory against SGD of the neuron itself: how far the expansion reaches"
"$popflow" compare "$results/theory.nc" "$results/sgd-neuron.nc"

echo
"$popflow" plot "$results"/{theory,theory-gaussian-clone,sgd-quartic-loss,sgd-neuron}.nc \
  -o "$results/figure.svg"
echo "Results and figure: $results"

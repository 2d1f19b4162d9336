#!/usr/bin/env bash
# Installs what is needed, builds popflow and runs the main job.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash apps/install-packages.sh
cmake --preset release -B build/quickstart -D POPFLOW_UNITY=ON -D POPFLOW_BUILD_TESTS=OFF -D POPFLOW_BUILD_VALIDATION=OFF
cmake --build build/quickstart --target popflow_program -j "$(nproc)"
popflow=build/quickstart/bin/popflow

results=build/quickstart/results
mkdir -p "$results"
experiment=apps/quickstart.toml
clone=(--set class.0.input.model=gp-clone --set class.1.input.model=gp-clone)

echo
echo "Theory: the quartic flow on NLGP inputs, and on their Gaussian clone ..."
"$popflow" flow "$experiment" -o "$results/theory.nc" > /dev/null
"$popflow" flow "$experiment" "${clone[@]}" -o "$results/theory-gaussian-clone.nc" > /dev/null

echo "Simulation: the same neuron from the same weights, by SGD on the quartic loss ..."
"$popflow" sgd "$experiment" -o "$results/sgd-quartic-loss.nc" > /dev/null
echo "... and by SGD on its own loss ..."
"$popflow" sgd "$experiment" --set sgd.gradient=network --set sgd.runs=4 \
  -o "$results/sgd-neuron.nc" > /dev/null

echo
echo "Theory (A) against SGD on the quartic loss (B), for which it is exact: the relative error is"
echo "that of the mean over the runs, +- the standard error, its size where theory is exact."
"$popflow" compare "$results/theory.nc" "$results/sgd-quartic-loss.nc"
echo
echo "Theory (A) against SGD of the neuron itself (B): how far the expansion reaches."
"$popflow" compare "$results/theory.nc" "$results/sgd-neuron.nc"

echo
echo "The Gaussian clone (A) against the theory on NLGP inputs (B): no localisation in A."
"$popflow" compare "$results/theory-gaussian-clone.nc" "$results/theory.nc"

echo
echo "The fourth cumulant's best single template, tiled over the ring; the receptive field (A) is it."
"$popflow" decompose "$experiment" -o "$results/factors.nc"
"$popflow" compare "$results/theory.nc" "$results/factors.nc"

echo
"$popflow" plot "$results"/{theory,theory-gaussian-clone,sgd-quartic-loss,sgd-neuron}.nc \
  -o "$results/figure.svg"
"$popflow" plot "$results/factors.nc" -o "$results/factors.svg"
echo "Results and figures: $results"

#include "popflow/flow/state.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

Eigen::VectorXd state_of(FourierTransform& fourier, const Weights& weights) {
  const int modes = fourier.torus().half_modes(), sites = fourier.torus().sites();
  if (weights.cols() != sites)
    throw std::invalid_argument(fmt::format(
        "weights of {} entries a neuron: the lattice has {} sites", weights.cols(), sites));
  Eigen::VectorXd state(2 * weights.rows() * modes);
  for (int k = 0; k < weights.rows(); ++k)
    fourier.forward(weights.row(k).transpose(), spectrum_view(state, modes, k));
  return state;
}

void check_state(const Torus& torus, const Eigen::VectorXd& state) {
  const Eigen::Index numbers = Eigen::Index{2} * torus.half_modes();
  if (state.size() == 0 || state.size() % numbers != 0)
    throw std::invalid_argument(fmt::format(
        "state of {} numbers: must be a multiple of {}, two a mode", state.size(), numbers));
}

Weights weights_of(FourierTransform& fourier, const Eigen::VectorXd& state) {
  const Eigen::Index modes = fourier.torus().half_modes();
  check_state(fourier.torus(), state);
  Weights weights(state.size() / (2 * modes), fourier.torus().sites());
  for (int k = 0; k < weights.rows(); ++k)
    fourier.backward(spectrum_view(state, modes, k), weights.row(k).transpose());
  return weights;
}

}  // namespace popflow

#pragma once

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"
#include "popflow/network/weights.hpp"

namespace popflow {

/// The state of a flow in Fourier space: the half-spectra of the K rows of the weights, one after
/// another, each entry as (real, imaginary): 2 K half_modes() numbers. Throws std::invalid_argument
/// unless the weights have N columns.
Eigen::VectorXd state_of(FourierTransform& fourier, const Weights& weights);

/// Throws std::invalid_argument unless the state's length is a multiple of 2 half_modes(), and not
/// 0.
void check_state(const Torus& torus, const Eigen::VectorXd& state);

/// The weights of a state; the inverse of state_of. Throws what check_state throws.
Weights weights_of(FourierTransform& fourier, const Eigen::VectorXd& state);

/// Neuron k's half-spectrum, as a view of a state.
inline Eigen::Map<const Spectrum> spectrum_view(const Eigen::VectorXd& state,
                                                Eigen::Index half_modes, int neuron = 0) {
  return {reinterpret_cast<const std::complex<double>*>(state.data()) +
              Eigen::Index{neuron} * half_modes,
          half_modes};
}

inline Eigen::Map<Spectrum> spectrum_view(Eigen::VectorXd& state, Eigen::Index half_modes,
                                          int neuron = 0) {
  return {reinterpret_cast<std::complex<double>*>(state.data()) + Eigen::Index{neuron} * half_modes,
          half_modes};
}

}  // namespace popflow

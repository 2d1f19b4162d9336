#pragma once

#include "popflow/lattice/fourier_basis.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// Writes the first-layer weights of K neurons into `w`, N x K, in the real Fourier basis: one
/// neuron in each column. Throws std::invalid_argument for parameters of another shape.
void load_weights(const FourierBasis& basis, const Parameters& at, Eigen::MatrixXd& w);

/// Adds fields in the basis, N x K, to the first layer.
void add_to_first_layer(const FourierBasis& basis, const Eigen::MatrixXd& fields, Parameters& out);

}  // namespace popflow

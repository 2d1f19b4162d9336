#pragma once

#include "popflow/lattice/fourier_basis.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The first-layer weights of K neurons in the real Fourier basis, a column a neuron, into `w`,
/// N x K. Throws std::invalid_argument for parameters of another shape.
void load_weights(const FourierBasis& basis, const Parameters& at, Eigen::MatrixXd& w);

/// Adds fields in the basis, N x K, to the first layer.
void add_to_first_layer(const FourierBasis& basis, const Eigen::MatrixXd& fields, Parameters& out);

}  // namespace popflow

#pragma once

#include <optional>
#include <stdexcept>
#include <vector>

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"
#include "popflow/network/activation.hpp"
#include "popflow/network/loss.hpp"
#include "popflow/network/neuron.hpp"
#include "popflow/network/weights.hpp"

namespace popflow {

/// How the activations of a channel at all positions are combined to one number.
enum class Pooling { average, maximum };

/// The first layer slides over the lattice instead of covering it.
struct Convolution {
  std::vector<int> kernel;  ///< extents, one an axis of the lattice, each from 1 to its own
  Pooling pooling = Pooling::average;
};

/// A two-layer network and its loss (Eq. 52, 53). Fully connected, with K hidden neurons:
///
///     phi(x) = sum_k v_k sigma(u_k . x + b_k)
///
/// or circularly convolutional, with K channels of a kernel of M sites:
///
///     phi(x) = sum_k v_k pool_s sigma(sum_r u_k(r) x(s + r) + b_k)
struct Network {
  Activation activation = Erf{};
  Loss loss = Loss::squared;
  std::optional<Convolution> convolution = {};
};

/// The parameters that flows and training change, of K neurons or channels: first-layer weights u
/// (K x M, M = N or the kernel's sites, row-major), biases b and second-layer weights v.
class Parameters {
 public:
  /// All zero.
  Parameters(Eigen::Index hidden, Eigen::Index sites)
      : values(Eigen::VectorXd::Zero(hidden * (sites + 2))), hidden_(hidden), sites_(sites) {}

  Eigen::Index hidden() const { return hidden_; }
  Eigen::Index sites() const { return sites_; }

  /// All throw std::logic_error if `values` has got another size.
  Eigen::Map<Weights> first() { return {checked().data(), hidden_, sites_}; }
  Eigen::Map<const Weights> first() const { return {checked().data(), hidden_, sites_}; }
  auto bias() { return checked().segment(hidden_ * sites_, hidden_); }
  auto bias() const { return checked().segment(hidden_ * sites_, hidden_); }
  auto second() { return checked().tail(hidden_); }
  auto second() const { return checked().tail(hidden_); }

  Eigen::VectorXd values;  ///< u, b and v, one after another

 private:
  void check() const {
    if (values.size() != hidden_ * (sites_ + 2))
      throw std::logic_error("parameters: `values` was resized, or moved from");
  }
  Eigen::VectorXd& checked() {
    check();
    return values;
  }
  const Eigen::VectorXd& checked() const {
    check();
    return values;
  }

  Eigen::Index hidden_, sites_;
};

/// A single neuron as a network, and its parameters with first-layer weights u, 1 x N.
Network network_of(const Neuron& neuron, Loss loss);
Parameters parameters_of(const Neuron& neuron, const Weights& u);

/// M, the number of weights that a neuron or channel has: N, or the kernel's sites. Throws
/// std::invalid_argument when the kernel does not fit the lattice.
Eigen::Index receptive_sites(const Torus& torus, const Network& network);

/// Throws std::invalid_argument for parameters of another shape.
void check_shape(const Parameters& parameters, Eigen::Index hidden, Eigen::Index sites);

/// Throws std::invalid_argument unless there is a neuron, each has M weights, and all are finite.
void check_parameters(const Torus& torus, const Network& network, const Parameters& parameters);

/// The output phi for one input x, N entries, by the definition; slow.
double output(const Torus& torus, const Network& network, const Parameters& parameters,
              const Eigen::Ref<const Field>& x);

/// The first-layer weights as receptive fields over the lattice, K x N: kernels lie on the sites
/// from 0 on, with zeros elsewhere.
Weights receptive_fields(const Torus& torus, const Network& network, const Weights& first);

}  // namespace popflow

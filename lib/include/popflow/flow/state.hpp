#pragma once

#include <utility>

#include "popflow/lattice/fourier_basis.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

template <class F>
class NetworkFlowOf;

/// The entries of a state: first the weights of K neurons in the real orthonormal Fourier basis
/// (lattice/fourier_basis.hpp), N entries for each neuron; then the biases, if they learn; then the
/// second layer, if it learns.
struct StateLayout {
  Torus torus;
  Eigen::Index neurons = 1;
  bool biases = false;
  bool second_layer = false;

  /// The number of entries.
  Eigen::Index size() const {
    return neurons * (torus.sites() + (biases ? 1 : 0) + (second_layer ? 1 : 0));
  }

  bool operator==(const StateLayout&) const = default;
};

/// A state of a flow, or the rate at which it changes: the parameters that learn. The Euclidean
/// norm of `values` is the norm of these parameters.
///
///     State state = flow.state(parameters);
///     state.values() *= 2.0;
///     const Parameters twice = flow.parameters(state);
class State {
 public:
  /// All zero. Throws std::invalid_argument for less than one neuron.
  explicit State(StateLayout layout);

  /// Throws std::invalid_argument for another number of values.
  State(StateLayout layout, Eigen::VectorXd values);

  const StateLayout& layout() const { return layout_; }

  const Eigen::VectorXd& values() const& { return values_; }
  Eigen::Map<Eigen::VectorXd> values() & { return {values_.data(), values_.size()}; }
  Eigen::VectorXd values() && { return std::move(values_); }

 private:
  template <class F>
  friend class NetworkFlowOf;  // writes rates

  StateLayout layout_;
  Eigen::VectorXd values_;
};

/// The states of one flow. Parameters that do not learn are fixed here.
class StateSpace {
 public:
  /// `fixed` has the shape of the network, and the values of parameters that do not learn. Throws
  /// std::invalid_argument unless it has at least one neuron, and as many weights as the lattice
  /// has sites.
  StateSpace(const Torus& torus, Parameters fixed, bool biases, bool second_layer);

  const StateLayout& layout() const { return layout_; }
  const FourierBasis& basis() const { return basis_; }
  const Parameters& fixed() const { return fixed_; }

  /// Throws std::invalid_argument for parameters of another shape, and for biases or a second layer
  /// that do not learn and differ from the fixed ones.
  State state(const Parameters& parameters) const;

  /// The state of first-layer weights; biases and second layer are the fixed ones.
  State state(const Weights& first) const;

  Parameters parameters(const State& state) const;

  /// Throws std::invalid_argument for a state of another layout.
  void check(const State& state) const;

  /// Turns the values of a state into parameters of this shape, and back. Rates are turned in the
  /// same way, since the map is linear. `values` gets its size. Fixed parameters are left alone.
  void load(const Eigen::VectorXd& values, Parameters& parameters) const;
  void store(const Parameters& parameters, Eigen::VectorXd& values) const;

 private:
  void check_shape(Eigen::Index hidden, Eigen::Index sites) const;

  StateLayout layout_;
  Parameters fixed_;
  FourierBasis basis_;
};

}  // namespace popflow

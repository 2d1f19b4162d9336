#pragma once

#include <utility>

#include "popflow/flow/expansion.hpp"
#include "popflow/flow/flow.hpp"
#include "popflow/flow/state.hpp"

namespace popflow {

/// A flow in Fourier space as a flow over sites: its state is the K x N weights, row-major. A
/// half-spectrum has more numbers than a field has sites, for it stores both q and -q of some
/// modes; the flow cannot move along what is left over, so that its derivative there is 0 without
/// meaning. Over sites there is nothing left over, and the derivative of a gradient flow is
/// symmetric.
template <Flow F>
class SiteFlow {
 public:
  /// Throws std::invalid_argument unless the flow's states are half-spectra on `torus`
  /// (flow/state.hpp).
  SiteFlow(F flow, const Torus& torus)
      : flow_(std::move(flow)), fourier_(torus), state_(flow_.dimension()), rate_(state_.size()) {
    check_state(torus, state_);
  }

  const Torus& torus() const { return fourier_.torus(); }
  int neurons() const { return static_cast<int>(state_.size()) / (2 * torus().half_modes()); }

  /// K N.
  Eigen::Index dimension() const { return Eigen::Index{neurons()} * torus().sites(); }

  /// Allocates nothing.
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double tau) {
    const int modes = torus().half_modes(), sites = torus().sites();
    load(u);
    flow_(state_, rate_, tau);
    for (int k = 0; k < neurons(); ++k)
      fourier_.backward(spectrum_view(std::as_const(rate_), modes, k),
                        dudt.segment(Eigen::Index{k} * sites, sites));
  }

  /// That of the flow, where it is an expansion.
  double neglected_terms(const Eigen::VectorXd& u) requires Expansion<F, Eigen::VectorXd> {
    load(u);
    return flow_.neglected_terms(state_);
  }

 private:
  void load(const Eigen::VectorXd& u) {
    const int modes = torus().half_modes(), sites = torus().sites();
    for (int k = 0; k < neurons(); ++k)
      fourier_.forward(u.segment(Eigen::Index{k} * sites, sites), spectrum_view(state_, modes, k));
  }

  F flow_;
  FourierTransform fourier_;
  Eigen::VectorXd state_, rate_;  // scratch
};

}  // namespace popflow

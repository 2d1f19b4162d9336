#pragma once

#include <vector>

#include "popflow/input/lane_batch.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The gradient, with respect to the first-layer weights, of the quartic expansion A2/2 lambda^2 +
/// A4/24 lambda^4 of one neuron's loss (Eq. 19, 22), summed over samples. It is the sharp test of
/// the quartic flow. Otherwise it works as NetworkGradient.
template <class Real>
class QuarticGradient {
 public:
  /// Throws std::invalid_argument for a convolution, several neurons, or what quartic_expansion
  /// refuses.
  QuarticGradient(const Task& task, const Network& network, const Parameters& parameters);

  /// Only the first-layer weights may differ from those of construction.
  void set(const Parameters& parameters);
  void add(const LaneBatch<Real>& batch, Parameters& sum);

 private:
  Eigen::Matrix<Real, Eigen::Dynamic, 1> first_, gradient_;
  std::vector<Real> second_order_, fourth_order_;  // of every class
  LaneFields<Real> lambda_;
};

extern template class QuarticGradient<float>;
extern template class QuarticGradient<double>;

}  // namespace popflow

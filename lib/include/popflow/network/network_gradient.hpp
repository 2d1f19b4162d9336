#pragma once

#include <vector>

#include "popflow/input/lane_batch.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The gradient of the loss, summed over samples, sixteen at a time and in the precision Real
/// (float or double), by the kernels of the best instruction set of this processor.
///
/// One object serves one thread, because it owns scratch memory; nothing is allocated after
/// construction.
template <class Real>
class NetworkGradient {
 public:
  /// For K = hidden neurons or channels. Throws what receptive_sites throws.
  NetworkGradient(const Torus& torus, const Network& network, Eigen::Index hidden);

  /// Sets the parameters at which the gradient is taken, in the shape of check_parameters.
  void set(const Parameters& parameters);

  /// Adds the sum over the batch's samples of d loss / d parameters.
  void add(const LaneBatch<Real>& batch, Parameters& sum);

  /// Writes the output phi for every lane of every group of the batch.
  void outputs(const LaneBatch<Real>& batch, LaneFields<Real>& phi);

 private:
  using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

  void forward(const LaneBatch<Real>& batch, int first, int groups);
  const Real* pool();
  // From the errors of the outputs.
  void backward(const LaneBatch<Real>& batch, int first, int groups);

  Network network_;
  int hidden_, sites_, positions_;
  int groups_at_once_;                  // a convolution's activity fills the cache with one
  std::vector<int> neighbour_;          // of a convolution: N x M
  std::vector<Real> coefficients_;      // of a polynomial
  Vector first_, bias_, second_;        // M x K, K, K
  LaneStorage<Real> activity_, slope_;  // groups x K x positions
  LaneStorage<Real> pooled_;            // of a convolution: K
  LaneFields<Real> phi_;                // groups: outputs, then errors
  Vector gradient_;                     // of one panel, as Parameters::values
};

extern template class NetworkGradient<float>;
extern template class NetworkGradient<double>;

}  // namespace popflow

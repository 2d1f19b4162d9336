#pragma once

#include <Eigen/Core>

#include "popflow/flow/latent_average.hpp"
#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// Averages E[x_i g(lambda)] as LatentAverage gives them, over a Gaussian field x: exact, because
/// the pre-activations are Gaussian already when nothing is told (Stein's lemma),
///
///     E[x_i g] = sum_p (C u_p)_i E dg/dlambda_p
///
/// Nothing is allocated after the first call of a thread.
class GaussianAverage {
 public:
  /// `spectrum` of the field's covariance, a half-spectrum; for one or two neurons.
  GaussianAverage(const Torus& torus, const Field& spectrum, Eigen::Index neurons);

  /// E[x g] into `out`, for weights u, both N x neurons. g is called once, as of part 0.
  void operator()(const Eigen::Ref<const Eigen::MatrixXd>& u, const LatentAverage::Function& g,
                  Eigen::Ref<Eigen::MatrixXd> out) const;

 private:
  FourierTransform fourier_;
  Field spectrum_;
  Eigen::Index neurons_;
};

}  // namespace popflow

#pragma once

#include <Eigen/Core>

#include "popflow/flow/latent_average.hpp"
#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// Averages E[x_i g(lambda)] over a Gaussian field x, with the interface of LatentAverage. No
/// latent directions are needed, because the pre-activations are Gaussian (Stein's lemma):
///
///     E[x_i g] = sum_p (C u_p)_i E dg/dlambda_p
///
/// Nothing is allocated after the first call of a thread.
class GaussianAverage {
 public:
  /// `spectrum` is that of the field's covariance, a half-spectrum. For one or two neurons.
  GaussianAverage(const Torus& torus, const Field& spectrum, Eigen::Index neurons);

  /// Writes E[x g] into `out`, for weights u, both N x neurons. g is called once, for part 0.
  void operator()(const Eigen::Ref<const Eigen::MatrixXd>& u, const LatentAverage::Function& g,
                  Eigen::Ref<Eigen::MatrixXd> out) const;

 private:
  FourierTransform fourier_;
  Field spectrum_;
  Eigen::Index neurons_;
};

}  // namespace popflow

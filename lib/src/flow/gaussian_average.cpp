#include "popflow/flow/gaussian_average.hpp"

#include "popflow/lattice/scratch.hpp"

namespace popflow {

GaussianAverage::GaussianAverage(const Torus& torus, const Field& spectrum, Eigen::Index neurons)
    : fourier_(torus), spectrum_(spectrum), neurons_(neurons) {}

void GaussianAverage::operator()(const Eigen::Ref<const Eigen::MatrixXd>& u,
                                 const LatentAverage::Function& g,
                                 Eigen::Ref<Eigen::MatrixXd> out) const {
  Scratch scratch;
  Spectrum& modes = scratch.spectrum(spectrum_.size());
  Eigen::MatrixXd& Cu = scratch.matrix(u.rows(), neurons_);
  ConditionalGaussian lambda;
  for (Eigen::Index p = 0; p < neurons_; ++p) {
    fourier_.forward(u.col(p), modes);
    modes.array() *= spectrum_.array();
    fourier_.backward(modes, Cu.col(p));
    lambda.variance[static_cast<std::size_t>(p)] = u.col(p).dot(Cu.col(p));
  }
  if (neurons_ == 2) lambda.covariance = u.col(0).dot(Cu.col(1));
  const ConditionalSlopes averages = g(0, 1.0, lambda);
  out.setZero();
  for (Eigen::Index o = 0; o < neurons_; ++o)
    for (Eigen::Index p = 0; p < neurons_; ++p)
      out.col(o) +=
          averages.slope[static_cast<std::size_t>(o)][static_cast<std::size_t>(p)] * Cu.col(p);
}

}  // namespace popflow

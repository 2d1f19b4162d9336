#include "popflow/flow/gaussian_average.hpp"

namespace popflow {

GaussianAverage::GaussianAverage(const Torus& torus, const Field& spectrum, Eigen::Index neurons)
    : fourier_(torus),
      spectrum_(spectrum),
      modes_(spectrum.size()),
      product_(torus.sites(), neurons) {}

void GaussianAverage::operator()(const Eigen::Ref<const Eigen::MatrixXd>& u,
                                 const LatentAverage::Function& g,
                                 Eigen::Ref<Eigen::MatrixXd> out) {
  ConditionalGaussian lambda;
  for (Eigen::Index p = 0; p < product_.cols(); ++p) {
    fourier_.forward(u.col(p), modes_);
    modes_.array() *= spectrum_.array();
    fourier_.backward(modes_, product_.col(p));
    lambda.variance[static_cast<std::size_t>(p)] = u.col(p).dot(product_.col(p));
  }
  if (product_.cols() == 2) lambda.covariance = u.col(0).dot(product_.col(1));
  const ConditionalSlopes averages = g(0, 1.0, lambda);
  out.setZero();
  for (Eigen::Index o = 0; o < product_.cols(); ++o)
    for (Eigen::Index p = 0; p < product_.cols(); ++p)
      out.col(o) += averages.slope[static_cast<std::size_t>(o)][static_cast<std::size_t>(p)] *
                    product_.col(p);
}

}  // namespace popflow

#include "popflow/input/copula_field.hpp"

#include <cmath>

#include "popflow/input/correlation.hpp"

#include "input/check_number.hpp"

namespace popflow {

namespace {

OddTable table_of(const Marginal& marginal) {
  check_marginal(marginal);
  return OddTable([&marginal](double z) { return from_normal(marginal, z); });
}

}  // namespace

CopulaField::CopulaField(GaussianField latent, const Marginal& marginal)
    : latent_(std::move(latent)),
      marginal_(marginal),
      psi_(table_of(marginal)),
      four_point_(psi_, shape_of_transform(marginal)) {
  const double variance = latent_.covariance()[0];
  check_number(std::abs(variance - 1.0) <= 1e-12, "latent variance", variance,
               "1, the marginal sets the scale");
  const OddTwoPoint two_point(psi_, 1.0);
  covariance_ = latent_.covariance().unaryExpr(two_point);
  spectrum_ = covariance_spectrum(torus(), covariance_).cwiseMax(0.0);
}

std::optional<PointwiseField> CopulaField::pointwise() const {
  if (marginal_.family != MarginalFamily::uniform) return {};
  return PointwiseField{latent_.covariance(), 1.0};
}

double CopulaField::four_point(int a, int b, int c) const {
  return four_point_(correlations_of(torus(), latent_.covariance(), a, b, c));
}

void CopulaField::sample(RandomStream& stream, Eigen::Ref<Field> out) {
  latent_.sample(stream, out);
  for (double& x : out) x = psi_(x);
}

void CopulaField::sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<float> out) {
  latent_.sample_lanes(key, indices, out);
  out = out.unaryExpr([this](float z) { return static_cast<float>(psi_(z)); });
}

void CopulaField::sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<double> out) {
  latent_.sample_lanes(key, indices, out);
  out = out.unaryExpr([this](double z) { return psi_(z); });
}

}  // namespace popflow

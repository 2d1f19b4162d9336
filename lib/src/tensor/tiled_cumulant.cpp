#include "popflow/tensor/tiled_cumulant.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"

#include "tensor/normalise.hpp"

namespace popflow {

namespace {

const TiledFactors& checked(const TiledFactors& factors) {
  if (factors.templates.rows() != factors.torus.sites() ||
      factors.templates.cols() != factors.lambda.size())
    throw std::invalid_argument(
        fmt::format("tiled factors: templates of {} x {}: must be {} x {} (sites x weights)",
                    factors.templates.rows(), factors.templates.cols(), factors.torus.sites(),
                    factors.lambda.size()));
  return factors;
}

}  // namespace

double TiledFactors::operator()(int a, int b, int c) const {  // (Eq. 31)
  double sum = 0.0;
  for (Eigen::Index r = 0; r < rank(); ++r) {
    const auto t = templates.col(r);
    double tiles = 0.0;
    for (int s = 0; s < torus.sites(); ++s)
      tiles += t[s] * t[torus.add(s, a)] * t[torus.add(s, b)] * t[torus.add(s, c)];
    sum += lambda[r] * tiles;
  }
  return sum;
}

TiledFactors normalised(TiledFactors factors) {
  const Torus& torus = checked(factors).torus;
  Factors unit{std::move(factors.lambda), std::move(factors.templates)};
  const std::vector<Eigen::Index> peaks = normalise(unit);
  for (Eigen::Index r = 0; r < unit.rank(); ++r)
    unit.vectors.col(r) =
        shifted(torus, unit.vectors.col(r), torus.negate(static_cast<int>(peaks[r])));
  return {torus, unit.lambda, unit.vectors};
}

double inner_product(const TiledFactors& a, const TiledFactors& b) {
  if (!(checked(a).torus == checked(b).torus))
    throw std::invalid_argument("tiled factors: must live on the same lattice");
  const FourierTransform fourier(a.torus);
  const Eigen::MatrixXcd x = spectra_of(fourier, a.templates), y = spectra_of(fourier, b.templates);
  double sum = 0.0;
  for (Eigen::Index r = 0; r < a.rank(); ++r)
    for (Eigen::Index s = 0; s < b.rank(); ++s)
      sum += a.lambda[r] * b.lambda[s] *
             cross_correlation(fourier, x.col(r), y.col(s)).array().square().square().sum();
  return sum;
}

TiledCumulant::TiledCumulant(const TiledFactors& factors)
    : moment_(factors.torus, checked(factors).templates, factors.lambda) {}

}  // namespace popflow

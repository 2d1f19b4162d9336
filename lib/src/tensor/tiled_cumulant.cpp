#include "popflow/tensor/tiled_cumulant.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

#include "tensor/normalise.hpp"
#include "tensor/template_spectra.hpp"

namespace popflow {

namespace {

void check_shape(const TiledFactors& factors) {
  if (factors.templates.rows() != factors.torus.sites() ||
      factors.templates.cols() != factors.lambda.size())
    throw std::invalid_argument(
        fmt::format("tiled factors: templates of {} x {}: must be {} x {} (sites x weights)",
                    factors.templates.rows(), factors.templates.cols(), factors.torus.sites(),
                    factors.lambda.size()));
}

}  // namespace

double TiledFactors::operator()(int a, int b, int c) const {
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
  check_shape(factors);
  const Torus& torus = factors.torus;
  Factors unit{std::move(factors.lambda), std::move(factors.templates)};
  const std::vector<Eigen::Index> peaks = normalise(unit);
  for (Eigen::Index r = 0; r < unit.rank(); ++r)
    unit.vectors.col(r) =
        shifted(torus, unit.vectors.col(r), torus.negate(static_cast<int>(peaks[r])));
  return {torus, unit.lambda, unit.vectors};
}

double inner_product(const TiledFactors& a, const TiledFactors& b) {
  check_shape(a);
  check_shape(b);
  if (!(a.torus == b.torus))
    throw std::invalid_argument("tiled factors: must live on the same lattice");
  const FourierTransform fourier(a.torus);
  const std::vector<Spectrum> x = template_spectra(fourier, a.templates),
                              y = template_spectra(fourier, b.templates);
  double sum = 0.0;
  for (std::size_t r = 0; r < x.size(); ++r)
    for (std::size_t s = 0; s < y.size(); ++s)
      sum += a.lambda[static_cast<Eigen::Index>(r)] * b.lambda[static_cast<Eigen::Index>(s)] *
             correlation(fourier, x[r], y[s]).array().square().square().sum();
  return sum;
}

TiledCumulant::TiledCumulant(const TiledFactors& factors)
    : fourier_(factors.torus), lambda_(factors.lambda.begin(), factors.lambda.end()) {
  check_shape(factors);
  templates_ = template_spectra(fourier_, factors.templates);
}

void TiledCumulant::correlate(std::size_t r, const Spectrum& u, Field& out) const {
  Scratch scratch;
  Spectrum& modes = scratch.spectrum(u.size());
  modes = templates_[r].conjugate().cwiseProduct(u);
  fourier_.backward(modes, out);
}

void TiledCumulant::add_template(std::size_t r, const Field& product, Spectrum& out) const {
  Scratch scratch;
  Spectrum& modes = scratch.spectrum(out.size());
  fourier_.forward(product, modes);
  out.array() += lambda_[r] * templates_[r].array() * modes.array();
}

void TiledCumulant::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                             Spectrum& out) const {
  Scratch scratch;
  Field &product = scratch.field(torus().sites()), &factor = scratch.field(torus().sites());
  out.setZero();
  for (std::size_t r = 0; r < templates_.size(); ++r) {
    correlate(r, u, product);
    for (const Spectrum* argument : {&v, &w}) {
      correlate(r, *argument, factor);
      product.array() *= factor.array();
    }
    add_template(r, product, out);
  }
}

void TiledCumulant::contract(const Spectrum& u, Spectrum& out) const {
  Scratch scratch;
  Field& product = scratch.field(torus().sites());
  out.setZero();
  for (std::size_t r = 0; r < templates_.size(); ++r) {
    correlate(r, u, product);
    product.array() = product.array().cube();
    add_template(r, product, out);
  }
}

}  // namespace popflow

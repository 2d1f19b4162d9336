#include "popflow/moments/orbit_moment.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/lattice/scratch.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Fields = Eigen::Ref<const Eigen::MatrixXd>;

const Fields& checked(const Torus& torus, const Fields& fields) {
  if (fields.rows() != torus.sites() || fields.cols() == 0)
    throw std::invalid_argument(
        fmt::format("{} fields of {} entries: must be at least one, of {}, the lattice's sites",
                    fields.cols(), fields.rows(), torus.sites()));
  if (!fields.allFinite()) throw std::invalid_argument("fields: must be finite numbers");
  return fields;
}

}  // namespace

OrbitMoment::OrbitMoment(const Torus& torus, const Fields& fields, Eigen::VectorXd weights)
    : fourier_(torus),
      spectra_(std::make_shared<const Eigen::MatrixXcd>(spectra_of(fourier_, fields))),
      weights_(std::move(weights)) {}

OrbitMoment::OrbitMoment(const Torus& torus, const Fields& fields)
    : OrbitMoment(
          torus, checked(torus, fields),
          Eigen::VectorXd::Constant(fields.cols(), 1.0 / static_cast<double>(fields.size()))) {}

// The sum over all fields x_p of weight_p x_p * product, where * is the convolution (Eq. 32).
// `multiply` turns the first factor of the product, x_p o u, into the product of all three.
template <class Multiply>
void OrbitMoment::sum(const Spectrum& u, const Multiply& multiply, Spectrum& out) const {
  Scratch scratch;
  Field& product = scratch.field(torus().sites());
  Spectrum& modes = scratch.spectrum(out.size());
  out.setZero();
  for (Index p = 0; p < count(); ++p) {
    cross_correlate(fourier_, spectra_->col(p), u, product);
    multiply(p, product);
    fourier_.forward(product, modes);
    out.array() += weights_[p] * spectra_->col(p).array() * modes.array();
  }
}

void OrbitMoment::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                           Spectrum& out) const {
  Scratch scratch;
  Field& factor = scratch.field(torus().sites());
  const auto multiply = [&](Index p, Field& product) {
    for (const Spectrum* argument : {&v, &w}) {
      cross_correlate(fourier_, spectra_->col(p), *argument, factor);
      product.array() *= factor.array();
    }
  };
  sum(u, multiply, out);
}

void OrbitMoment::contract(const Spectrum& u, Spectrum& out) const {
  sum(
      u, [](Index, Field& product) { product.array() = product.array().cube(); }, out);
}

}  // namespace popflow

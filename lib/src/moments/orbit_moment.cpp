#include "popflow/moments/orbit_moment.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Fields = Eigen::Ref<const Eigen::MatrixXd>;

Eigen::MatrixXcd spectra_of(const FourierTransform& fourier, const Fields& fields) {
  const Torus& torus = fourier.torus();
  if (fields.rows() != torus.sites() || fields.cols() == 0)
    throw std::invalid_argument(
        fmt::format("{} fields of {} entries: must be at least one, of {}, the lattice's sites",
                    fields.cols(), fields.rows(), torus.sites()));
  if (!fields.allFinite()) throw std::invalid_argument("fields: must be finite numbers");
  Eigen::MatrixXcd spectra(torus.half_modes(), fields.cols());
  for (Index p = 0; p < fields.cols(); ++p) fourier.forward(fields.col(p), spectra.col(p));
  return spectra;
}

}  // namespace

OrbitMoment::OrbitMoment(const Torus& torus, const Fields& fields)
    : fourier_(torus),
      spectra_(std::make_shared<const Eigen::MatrixXcd>(spectra_of(fourier_, fields))) {}

void OrbitMoment::correlate(Index p, const Spectrum& u, Field& out) const {
  Scratch scratch;
  Spectrum& modes = scratch.spectrum(u.size());
  modes = spectra_->col(p).cwiseProduct(u.conjugate());
  fourier_.backward(modes, out);
}

void OrbitMoment::add_field(Index p, const Field& product, Spectrum& out) const {
  Scratch scratch;
  Spectrum& modes = scratch.spectrum(out.size());
  fourier_.forward(product, modes);
  out += spectra_->col(p).cwiseProduct(modes.conjugate());
}

void OrbitMoment::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                           Spectrum& out) const {
  Scratch scratch;
  Field &product = scratch.field(torus().sites()), &factor = scratch.field(torus().sites());
  out.setZero();
  for (Index p = 0; p < count(); ++p) {
    correlate(p, u, product);
    for (const Spectrum* argument : {&v, &w}) {
      correlate(p, *argument, factor);
      product.array() *= factor.array();
    }
    add_field(p, product, out);
  }
  out /= static_cast<double>(count() * torus().sites());
}

void OrbitMoment::contract(const Spectrum& u, Spectrum& out) const {
  Scratch scratch;
  Field& product = scratch.field(torus().sites());
  out.setZero();
  for (Index p = 0; p < count(); ++p) {
    correlate(p, u, product);
    product.array() = product.array().cube();
    add_field(p, product, out);
  }
  out /= static_cast<double>(count() * torus().sites());
}

}  // namespace popflow

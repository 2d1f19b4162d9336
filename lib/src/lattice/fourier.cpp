#include "popflow/lattice/fourier.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <fftw3.h>
#include <fmt/core.h>

#include "lattice/planner_lock.hpp"

namespace popflow {

namespace {

void check_sizes(const Torus& torus, Eigen::Index field, Eigen::Index spectrum) {
  if (field != torus.sites() || spectrum != torus.half_modes())
    throw std::invalid_argument(
        fmt::format("Fourier transform of {} values and {} modes: the lattice has {} and {}", field,
                    spectrum, torus.sites(), torus.half_modes()));
}

// The arrays of this thread that FFTW works on, of the largest lattice so far: callers' arrays may
// be aligned differently from those that the plans were made for, and FFTW's backward transform
// destroys its input.
struct Arrays {
  Field field;
  Spectrum spectrum;
};

Arrays& arrays_for(const Torus& torus) {
  thread_local Arrays arrays;
  if (arrays.field.size() < torus.sites()) {
    arrays.field.resize(torus.sites());
    arrays.spectrum.resize(torus.sites());  // at least half_modes(), of every shape
  }
  return arrays;
}

fftw_complex* as_fftw(std::complex<double>* data) { return reinterpret_cast<fftw_complex*>(data); }

fftw_plan held(const std::shared_ptr<void>& plan) {
  if (!plan) throw std::logic_error("Fourier transform: was moved from");
  return static_cast<fftw_plan>(plan.get());
}

}  // namespace

FourierTransform::FourierTransform(const Torus& torus) : torus_(torus) {
  // FFTW_ESTIMATE leaves the arrays untouched; they only stand for their alignment.
  double* const field = arrays_for(torus).field.data();
  fftw_complex* const spectrum = as_fftw(arrays_for(torus).spectrum.data());
  const int extents[] = {torus.rows(), torus.columns()};
  forward_ =
      shared_plan([&] { return fftw_plan_dft_r2c(2, extents, field, spectrum, FFTW_ESTIMATE); },
                  fftw_destroy_plan);
  backward_ =
      shared_plan([&] { return fftw_plan_dft_c2r(2, extents, spectrum, field, FFTW_ESTIMATE); },
                  fftw_destroy_plan);
}

void FourierTransform::forward(const Eigen::Ref<const Field>& field,
                               Eigen::Ref<Spectrum> spectrum) const {
  check_sizes(torus_, field.size(), spectrum.size());
  Arrays& own = arrays_for(torus_);
  own.field.head(field.size()) = field;
  fftw_execute_dft_r2c(held(forward_), own.field.data(), as_fftw(own.spectrum.data()));  // (Eq. 1)
  spectrum = own.spectrum.head(spectrum.size());
}

void FourierTransform::backward(const Eigen::Ref<const Spectrum>& spectrum,
                                Eigen::Ref<Field> field) const {
  check_sizes(torus_, field.size(), spectrum.size());
  Arrays& own = arrays_for(torus_);
  own.spectrum.head(spectrum.size()) = spectrum;
  fftw_execute_dft_c2r(held(backward_), as_fftw(own.spectrum.data()), own.field.data());
  field = own.field.head(field.size()) / static_cast<double>(torus_.sites());
}

Spectrum FourierTransform::forward(const Eigen::Ref<const Field>& field) const {
  Spectrum spectrum(torus_.half_modes());
  forward(field, spectrum);
  return spectrum;
}

Field FourierTransform::backward(const Eigen::Ref<const Spectrum>& spectrum) const {
  Field field(torus_.sites());
  backward(spectrum, field);
  return field;
}

Eigen::VectorXcd joint_spectrum(const Torus& torus, int variables, const Eigen::VectorXd& values) {
  std::vector<int> extents;
  for (int v = 0; v < variables; ++v) {
    if (torus.rows() > 1) extents.push_back(torus.rows());
    extents.push_back(torus.columns());
  }
  // In place: the rows of the last axis lie at the head of the rows of complex numbers that they
  // will become.
  const Eigen::Index columns = torus.columns(), width = columns / 2 + 1,
                     rows = values.size() / columns;
  Eigen::VectorXcd result(rows * width);
  double* const head = reinterpret_cast<double*>(result.data());
  for (Eigen::Index row = 0; row < rows; ++row)
    std::copy_n(values.data() + row * columns, columns, head + row * 2 * width);
  const auto make = [&] {
    return fftw_plan_dft_r2c(static_cast<int>(extents.size()), extents.data(), head,
                             as_fftw(result.data()), FFTW_ESTIMATE);
  };
  fftw_execute(shared_plan(make, fftw_destroy_plan).get());
  return result;
}

}  // namespace popflow

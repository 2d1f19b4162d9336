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

}  // namespace

struct FourierTransform::Plans {
  explicit Plans(const Torus& torus) {
    // FFTW_ESTIMATE leaves the arrays untouched; they only stand for their alignment.
    Field field(torus.sites());
    Spectrum spectrum(torus.half_modes());
    const int extents[] = {torus.rows(), torus.columns()};
    const std::lock_guard guard(planner_lock());
    forward = fftw_plan_dft_r2c(2, extents, field.data(), as_fftw(spectrum.data()), FFTW_ESTIMATE);
    backward = fftw_plan_dft_c2r(2, extents, as_fftw(spectrum.data()), field.data(), FFTW_ESTIMATE);
  }
  Plans(const Plans&) = delete;
  Plans& operator=(const Plans&) = delete;
  ~Plans() {
    const std::lock_guard guard(planner_lock());
    fftw_destroy_plan(forward);
    fftw_destroy_plan(backward);
  }

  fftw_plan forward;
  fftw_plan backward;
};

FourierTransform::FourierTransform(const Torus& torus)
    : torus_(torus), plans_(std::make_shared<const Plans>(torus)) {}

void FourierTransform::forward(const Eigen::Ref<const Field>& field,
                               Eigen::Ref<Spectrum> spectrum) const {
  check_sizes(torus_, field.size(), spectrum.size());
  if (!plans_) throw std::logic_error("Fourier transform: was moved from");
  Arrays& own = arrays_for(torus_);
  own.field.head(field.size()) = field;
  fftw_execute_dft_r2c(plans_->forward, own.field.data(), as_fftw(own.spectrum.data()));
  spectrum = own.spectrum.head(spectrum.size());
}

void FourierTransform::backward(const Eigen::Ref<const Spectrum>& spectrum,
                                Eigen::Ref<Field> field) const {
  check_sizes(torus_, field.size(), spectrum.size());
  if (!plans_) throw std::logic_error("Fourier transform: was moved from");
  Arrays& own = arrays_for(torus_);
  own.spectrum.head(spectrum.size()) = spectrum;
  fftw_execute_dft_c2r(plans_->backward, as_fftw(own.spectrum.data()), own.field.data());
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
  fftw_plan plan;
  {
    const std::lock_guard guard(planner_lock());
    plan = fftw_plan_dft_r2c(static_cast<int>(extents.size()), extents.data(), head,
                             as_fftw(result.data()), FFTW_ESTIMATE);
  }
  fftw_execute(plan);
  const std::lock_guard guard(planner_lock());
  fftw_destroy_plan(plan);
  return result;
}

}  // namespace popflow

#include "popflow/lattice/lane_fourier.hpp"

#include <fftw3.h>

#include "lattice/planner_lock.hpp"

namespace popflow {

namespace {

// FFTW's names for the two precisions.
template <class Real>
struct Fftw;

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  static constexpr auto plan_many = fftwf_plan_many_dft;
  static constexpr auto execute = fftwf_execute_dft;
  static constexpr auto destroy = fftwf_destroy_plan;
};

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  static constexpr auto plan_many = fftw_plan_many_dft;
  static constexpr auto execute = fftw_execute_dft;
  static constexpr auto destroy = fftw_destroy_plan;
};

// Its complex numbers are pairs of real ones.
template <class Real>
auto* as_fftw(Real* data) {
  return reinterpret_cast<Real(*)[2]>(data);
}

}  // namespace

template <class Real>
LaneFourier<Real>::LaneFourier(const Torus& torus) {
  // FFTW_ESTIMATE leaves the arrays untouched; they only stand for their alignment.
  using Lanes = Eigen::Matrix<Real, Eigen::Dynamic, lanes>;
  Lanes modes(torus.sites(), lanes), fields(torus.sites(), lanes);
  constexpr int batch = lanes / 2;
  const auto make = [&] {
    return Fftw<Real>::plan_many(torus.dimensions(), torus.shape().data(), batch,
                                 as_fftw(modes.data()), nullptr, batch, 1, as_fftw(fields.data()),
                                 nullptr, batch, 1, FFTW_BACKWARD, FFTW_ESTIMATE);
  };
  plan_ = shared_plan(make, Fftw<Real>::destroy);
}

template <class Real>
void LaneFourier<Real>::sum(const Real* modes, Real* fields) const {
  // FFTW takes its input as mutable, but an out-of-place complex transform keeps it.
  const auto plan = static_cast<typename Fftw<Real>::Plan>(plan_.get());
  Fftw<Real>::execute(plan, as_fftw(const_cast<Real*>(modes)), as_fftw(fields));
}

template class LaneFourier<float>;
template class LaneFourier<double>;

}  // namespace popflow

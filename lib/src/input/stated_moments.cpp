#include "popflow/input/stated_moments.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"

namespace popflow {

namespace {

void check_entries(const char* what, const Field& entries, int size) {
  if (entries.size() != size)
    throw std::invalid_argument(
        fmt::format("input: {} of {} entries: must have {}", what, entries.size(), size));
  for (int n = 0; n < size; ++n)
    if (!std::isfinite(entries[n]))
      throw std::invalid_argument(
          fmt::format("input: {}[{}] is {}: must be finite", what, n, entries[n]));
}

}  // namespace

void check_stated_covariance(const Torus& torus, const Field& covariance) {
  check_entries("covariance", covariance, torus.sites());
  const double variance = covariance[0], rounding = rounding_of_stated_moments * variance;
  if (!(variance > 0.0))
    throw std::invalid_argument(
        fmt::format("input: covariance at displacement 0 is {:.6g}: must be positive", variance));
  for (int a = 1; a < torus.sites(); ++a) {
    const double here = covariance[a], opposite = covariance[torus.negate(a)];
    if (std::abs(here - opposite) > rounding)
      throw std::invalid_argument(
          fmt::format("input: covariance at displacement {} is {:.6g} and at its opposite {} it is "
                      "{:.6g}: must be even",
                      a, here, torus.negate(a), opposite));
    if (std::abs(here) > variance + rounding)
      throw std::invalid_argument(
          fmt::format("input: covariance at displacement {} is {:.6g} and at 0 it is {:.6g}: must "
                      "be largest at 0",
                      a, here, variance));
  }
}

void check_stated_spectrum(const Torus& torus, const Field& covariance, const Field& spectrum) {
  check_entries("spectrum", spectrum, torus.half_modes());
  const Field exact = covariance_spectrum(torus, covariance);
  const double rounding = rounding_of_stated_moments * exact.cwiseAbs().maxCoeff();
  for (int q = 0; q < torus.half_modes(); ++q) {
    if (exact[q] < -rounding)
      throw std::invalid_argument(
          fmt::format("input: the spectrum of the covariance is {:.6g} at mode {}: must not be "
                      "negative",
                      exact[q], q));
    if (std::abs(spectrum[q] - exact[q]) > rounding)
      throw std::invalid_argument(fmt::format(
          "input: spectrum at mode {} is {:.6g}: must be that of the covariance, {:.6g}", q,
          spectrum[q], exact[q]));
  }
}

}  // namespace popflow

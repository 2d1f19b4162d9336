#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "popflow/tensor/quartic_form.hpp"

namespace popflow {

/// T[x, x, x, .] = lambda x with |x| = 1 (Eq. 30): a stationary point of T[x, x, x, x] on the
/// sphere, and a fixed point of the purely quartic flow.
struct ZEigenpair {
  double lambda;
  Eigen::VectorXd vector;  ///< of unit length
  double residual;         ///< |T[x, x, x, .] - lambda x|
  int iterations;
};

/// Which stationary points to climb to.
enum class Ascent { maximum, minimum };

/// When the iteration from one start ends.
struct PowerOptions {
  int iterations = 5000;  ///< at most
  double tolerance =
      1e-10;  ///< of the residual, relative to |lambda| or |T[x, x, x, .]| at the start
  std::function<bool()> interrupted = {};  ///< asked before every step; true stops there
};

/// The shifted symmetric higher-order power method (Kolda & Mayo 2011), x <- +-(T[x, x, x, .] +
/// alpha x) normalised, from `start` (any length but zero). The shift alpha grows whenever a step
/// would not raise (lower) T[x, x, x, x], and shrinks otherwise, so that the method climbs
/// monotonically. Throws std::invalid_argument for a start of another size, or zero.
ZEigenpair z_eigenpair(const QuarticAction& form, const Eigen::VectorXd& start, Ascent ascent,
                       const PowerOptions& options = {});

/// Starts of a search for Z-eigenpairs, and which of these are the same.
struct PowerSearch {
  int starts = 20;  ///< Gaussian random starts for each of maximum and minimum
  std::uint64_t seed = 1;
  double same = 1e-4;  ///< vectors closer than this, up to sign, count as one
  PowerOptions power = {};
};

/// The distinct Z-eigenpairs that random starts climb to, in order of falling |lambda|. On a
/// lattice every shift of an eigenvector is another one: see `measure` for what is left up to
/// shift.
std::vector<ZEigenpair> z_eigenpairs(const QuarticAction& form, const PowerSearch& search);

template <QuarticForm Form>
ZEigenpair z_eigenpair(Form& form, const Eigen::VectorXd& start, Ascent ascent,
                       const PowerOptions& options = {}) {
  return z_eigenpair(QuarticAction(form), start, ascent, options);
}

template <QuarticForm Form>
std::vector<ZEigenpair> z_eigenpairs(Form& form, const PowerSearch& search) {
  return z_eigenpairs(QuarticAction(form), search);
}

}  // namespace popflow

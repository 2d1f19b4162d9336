#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "popflow/tensor/quartic_form.hpp"

namespace popflow {

/// A solution of T[x, x, x, .] = lambda x with |x| = 1 (Eq. 30). It is a stationary point of T[x,
/// x, x, x] on the sphere, and a fixed point of the flow that has only the quartic term.
struct ZEigenpair {
  double lambda;
  Eigen::VectorXd vector;  ///< of unit length
  double residual;         ///< |T[x, x, x, .] - lambda x|
  int iterations;
};

/// The kind of stationary point that the power method looks for.
enum class Ascent { maximum, minimum };

/// When the iteration from one start ends.
struct PowerOptions {
  int iterations = 5000;  ///< at most
  /// Largest residual, relative to the larger of |lambda| and |T[x, x, x, .]| at the start.
  double tolerance = 1e-10;
  std::function<bool()> interrupted = {};  ///< asked before every step; true: stop
};

/// The shifted symmetric higher-order power method (Kolda & Mayo 2011): x <- +-(T[x, x, x, .] +
/// alpha x), normalised. For a minimum, -T takes the place of T. `start` may have any length except
/// zero. A step that would not improve T[x, x, x, x] is not taken and increases the shift alpha;
/// other steps decrease alpha. The method therefore climbs (descends) monotonically. Throws
/// std::invalid_argument for a start of another size, or of zeros.
ZEigenpair z_eigenpair(const QuarticAction& form, const Eigen::VectorXd& start, Ascent ascent,
                       const PowerOptions& options = {});

/// The starts of a search for Z-eigenpairs, and when two of them count as the same.
struct PowerSearch {
  int starts = 20;  ///< Gaussian random starts, each for a maximum and a minimum
  std::uint64_t seed = 1;
  double same = 1e-4;  ///< vectors closer than this, up to sign, are the same
  PowerOptions power = {};
};

/// The distinct Z-eigenpairs that are reached from random starts, in order of falling |lambda|. On
/// a lattice every shift of an eigenvector is another eigenvector; the functions of `measure`
/// compare fields up to shifts.
std::vector<ZEigenpair> z_eigenpairs(const QuarticAction& form, const PowerSearch& search);

}  // namespace popflow

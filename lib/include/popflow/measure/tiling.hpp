#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// A place on the torus between or on its sites: (row, column), in sites and modulo the lattice, as
/// `centre` gives it. Along an axis of one site, as a ring's rows, places do not differ.
using Point = std::array<double, 2>;

/// Euclidean distance of a and b the shortest way round, in sites: between 0 and
/// sqrt(L1^2 + L2^2) / 2.
double wrapped_distance(const Torus& torus, const Point& a, const Point& b);

/// For each of n points the wrapped distance to its nearest neighbour, in sites: n entries, NaN for
/// fewer than 2 points. O(n^2). Throws std::invalid_argument unless all points are finite.
Eigen::VectorXd nearest_spacings(const Torus& torus, const std::vector<Point>& points);

/// Random draws that a tiling is compared with.
struct TilingOptions {
  int draws = 9999;  ///< of uniform points; at least 2
  std::uint64_t seed = 0;
  std::function<bool()> interrupted = {};  ///< asked before every draw, by any thread
};

/// The mean nearest-neighbour spacing of a set of points, against that of as many points placed
/// independently and uniformly on the torus.
struct Tiling {
  double mean_spacing;                ///< in sites
  double uniform_mean;                ///< of the mean spacing over uniform draws, in sites
  double uniform_standard_deviation;  ///< of the mean spacing of a draw, in sites
  /// R = mean_spacing / uniform_mean (Eq. 47): above 1 the points keep apart, up to 2 at equal
  /// spacing on a ring and about 2.15 on a torus; below 1 they cluster, down to 0 where each
  /// coincides with another.
  double ratio;
  double p_even;       ///< p-value (Eq. 49) of a mean spacing at least as large, by chance
  double p_clustered;  ///< and at most as large
};

/// How evenly points, such as the centres of localised receptive fields, tile the torus, after
/// [ClarkEvans1954]. Draw t takes row and column of each point in turn from the stream (seed,
/// Purpose::tiling, t). Draws share out the threads, with the same bits on any number of threads.
/// O(draws n^2).
///
/// Fewer than 2 points have no spacing: every number is NaN. The result for few points is
/// uncertain: on a ring, R of n uniform points has the standard deviation sqrt(2 / (3 (n + 1))),
/// 0.27 for n = 8. Only nearest neighbours count. If several fields share each of evenly spaced
/// places, they tile the lattice too, but the points count as clustered.
/// Throws std::invalid_argument unless all points are finite and draws >= 2. Throws Interrupted
/// soon after options.interrupted returns true.
Tiling tiling(const Torus& torus, const std::vector<Point>& points,
              const TilingOptions& options = {});

}  // namespace popflow

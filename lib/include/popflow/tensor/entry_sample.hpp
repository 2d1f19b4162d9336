#pragma once

#include <cstdint>
#include <vector>

#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

namespace popflow {

/// One entry kappa(a, b, c) of a fourth cumulant, from its closed form, with its weight. The weight
/// is 1 / (n q(a, b, c)) if n entries were drawn with density q.
struct CumulantEntry {
  int a, b, c;
  double weight;
  double kappa;
};

/// Random entries. Their weighted sums are unbiased estimates of sums over the whole tensor,
///
///     sum_n weight_n f(a_n, b_n, c_n) ~ sum_abc f(a, b, c)
///
/// for every function f with the symmetries of kappa. Entry samples serve lattices whose table does
/// not fit into memory.
struct EntrySample {
  Torus torus;
  std::vector<CumulantEntry> entries;
};

/// Draws `count` entries (>= 2) from the random stream number `run` of the seed. One of the four
/// sites is site 0; the other three are drawn around it. The density of each has three parts: 90 %
/// proportional to |C|, 9 % to |C|^(1/2), and 1 % uniform. q is the mean of the joint density over
/// the four choices of the central site (Eq. 35).
///
/// `reach` has N entries and stands for |C|: the covariance, or any other measure of how far apart
/// sites may be and still contribute. Runs in parallel; the bits do not depend on the number of
/// threads. Throws std::invalid_argument for a smaller count, and for a reach of another size, not
/// finite or zero everywhere.
EntrySample draw_entries(const FourthCumulant& kappa, const Field& reach, int count,
                         std::uint64_t seed, std::uint32_t run = 0);

/// An estimate of |kappa - tiled form| / |kappa| (Frobenius norms of the whole tensor) and its
/// standard error (Eq. 36). relative_error throws std::invalid_argument if the lattices or shapes
/// disagree.
struct EstimatedError {
  double value;
  double standard_error;
};
EstimatedError relative_error(const TiledFactors& factors, const EntrySample& sample);

/// kappa(a, b, c) of each template alone, with weight 1, at the sampled entries: entries x R. Reads
/// templates only where they are not zero. Runs in parallel. Throws std::invalid_argument unless
/// `templates` has N rows.
Eigen::MatrixXd template_entries(const Torus& torus, const Eigen::MatrixXd& templates,
                                 const std::vector<CumulantEntry>& entries);

}  // namespace popflow

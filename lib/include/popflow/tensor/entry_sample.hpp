#pragma once

#include <cstdint>
#include <vector>

#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

namespace popflow {

/// An entry kappa(a, b, c) of a fourth cumulant, in closed form, with its weight: 1 / (n q(a, b,
/// c)), where n entries were drawn with density q.
struct CumulantEntry {
  int a, b, c;
  double weight;
  double kappa;
};

/// Entries drawn so that weighted sums are unbiased for sums over the whole tensor,
///
///     sum_n weight_n f(a_n, b_n, c_n) ~ sum_abc f(a, b, c)      f with the symmetries of kappa
///
/// for lattices whose table does not fit into memory.
struct EntrySample {
  Torus torus;
  std::vector<CumulantEntry> entries;
};

/// Draws `count` entries (>= 2), from stream number `run` of the seed. The other three of four
/// sites are drawn around one with density proportional to |C| mixed with |C|^(1/2) and, for one
/// site in a hundred, a uniform one; q is its average over which of the four is the one (Eq. 35).
/// `reach` is |C|, N entries: the covariance, or whatever else tells how far from one another sites
/// may be and still matter. In parallel, with the same bits on any number of threads. Throws
/// std::invalid_argument for a smaller count, or a reach of another size, not finite or zero.
EntrySample draw_entries(const FourthCumulant& kappa, const Field& reach, int count,
                         std::uint64_t seed, std::uint32_t run = 0);

/// Estimate of |kappa - tiled form| / |kappa| over the whole tensor, Frobenius, with its standard
/// error (Eq. 36). Throws std::invalid_argument when the lattices or shapes disagree.
struct EstimatedError {
  double value;
  double standard_error;
};
EstimatedError relative_error(const TiledFactors& factors, const EntrySample& sample);

/// kappa(a, b, c) of single templates at the sampled entries: entries x R, with weights 1.
/// Templates are read where they do not vanish only. In parallel. Throws std::invalid_argument
/// unless `templates` has N rows.
Eigen::MatrixXd template_entries(const Torus& torus, const Eigen::MatrixXd& templates,
                                 const std::vector<CumulantEntry>& entries);

}  // namespace popflow

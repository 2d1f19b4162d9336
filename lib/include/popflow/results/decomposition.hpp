#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "popflow/experiment/source.hpp"
#include "popflow/lattice/torus.hpp"
#include "popflow/network/weights.hpp"
#include "popflow/results/provenance.hpp"
#include "popflow/results/results.hpp"

namespace popflow {

/// The result of a decomposition of a fourth cumulant, and where it comes from.
///
/// The file is NetCDF-4. R factors; for a torus (row, column) in place of site:
///
///     factors(factor, site)   of unit length, by falling |lambda|
///     lambda(factor)          signed weights; of the power method, eigenvalues
///     ipr(factor)             inverse participation ratio
///     width(factor, axis)     in sites (Eq. 24)
///     relative_error          over the whole tensor; NaN where it was compared with none
///     standard_error          of relative_error; NaN where that is exact
///     rank_error(rank)        tiled: relative error of the best fit of every rank up to R, which
///                             over unseen entries or from samples may rise
///     residual(factor)        power: |T[x, x, x, .] - lambda x|
///
/// and global attributes: kind = "decomposition", method, tiled (1 where every factor stands for
/// all of its shifts), samples (used; 0: closed form), and those of results.hpp.
struct Decomposition {
  std::string method;
  bool tiled = false;
  std::int64_t samples = 0;
  Torus torus{{1}};
  Eigen::VectorXd lambda;  ///< R
  Weights factors;         ///< R x N
  double relative_error = 0.0;
  std::optional<double> standard_error;
  std::vector<double> rank_error;
  std::vector<double> residual;
  std::uint64_t seed = 0;
  std::string experiment;
  std::string overrides;
  ExperimentFiles files = {};  ///< not read back
  Provenance provenance;
};

inline constexpr const char* decomposition_kind = "decomposition";

/// The file appears whole or not at all. Throws std::invalid_argument when shapes disagree,
/// UnwritableOutput, or std::runtime_error when writing fails.
void write_decomposition(const std::string& path, const Decomposition& decomposition);

/// Throws InvalidResults.
Decomposition read_decomposition(const std::string& path);

/// The kind of a results file: "flow", "sgd", "fixed_point", "decomposition", "sweep" or "ladder".
/// Throws InvalidResults.
std::string results_kind(const std::string& path);
inline bool holds_factors(const std::string& path) {
  return results_kind(path) == decomposition_kind;
}

}  // namespace popflow

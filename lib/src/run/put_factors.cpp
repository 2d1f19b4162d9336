#include "run/put_factors.hpp"

#include <algorithm>

#include "popflow/measure/matching.hpp"

namespace popflow {

namespace {

// Eigenvectors that are not shifts of one another, up to sign, at most `most`.
std::vector<ZEigenpair> distinct(const Torus& torus, const std::vector<ZEigenpair>& pairs,
                                 std::size_t most) {
  // Shifts by a fraction of a site are eigenvectors too, where the template is smooth.
  constexpr double same = 0.99;
  FourierTransform fourier(torus);
  std::vector<ZEigenpair> kept;
  for (const ZEigenpair& pair : pairs) {
    const Weights candidate = pair.vector.transpose();
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const ZEigenpair& other) {
      const Weights vector = other.vector.transpose();
      return similarity_matrix(fourier, candidate, vector, {.shift = true})(0, 0) > same;
    });
    if (!known && kept.size() < most) kept.push_back(pair);
  }
  return kept;
}

}  // namespace

bool vanishes(const Experiment& experiment, const DecomposeSpec& spec) {
  for (std::size_t c = 0; c < experiment.task.size(); ++c)
    if (spec.classes[c] != 0.0 && !experiment.task[c].input.is_gaussian()) return false;
  return true;
}

void put(Decomposition& result, const Factors& factors) {
  result.lambda = factors.lambda;
  result.factors = factors.vectors.transpose();
}

void put(Decomposition& result, const TiledFactors& factors) {
  result.tiled = true;
  result.lambda = factors.lambda;
  result.factors = factors.templates.transpose();
}

TiledFactors put_eigenvectors(const Torus& torus, const std::vector<ZEigenpair>& pairs,
                              const DecomposeSpec& spec, Decomposition& result) {
  const std::vector<ZEigenpair> kept = distinct(torus, pairs, static_cast<std::size_t>(spec.rank));
  TiledFactors factors{torus, {}, {}};
  factors.lambda.resize(static_cast<Eigen::Index>(kept.size()));
  factors.templates.resize(torus.sites(), factors.lambda.size());
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const auto r = static_cast<Eigen::Index>(k);
    factors.lambda[r] = kept[k].lambda;
    factors.templates.col(r) = kept[k].vector;
    result.residual.push_back(kept[k].residual);
  }
  // Unit vectors already, and by falling |lambda|: they are only moved to site 0.
  put(result, normalised(factors));
  return factors;
}

}  // namespace popflow

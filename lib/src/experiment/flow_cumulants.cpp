#include "popflow/experiment/flow_cumulants.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/moments/interruptible.hpp"
#include "popflow/tensor/exact_cumulant.hpp"
#include "popflow/tensor/tiled_fit.hpp"

namespace popflow {

FlowCumulants flow_cumulants(const Experiment& experiment, const FlowSpec& spec,
                             const std::function<bool()>& interrupted) try {
  FlowCumulants result;
  for (const TaskClass& c : experiment.task) {
    if (spec.cumulant == "exact" || c.input.is_gaussian()) {
      const std::optional<CumulantOperator> own = c.input.cumulant_operator();
      result.operators.push_back(own ? *own
                                     : exact_cumulant(c.input, spec.truncation, interrupted));
      if (!own && !c.input.is_gaussian())
        result.relative_error = std::max(result.relative_error, spec.truncation);
      continue;
    }
    const TiledFit fit =
        tiled_fit(interruptible(fourth_cumulant(c.input), interrupted), c.input.covariance(),
                  {.rank = spec.rank, .seed = experiment.seed, .interrupted = interrupted});
    check_interrupted(interrupted);
    result.operators.emplace_back(TiledCumulant(fit.factors));
    result.relative_error = std::max(result.relative_error, fit.relative_error);
  }
  return result;
} catch (const std::length_error& too_large) {
  throw invalid(experiment, "lattice.shape", too_large.what());
}

}  // namespace popflow

#include "popflow/run/run.hpp"

namespace popflow {

Results results_of(const Experiment& experiment, const std::string& kind, StopReason reason) {
  Results results;
  results.kind = kind;
  results.stop_reason = name(reason);
  results.seed = experiment.seed;
  results.torus = experiment.torus();
  results.experiment = experiment.text;
  results.overrides = joined_overrides(experiment);
  results.files = files_of(experiment);
  return results;
}

}  // namespace popflow

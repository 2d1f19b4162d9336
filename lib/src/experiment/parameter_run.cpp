#include "popflow/experiment/parameter_run.hpp"

#include "popflow/experiment/measurements.hpp"

namespace popflow {

void ParameterRun::record(const Parameters& shape, const Eigen::VectorXd& state, double tau) {
  time.push_back(tau);
  parameters.push_back(shape);
  parameters.back().values = state;
}

void put_runs(Results& results, const std::vector<ParameterRun>& runs) {
  results.time = runs.front().time;
  for (const ParameterRun& run : runs) {
    results.runs.emplace_back();
    for (const Parameters& parameters : run.parameters)
      results.runs.back().push_back(parameters.first());
  }
  results.series = parameter_series(runs.front().parameters);
  if (runs.size() > 1) results.series.push_back(weights_error(results.torus, results.runs));
}

}  // namespace popflow

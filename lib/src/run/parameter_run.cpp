#include "popflow/run/parameter_run.hpp"

#include "popflow/run/measurements.hpp"

namespace popflow {

void put_runs(Results& results, const std::vector<ParameterRun>& runs) {
  results.time = runs.front().time;
  for (const ParameterRun& run : runs) {
    results.runs.emplace_back();
    for (const Parameters& parameters : run.parameters)
      results.runs.back().push_back(parameters.first());
  }
  results.series = parameter_series(runs.front().parameters);
  if (!runs.front().neglected_terms.empty())
    results.series.push_back({neglected_terms_name,
                              "terms that the expansion neglects, relative to those that it keeps",
                              {},
                              runs.front().neglected_terms});
  if (runs.size() > 1) results.series.push_back(weights_error(results.torus, results.runs));
}

}  // namespace popflow

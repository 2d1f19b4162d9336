#include "popflow/experiment/results.hpp"

#include "experiment/results_file.hpp"

namespace popflow {

namespace {

std::vector<std::vector<Weights>> read_runs(const ResultsFile& file, const Torus& torus) {
  std::vector<std::string> dimensions{"snapshot", "neuron"};
  for (const std::string& name : file.lattice_dimensions()) dimensions.push_back(name);
  const bool ensemble = file.has_variable("run_weights");
  if (ensemble) dimensions.insert(dimensions.begin(), "run");

  const std::vector<double> values = file.values(ensemble ? "run_weights" : "weights", dimensions);
  const auto neurons = static_cast<Eigen::Index>(file.dimension("neuron"));
  std::vector<std::vector<Weights>> runs(ensemble ? file.dimension("run") : 1);
  const double* next = values.data();
  for (std::vector<Weights>& run : runs)
    for (std::size_t snapshot = 0; snapshot < file.dimension("snapshot"); ++snapshot) {
      run.emplace_back(Eigen::Map<const Weights>(next, neurons, torus.sites()));
      next += run.back().size();
    }
  return runs;
}

Results results_in(const ResultsFile& file) {
  Results results;
  file.require_kind({"flow", "sgd", "fixed_point"});
  results.kind = file.text("kind");
  results.stop_reason = file.text("stop_reason");
  results.seed = file.integer("seed");
  results.torus = file.torus();
  results.time = file.values("time", {"snapshot"});
  results.runs = read_runs(file, results.torus);
  results.experiment = file.text("experiment");
  results.overrides = file.text("overrides");
  results.provenance = file.provenance();
  return results;
}

}  // namespace

Results read_results(const std::string& path) {
  Results results;
  read_results_file(path, [&](const ResultsFile& file) { results = results_in(file); });
  return results;
}

}  // namespace popflow

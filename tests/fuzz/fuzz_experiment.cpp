// The text of an experiment file.

#include "popflow/experiment/read.hpp"

#include "costly.hpp"
#include "harness.hpp"

using namespace popflow;

// Reads it, and takes what every run takes of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (fuzz::costly(text)) return 0;
  const std::string file = fuzz::write_scratch("experiment.toml", text);
  try {
    const Experiment experiment = read_experiment(file);
    if (experiment.flow) snapshot_times(*experiment.flow);
    if (experiment.sgd) snapshot_times(*experiment.sgd);
    decompose_spec(experiment);
    initial_parameters(experiment);
  } catch (const InvalidExperiment& refused) {
    fuzz::check_message(refused.what());
  }
  return 0;
}

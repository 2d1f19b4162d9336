// The text of a sweep file, of an experiment that is sound: its axes and overrides.

#include "popflow/experiment/sweep.hpp"

#include "../support/good_experiment.hpp"
#include "costly.hpp"
#include "harness.hpp"

using namespace popflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string experiment = fuzz::write_scratch("good.toml", good_experiment);
  const std::string_view text = fuzz::text_of(data, size);
  // The fuzzer of experiments tries the values of overrides. A large lattice or a chain takes long.
  for (const std::string_view word : {"shape", "lattice", "phi4"})
    if (text.find(word) != std::string_view::npos) return 0;
  const std::string file = fuzz::write_scratch("sweep.toml", text);
  try {
    const Sweep sweep = read_sweep(file);
    sweep.overrides(sweep.points() - 1);
  } catch (const InvalidExperiment& refused) {
    fuzz::check_message(refused.what());
  }
  return 0;
}

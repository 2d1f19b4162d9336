#include "arguments.hpp"

#include "popflow/experiment/read.hpp"

namespace popflow {

void PrintArguments::add_to(CLI::App& verb) {
  verb.add_flag("--json", json, "Print one JSON object on standard output, and nothing else there");
  verb.add_flag("--quiet", quiet, "Print no table and no progress");
}

void ExperimentArguments::add_to(CLI::App& verb) {
  verb.add_option("EXPERIMENT", file, "Experiment file")->required()->type_name("FILE.toml");
  verb.add_option("--set", overrides, "KEY=VALUE, overriding the file (network.bias=-1.2, ...)")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
}

Experiment ExperimentArguments::read() const { return read_experiment(file, overrides); }

}  // namespace popflow

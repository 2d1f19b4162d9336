#include "arguments.hpp"

#include <fmt/core.h>

#include "popflow/experiment/read.hpp"

namespace popflow {

void PrintArguments::add_to(CLI::App& verb) {
  verb.add_flag("--json", json, "Print one JSON object on standard output, and nothing else there");
  verb.add_flag("--quiet", quiet, "Print no table, no progress and no warning");
}

std::string named(const std::string& text) {
  if (text.find_first_not_of(" \t\r\n") != std::string::npos) return "";
  return fmt::format("\"{}\": must be the name of a file", text);
}

void ExperimentArguments::add_to(CLI::App& verb) {
  verb.add_option("EXPERIMENT", file, "Experiment file")->required()->type_name("FILE.toml");
  // One a --set: more would swallow the file's name.
  verb.add_option("--set", overrides,
                  "Overrides a key of the file (network.bias=-1.2); repeat it for more keys")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("KEY=VALUE");
}

Experiment ExperimentArguments::read() const { return read_experiment(file, overrides); }

}  // namespace popflow

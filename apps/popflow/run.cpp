#include "run.hpp"

#include <filesystem>

#include <fmt/core.h>

#include "popflow/experiment/output_file.hpp"
#include "popflow/measure/receptive_field.hpp"

#include "table.hpp"

namespace popflow {

namespace {

std::vector<double> norms(const Weights& u) {
  std::vector<double> result;
  for (const auto& row : u.rowwise()) result.push_back(row.stableNorm());
  return result;
}

std::vector<double> participations(const Weights& u) {
  std::vector<double> result;
  for (const auto& row : u.rowwise())
    result.push_back(inverse_participation_ratio(Field(row.transpose())));
  return result;
}

// Weights of a run that diverges may have a hundred digits.
std::string per_neuron(const std::vector<double>& values) {
  std::string text;
  for (const double value : values)
    text += value < 1e6 ? fmt::format(" {:10.6f}", value) : fmt::format(" {:10.3e}", value);
  return text.substr(1);
}

void print_table(const Results& results, const RunOutcome& outcome) {
  const std::vector<Weights>& run = results.runs.front();
  if (results.runs.size() > 1) fmt::print("the first of {} runs\n", results.runs.size());
  fmt::print("{:>10}  {:>10}  {:>10}\n", "tau", "|u|", "IPR");
  for (const std::size_t n : printed_rows(results.time.size()))
    fmt::print("{:10.4g}  {}  {}\n", results.time[n], per_neuron(norms(run[n])),
               per_neuron(participations(run[n])));
  fmt::print("{} at tau = {:.6g}, after {:.1f} s\n", results.stop_reason, outcome.tau,
             outcome.seconds);
}

void print_json(const Results& results, const RunOutcome& outcome) {
  const Weights& u = results.runs.front().back();
  nlohmann::json object{{"stop_reason", results.stop_reason},
                        {"t", outcome.tau},
                        {"norm", norms(u)},
                        {"ipr", participations(u)},
                        {"seconds", outcome.seconds}};
  object.update(outcome.counts);
  fmt::print("{}\n", object.dump());
}

}  // namespace

void RunArguments::add_to(CLI::App& verb) {
  experiment.add_to(verb);
  verb.add_option("-o,--output", output, "Results file (NetCDF)")->type_name("FILE.nc");
  print.add_to(verb);
}

Experiment RunArguments::read() const {
  Experiment read = experiment.read();
  if (output.empty()) return read;
  provenance("");  // of no use yet, but SOURCE_DATE_EPOCH is refused now, not after the run
  check_output(output, read);
  return read;
}

void check_output(const std::string& path, const Experiment& experiment) {
  check_writable(path);
  std::error_code not_there;
  if (std::filesystem::equivalent(path, experiment.file, not_there))
    throw UnwritableOutput(path + ": cannot be written: it is the experiment file");
}

Results results_of(const Experiment& experiment, const std::string& kind, StopReason reason,
                   const std::string& command_line) {
  Results results;
  results.kind = kind;
  results.stop_reason = name(reason);
  results.seed = experiment.seed;
  results.torus = experiment.torus();
  results.experiment = experiment.text;
  results.overrides = joined_overrides(experiment);
  results.provenance = provenance(command_line);
  return results;
}

int finish(const RunArguments& arguments, const Results& results, const RunOutcome& outcome) {
  if (!arguments.output.empty()) write_results(arguments.output, results);
  if (arguments.print.json) print_json(results, outcome);
  if (arguments.print.human()) print_table(results, outcome);
  if (outcome.reason == StopReason::reached_end || outcome.reason == StopReason::stationary)
    return 0;
  fmt::print(stderr, "popflow: {}: stopped before the end, at tau = {:.6g}: {}\n",
             arguments.experiment.file, outcome.tau, results.stop_reason);
  return 1;
}

}  // namespace popflow

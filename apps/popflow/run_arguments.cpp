#include "run_arguments.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/output_file.hpp"

#include "interrupt.hpp"
#include "message.hpp"
#include "table.hpp"

namespace popflow {

namespace {

std::vector<double> norms(const Weights& u) {
  std::vector<double> result;
  for (const auto& row : u.rowwise()) result.push_back(row.stableNorm());
  return result;
}

std::vector<double> participations(const Weights& u) {
  const Eigen::VectorXd ipr = inverse_participation_ratios(u);
  return {ipr.begin(), ipr.end()};
}

// Weights of a run that diverges may have a hundred digits.
std::string per_neuron(const std::vector<double>& values) {
  std::string text;
  for (const double value : values)
    text += value < 1e6 ? fmt::format(" {:10.6f}", value) : fmt::format(" {:10.3e}", value);
  return text.substr(1);
}

void print_table(const Run& finished, double seconds) {
  const Results& results = finished.results;
  const std::vector<Weights>& run = results.runs.front();
  if (results.runs.size() > 1) fmt::print("the first of {} runs\n", results.runs.size());
  const std::vector<double> neglected = neglected_terms(results);
  fmt::print("{:>10}  {:>10}  {:>10}{}\n", "tau", "|u|", "IPR",
             neglected.empty() ? "" : "   neglected");
  for (const std::size_t n : printed_rows(results.time.size()))
    fmt::print("{:10.4g}  {}  {}{}\n", results.time[n], per_neuron(norms(run[n])),
               per_neuron(participations(run[n])),
               neglected.empty() ? "" : fmt::format("  {:10.2g}", neglected[n]));
  fmt::print("{} at tau = {:.6g}, after {:.1f} s\n", results.stop_reason, finished.tau, seconds);
}

void print_json(const Run& run, double seconds) {
  const Weights& u = run.results.runs.front().back();
  nlohmann::json object{{"stop_reason", run.results.stop_reason},
                        {"t", run.tau},
                        {"norm", norms(u)},
                        {"ipr", participations(u)},
                        {"seconds", seconds}};
  for (const auto& [name, count] : run.counts) object[name] = count;
  if (run.results.cumulant_error) object["cumulant_error"] = *run.results.cumulant_error;
  if (const std::vector<double> neglected = neglected_terms(run.results); !neglected.empty()) {
    object["neglected_terms"] = neglected.back();
    object["largest_neglected_terms"] = *std::max_element(neglected.begin(), neglected.end());
  }
  print_line(object);
}

}  // namespace

void RunArguments::add_to(CLI::App& verb) {
  experiment.add_to(verb);
  verb.add_option("-o,--output", output, "Results file (NetCDF)")
      ->check(named)
      ->type_name("FILE.nc");
  print.add_to(verb);
}

Experiment RunArguments::read() const {
  Experiment read = experiment.read();
  if (output.empty()) return read;
  provenance("");  // of no use yet, but SOURCE_DATE_EPOCH is refused now, not after the run
  check_writable(output, files_read(read));
  return read;
}

RunHooks hooks_of(Progress& progress) {
  const auto at = [&progress, caught = false](double share) mutable {
    if (!caught) catch_interrupts();  // not before the first snapshot: there is nothing to keep
    caught = true;
    progress.at(share);
  };
  return {[&progress](const std::string& what) { progress.start(what); }, at, interrupted};
}

int finish(const RunArguments& arguments, Run run, double seconds,
           const std::string& command_line) {
  run.results.provenance = provenance(command_line);
  catch_interrupts();  // or a temporary file would stay behind
  if (!arguments.output.empty()) write_results(arguments.output, run.results);
  if (arguments.print.json) print_json(run, seconds);
  if (arguments.print.human()) print_table(run, seconds);
  if (run.complete()) return 0;
  say(fmt::format("{}: stopped before the end, at tau = {:.6g}: {}", arguments.experiment.file,
                  run.tau, run.results.stop_reason));
  return 1;
}

}  // namespace popflow

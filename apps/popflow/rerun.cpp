#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/printable.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/experiment/sweep.hpp"
#include "popflow/results/difference.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/results/record.hpp"
#include "popflow/results/sweep_results.hpp"

#include "arguments.hpp"
#include "computed.hpp"
#include "interrupt.hpp"
#include "message.hpp"
#include "progress.hpp"
#include "sweep_ranks.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct RerunArguments {
  std::string file;
  std::string output;  // empty: to a temporary file
  std::string folder;  // empty: as the file says
  PrintArguments print;
};

// Goes away with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "popflow-rerun-XXXXXX";
    if (!mkdtemp(name.data())) throw UnwritableOutput(name + ": cannot be made");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code stays;
    std::filesystem::remove_all(path_, stays);
  }

  std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

[[noreturn]] void refuse_rerun(const std::string& file, const std::string& reason) {
  throw InvalidResults(fmt::format("{}: cannot be rerun: {}", file, reason));
}

RunRecord record_of(const RerunArguments& arguments) {
  RunRecord record = read_record(arguments.file);
  if (record.stop_reason == "interrupted")
    refuse_rerun(arguments.file, "its run was interrupted, which cannot be repeated");
  if (!arguments.folder.empty())
    record.experiment.folder = std::filesystem::absolute(arguments.folder).string();
  return record;
}

// False where it was interrupted: what it then returns or throws means nothing.
bool repeat_decomposition(const Experiment& experiment, const std::string& output, bool shown,
                          const Provenance& origin) try {
  Decomposition decomposition = computed_decomposition(experiment, shown);
  if (interrupted()) return false;
  decomposition.provenance = origin;
  write_decomposition(output, decomposition);
  return true;
} catch (const std::exception&) {
  if (interrupted()) return false;
  throw;
}

// False where it was interrupted.
bool repeat_ladder(const Experiment& experiment, const std::string& output, bool shown,
                   const Provenance& origin) {
  std::optional<Ladder> ladder = computed_ladder(experiment, shown);
  if (!ladder || ladder->stop_reason == "interrupted") return false;
  ladder->provenance = origin;
  write_ladder(output, *ladder);
  return true;
}

// Repeats a run of one experiment. False where it was interrupted.
bool repeat_run(const RunRecord& record, const std::string& output, bool shown,
                const Provenance& origin) {
  const Experiment experiment = read_experiment(record.experiment, record.overrides);
  check_writable(output, files_read(experiment));
  if (record.kind == decomposition_kind)
    return repeat_decomposition(experiment, output, shown, origin);
  if (record.kind == ladder_kind) return repeat_ladder(experiment, output, shown, origin);
  Results results = record.kind == "flow"  ? computed_flow(experiment, shown).results
                    : record.kind == "sgd" ? computed_sgd(experiment, shown).results
                                           : computed_fixed_point(experiment, shown);
  if (results.stop_reason == "interrupted") return false;
  results.provenance = origin;
  write_results(output, results);
  return true;
}

enum class Repeated { completely, interrupted, elsewhere };

// Nothing on ranks other than 0 of mpirun. The ranks of a sweep must live until everything is
// printed.
Repeated repeat(const RerunArguments& arguments, const RunRecord& record, const std::string& output,
                const Provenance& origin, std::optional<SweepRanks>& ranks) try {
  const bool shown = !arguments.print.quiet;
  if (record.kind == sweep_kind) {
    ranks.emplace();
    const auto outcome =
        computed_sweep([&] { return read_sweep(arguments.file, record.sweep, record.experiment); },
                       {.output = output, .shown = shown}, origin.command_line, *ranks);
    if (!outcome) return Repeated::elsewhere;
    return outcome->complete() ? Repeated::completely : Repeated::interrupted;
  }
  return repeat_run(record, output, shown, origin) ? Repeated::completely : Repeated::interrupted;
} catch (const InvalidExperiment& error) {
  refuse_rerun(arguments.file, error.what());
}

nlohmann::json finite_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

nlohmann::json json(const std::vector<AttributeDifference>& attributes) {
  nlohmann::json list = nlohmann::json::array();
  for (const AttributeDifference& attribute : attributes)
    list.push_back(
        {{"name", attribute.name}, {"before", attribute.before}, {"now", attribute.now}});
  return list;
}

nlohmann::json json(const std::vector<VariableDifference>& variables) {
  nlohmann::json list = nlohmann::json::array();
  for (const VariableDifference& variable : variables) {
    nlohmann::json object{{"name", variable.name}};
    if (!variable.form.empty())
      object["form"] = variable.form;
    else
      object.update({{"values", variable.values},
                     {"differing", variable.differing},
                     {"largest", finite_or_null(variable.largest)},
                     {"magnitude", variable.magnitude}});
    list.push_back(object);
  }
  return list;
}

void print_json(const ResultsDifference& found, const std::string& kind, double seconds) {
  const nlohmann::json object{{"same", found.same()},
                              {"kind", kind},
                              {"variables", found.compared},
                              {"differences", json(found.variables)},
                              {"outcome", json(found.outcome)},
                              {"provenance", json(found.provenance)},
                              {"seconds", seconds}};
  print_line(object);
}

std::string described(const VariableDifference& variable) {
  if (!variable.form.empty()) return variable.form;
  return fmt::format("{} of {} values differ, by at most {:.3g}, where the largest is {:.3g}",
                     variable.differing, variable.values, variable.largest, variable.magnitude);
}

void print_attributes(const std::vector<AttributeDifference>& attributes) {
  for (const AttributeDifference& attribute : attributes)
    fmt::print("  {}: was \"{}\", is \"{}\"\n", printable(attribute.name),
               printable(attribute.before), printable(attribute.now));
}

void print_table(const RerunArguments& arguments, const ResultsDifference& found,
                 const std::string& stop_reason, double seconds) {
  fmt::print("{}: {}, after {:.1f} s\n", printable(arguments.file),
             found.same()
                 ? fmt::format("all {} variables are the same, bit for bit", found.compared)
                 : fmt::format("{} of {} variables differ", found.variables.size(), found.compared),
             seconds);
  for (const VariableDifference& variable : found.variables)
    fmt::print("  {}: {}\n", printable(variable.name), described(variable));
  print_attributes(found.outcome);
  if (!stop_reason.empty() && !succeeded(stop_reason))
    fmt::print("  the run stopped before its end: {}\n", printable(stop_reason));
  if (found.provenance.empty()) return;
  fmt::print("{}\n", found.same() ? "though not all that made them is:" : "what may explain it:");
  print_attributes(found.provenance);
}

std::vector<std::string> names_of(const ResultsDifference& found) {
  std::vector<std::string> names;
  for (const VariableDifference& variable : found.variables) names.push_back(variable.name);
  for (const AttributeDifference& attribute : found.outcome) names.push_back(attribute.name);
  return names;
}

int rerun(const RerunArguments& arguments, const std::string& command_line) {
  const RunRecord record = record_of(arguments);
  check_whole(arguments.file);
  const Provenance origin = provenance(command_line);
  catch_interrupts();  // before there is a temporary folder, so that none is left
  std::optional<TemporaryFolder> temporary;
  if (arguments.output.empty()) temporary.emplace();
  const std::string output = temporary ? temporary->file("rerun.nc") : arguments.output;
  check_writable(output, {arguments.file});
  const Stopwatch stopwatch;
  std::optional<SweepRanks> ranks;
  const Repeated repeated = repeat(arguments, record, output, origin, ranks);
  if (repeated == Repeated::elsewhere) return 0;
  if (repeated == Repeated::interrupted)
    refuse_rerun(arguments.file, "interrupted, so that nothing is compared");
  const ResultsDifference found = difference(arguments.file, output);
  if (arguments.print.json) print_json(found, record.kind, stopwatch.seconds());
  if (arguments.print.human())
    print_table(arguments, found, record.stop_reason, stopwatch.seconds());
  if (found.same()) return 0;
  say(fmt::format("{}: its rerun differs in {}", arguments.file, fmt::join(names_of(found), ", ")));
  return 1;
}

// Status 1 says that there is a difference, and nothing else does.
int rerun_verb(const RerunArguments& arguments, const std::string& command_line) try {
  return rerun(arguments, command_line);
} catch (const InvalidResults&) {
  throw;
} catch (const UnwritableOutput&) {
  throw;
} catch (const std::exception& error) {
  refuse_rerun(arguments.file, error.what());
}

}  // namespace

void add_rerun(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RerunArguments>();
  CLI::App& verb = *app.add_subcommand(
      "rerun",
      "Repeat the run that left a results file, from what the file carries, and say whether all\n"
      "variables are the same, bit for bit; if not, which differ and what may explain it. Files "
      "of\n"
      "samples must be where they were, seen from the results file, and be the same (SHA-1).\n"
      "Exit status 0: the same; 1: they differ; 2: it cannot be rerun");
  verb.add_option("FILE", arguments->file, "Results file of any verb")->required();
  verb.add_option("-o,--output", arguments->output, "Keep the new results (NetCDF)")
      ->check(named)
      ->type_name("FILE.nc");
  verb.add_option("--folder", arguments->folder,
                  "Where the experiment's files of samples are, if not where they were")
      ->check(CLI::ExistingDirectory);
  arguments->print.add_to(verb);
  verb.footer("Example: popflow rerun flow.nc");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] {
      return rerun_verb(*arguments, invocation.command_line);
    };
  });
}

}  // namespace popflow

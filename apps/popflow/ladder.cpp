#include "popflow/results/ladder.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/printable.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/run/run_ladder.hpp"

#include "computed.hpp"
#include "interrupt.hpp"
#include "ladder_figure.hpp"
#include "message.hpp"
#include "plot.hpp"
#include "run_arguments.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

// A line of the table fits a terminal of a hundred columns.
constexpr int name_width = 13, cell_width = 13;
constexpr std::size_t most_columns = 5;

struct LadderArguments : RunArguments {
  std::string figure;  // empty: none

  void add_to(CLI::App& verb);

  // As RunArguments::read; it also makes sure that the figure can be written.
  Experiment read() const;
};

void LadderArguments::add_to(CLI::App& verb) {
  RunArguments::add_to(verb);
  verb.add_option("--figure", figure, "Draw errors and receptive fields (gnuplot)")
      ->check(named)
      ->type_name("FIGURE.svg|.png");
}

Experiment LadderArguments::read() const {
  Experiment read = RunArguments::read();
  flow_spec(read);
  if (figure.empty()) return read;
  check_figure(figure);
  check_writable(figure, files_read(read));
  return read;
}

// The snapshots to print: at most as many as there are columns, evenly spaced, with the last one.
std::vector<std::size_t> printed_columns(std::size_t snapshots) {
  const std::size_t after_start = snapshots - 1, columns = std::min(after_start, most_columns);
  std::vector<std::size_t> result;
  for (std::size_t column = 1; column <= columns; ++column)
    result.push_back(column * after_start / columns);
  return result;
}

// In per cent, to three digits or so.
std::string percent(double share) {
  const double value = 100.0 * share;
  if (!(value < 1e5)) return fmt::format("{:.1e}", value);
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string error_cell(const LadderErrors& errors, std::size_t n) {
  if (!std::isfinite(errors.error[n])) return "-";
  return percent(errors.error[n]) + "+-" + percent(errors.standard_error[n]);
}

std::string noise_cell(const LadderErrors& errors, std::size_t n) {
  return std::isfinite(errors.standard_error[n]) ? "+-" + percent(errors.standard_error[n]) : "-";
}

template <class Cell>
void print_cells(const std::string& name, const std::vector<std::size_t>& columns, const Cell& cell,
                 const std::string& seconds) {
  fmt::print("{:<{}}", name, name_width);
  for (const std::size_t n : columns) fmt::print("  {:>{}}", cell(n), cell_width);
  fmt::print("  {:>9}\n", seconds);
}

std::string time_taken(double seconds) {
  return fmt::format("{:.{}f} s", seconds, seconds < 9.95 ? 2 : 0);
}

void print_rows(const Ladder& ladder) {
  const std::vector<std::size_t> columns = printed_columns(ladder.time.size());
  fmt::print("error of the receptive fields in %, +- standard error\n");
  print_cells(
      "tau", columns, [&](std::size_t n) { return fmt::format("{:.4g}", ladder.time[n]); }, "time");
  for (const LadderRow& row : ladder.rows) {
    if (row.weights.empty()) continue;
    const bool is_population = row.name == "population";
    print_cells(
        row.name, columns,
        [&](std::size_t n) {
          return is_population ? noise_cell(row.population, n) : error_cell(row.population, n);
        },
        time_taken(row.seconds));
    if (runs_drift(row))
      print_cells(
          "  up to shift", columns,
          [&](std::size_t n) {
            return is_population ? noise_cell(row.aligned, n) : error_cell(row.aligned, n);
          },
          "");
    if (!row.quartic.error.empty())
      print_cells(
          "  of quartic", columns, [&](std::size_t n) { return error_cell(row.quartic, n); }, "");
  }
  if (columns.size() + 1 < ladder.time.size())
    fmt::print("{} of {} snapshots shown; --json has all\n", columns.size(), ladder.time.size());
}

// Rows without a result, and those that did not come to the end; alike ones together.
void print_reasons(const Ladder& ladder) {
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const LadderRow& row : ladder.rows) {
    std::string reason;
    if (!row.applies())
      reason = "does not apply: " + row.reason;
    else if (!row.reason.empty())
      reason = row.stop_reason == row.reason ? row.reason : "failed: " + row.reason;
    else if (!row.reached_end())
      reason = fmt::format("stopped at tau = {:.4g}: {}", row.tau, row.stop_reason);
    if (reason.empty()) continue;
    const auto same = std::find_if(reasons.begin(), reasons.end(),
                                   [&](const auto& each) { return each.first == reason; });
    if (same == reasons.end())
      reasons.push_back({reason, {row.name}});
    else
      same->second.push_back(row.name);
  }
  for (const auto& [reason, names] : reasons)
    fmt::print("{} {}\n", fmt::join(names, ", "), printable(reason));
}

nlohmann::json numbers(const std::vector<double>& values) {
  nlohmann::json list = nlohmann::json::array();
  for (const double value : values)
    list.push_back(std::isfinite(value) ? nlohmann::json(value) : nlohmann::json());
  return list;
}

nlohmann::json json(const LadderRow& row) {
  nlohmann::json object{{"kind", row.name}, {"stop_reason", row.stop_reason}};
  if (!row.reason.empty()) object["reason"] = row.reason;
  if (row.weights.empty()) return object;
  const Eigen::VectorXd& ipr = row.ipr.back();
  object.update({{"t", row.tau},
                 {"runs", row.runs},
                 {"evaluations", row.evaluations},
                 {"seconds", row.seconds},
                 {"ipr", std::vector<double>(ipr.begin(), ipr.end())},
                 {"distance", numbers(row.population.distance)},
                 {"error", numbers(row.population.error)},
                 {"standard_error", numbers(row.population.standard_error)},
                 {"aligned_error", numbers(row.aligned.error)},
                 {"aligned_standard_error", numbers(row.aligned.standard_error)}});
  if (!row.quartic.error.empty()) {
    object["quartic_error"] = numbers(row.quartic.error);
    object["quartic_standard_error"] = numbers(row.quartic.standard_error);
  }
  return object;
}

void print_json(const Ladder& ladder, double seconds) {
  nlohmann::json rows = nlohmann::json::array();
  for (const LadderRow& row : ladder.rows) rows.push_back(json(row));
  print_line(nlohmann::json{{"t", ladder.time},
                            {"stop_reason", ladder.stop_reason},
                            {"kinds", rows},
                            {"seconds", seconds}});
}

int ladder_verb(const LadderArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  std::optional<Ladder> ladder = computed_ladder(experiment, !arguments.print.quiet);
  if (!ladder) {
    say(arguments.experiment.file +
        ": interrupted before the population was known; nothing is kept");
    return 1;
  }
  ladder->provenance = provenance(command_line);
  if (!arguments.output.empty()) write_ladder(arguments.output, *ladder);
  if (arguments.print.json) print_json(*ladder, stopwatch.seconds());
  if (arguments.print.human()) {
    print_rows(*ladder);
    print_reasons(*ladder);
  }
  const std::string failure = ladder->failure();
  if (!failure.empty()) say(fmt::format("{}: {}", arguments.experiment.file, failure));
  if (!arguments.figure.empty() && !interrupted()) draw_ladder(*ladder, arguments.figure);
  return failure.empty() ? 0 : 1;
}

}  // namespace

std::optional<Ladder> computed_ladder(const Experiment& experiment, bool shown) {
  catch_interrupts();
  Progress progress(shown, "ladder");
  return run_ladder(experiment, {[&](const std::string& what) { progress.start(what); },
                                 [&](double share) { progress.at(share); }, interrupted});
}

void add_ladder(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<LadderArguments>();
  CLI::App& verb = *app.add_subcommand(
      "ladder",
      "How far every kind of flow, and SGD, are from the population, all from the same weights.\n"
      "The population is the orbit average (flow.samples, flow.step, flow.runs). Beside it run\n"
      "every closed form that applies, and SGD on the network's own loss and on the quartic loss,\n"
      "as section [sgd] says. A kind that does not apply is listed with its reason. Errors are\n"
      "those of the receptive fields at the snapshots of [flow], relative to the population,\n"
      "without the noise of the means over runs; the standard error says how large the noise is.\n"
      "If the ladder is interrupted, the finished rows are kept.\n"
      "Exit status 1: the population or SGD did not reach the end, or a row failed");
  arguments->add_to(verb);
  verb.footer("Example: popflow ladder experiment.toml -o ladder.nc --figure ladder.svg");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] {
      return ladder_verb(*arguments, invocation.command_line);
    };
  });
}

}  // namespace popflow

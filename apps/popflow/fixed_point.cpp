#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/measure/receptive_field.hpp"
#include "popflow/run/run_fixed_point.hpp"

#include "computed.hpp"
#include "interrupt.hpp"
#include "message.hpp"
#include "progress.hpp"
#include "run_arguments.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

constexpr Eigen::Index most_printed_rates = 10;

// Options that stand for keys of section [fixed_point]; text, so that results carry them as they
// were given, and the reader says what is allowed.
struct SearchArguments {
  std::optional<std::string> tolerance, null_rate, first_step, step_limit;
  bool nearest = false;

  void add_to(CLI::App& verb);
  std::vector<std::string> overrides() const;
};

void SearchArguments::add_to(CLI::App& verb) {
  verb.add_option("--tolerance", tolerance,
                  "The largest |du/dtau| of a fixed point (fixed_point.tolerance)");
  verb.add_option("--null-rate", null_rate,
                  "Rates below this, in 1/tau, count as 0 (fixed_point.null_rate)");
  verb.add_option("--first-step", first_step,
                  "First step of pseudo-time, in tau (fixed_point.first_step)");
  verb.add_option("--step-limit", step_limit, "Steps at most (fixed_point.step_limit)");
  verb.add_flag("--nearest", nearest,
                "The nearest fixed point, stable or not (fixed_point.stable = false)");
}

std::vector<std::string> SearchArguments::overrides() const {
  std::vector<std::string> list;
  const auto add = [&list](const char* key, const std::optional<std::string>& value) {
    if (value) list.push_back(fmt::format("fixed_point.{}={}", key, *value));
  };
  add("tolerance", tolerance);
  add("null_rate", null_rate);
  add("first_step", first_step);
  add("step_limit", step_limit);
  if (nearest) list.emplace_back("fixed_point.stable=false");
  return list;
}

FixedPointRun searched(const Experiment& experiment, bool shown) {
  Progress progress(shown, "closed form");
  return run_fixed_point(experiment, hooks_of(progress));
}

std::string reason_of(const FixedPointRun& run) { return std::string(name(run.end.reason)); }

nlohmann::json json(const FixedPointRun& run, double seconds) {
  nlohmann::json norm, ipr, translation = nlohmann::json::array();
  const Weights u = run.parameters.first();
  for (const auto& row : u.rowwise()) {
    norm.push_back(row.stableNorm());
    ipr.push_back(inverse_participation_ratio(row.transpose()));
  }
  for (const TranslationMode& mode : run.translations)
    translation.push_back(
        {{"index", mode.index}, {"growth_rate", mode.growth}, {"overlap", mode.overlap}});
  nlohmann::json object{{"stop_reason", reason_of(run)},
                        {"t", run.start.tau},
                        {"residual", run.end.residual},
                        {"translation_residual", run.end.translation_residual},
                        {"drift", std::vector<double>(run.end.drift.begin(), run.end.drift.end())},
                        {"norm", norm},
                        {"ipr", ipr},
                        {"steps", run.end.steps},
                        {"evaluations", run.start.evaluations + run.end.evaluations},
                        {"seconds", seconds}};
  if (run.spectrum.growth.size() == 0) return object;
  object["growth_rate"] =
      std::vector<double>(run.spectrum.growth.begin(), run.spectrum.growth.end());
  object["unstable"] = run.unstable();
  object["translation"] = translation;
  return object;
}

void print_spectrum(const FixedPointRun& run) {
  const Stability& spectrum = run.spectrum;
  fmt::print("{} of {} directions grow{}\n{:>13}\n", run.unstable(), spectrum.growth.size(),
             run.converged() ? "" : ", where the search ended", "growth rate");
  for (Eigen::Index m = 0; m < std::min(spectrum.growth.size(), most_printed_rates); ++m) {
    const auto mode = std::find_if(run.translations.begin(), run.translations.end(),
                                   [m](const TranslationMode& t) { return t.index == m; });
    fmt::print("{:13.6g}{}\n", spectrum.growth[m],
               mode == run.translations.end()
                   ? ""
                   : fmt::format("  translation (overlap {:.6f})", mode->overlap));
  }
}

void print_table(const FixedPointRun& run, double seconds) {
  fmt::print("{:>10}  {:>10}\n", "|u|", "IPR");
  const Weights u = run.parameters.first();
  for (const auto& row : u.rowwise())
    fmt::print("{:10.6f}  {:10.6f}\n", row.stableNorm(),
               inverse_participation_ratio(row.transpose()));
  fmt::print("{}: |du/dtau| = {:.1e}, {} steps from tau = {:.6g}, after {:.1f} s\n", reason_of(run),
             run.end.residual, run.end.steps, run.start.tau, seconds);
  if (!run.translations.empty())
    fmt::print(
        "along the translation |du/dtau| = {:.1e}, a drift of {:.2g} sites per unit of tau\n",
        run.end.translation_residual, fmt::join(run.end.drift, ", "));
  if (run.spectrum.growth.size() > 0) print_spectrum(run);
}

std::string not_found(const FixedPointRun& run) {
  if (run.end.reason == SolveReason::drifting)
    return fmt::format("no fixed point found: the state moves by {:.3g} sites per unit of tau",
                       fmt::join(run.end.drift, ", "));
  return fmt::format("no fixed point found: {}, |du/dtau| = {:.3g}", reason_of(run),
                     run.end.residual);
}

int fixed_point_verb(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  const FixedPointRun found = searched(experiment, !arguments.print.quiet);
  const double seconds = stopwatch.seconds();
  Results results = fixed_point_as_run(experiment, found).results;
  results.provenance = provenance(command_line);
  catch_interrupts();  // or a temporary file would stay behind
  if (!arguments.output.empty()) write_results(arguments.output, results);
  if (arguments.print.json) print_line(json(found, seconds));
  if (arguments.print.human()) print_table(found, seconds);
  if (found.converged()) return 0;
  say(fmt::format("{}: {}", arguments.experiment.file, not_found(found)));
  return 1;
}

}  // namespace

Results computed_fixed_point(const Experiment& experiment, bool shown) {
  return fixed_point_as_run(experiment, searched(experiment, shown)).results;
}

void add_fixed_point(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RunArguments>();
  const auto search = std::make_shared<SearchArguments>();
  CLI::App& verb = *app.add_subcommand(
      "fixed-point", "Where a flow in closed form comes to rest, and how stable it is there");
  arguments->add_to(verb);
  search->add_to(verb);
  verb.footer(
      "The flow is integrated to flow.t_end, and its stable fixed point is searched from there,\n"
      "modulo translation. Section [fixed_point] has the same options.\n"
      "Keys of --json: stop_reason (converged, drifting, step_limit, stalled, not_finite,\n"
      "interrupted); t, where the search started; residual, |du/dtau| at the end across the\n"
      "translations, and translation_residual along them; drift, the velocity in sites per unit "
      "of\n"
      "tau, one an axis; norm and ipr, one a neuron; steps, evaluations, seconds; growth_rate, of\n"
      "all perturbations, falling; unstable, how many grow; translation, a list of {index,\n"
      "growth_rate, overlap}, one an axis. The last three are there whether it converged or not,\n"
      "unless it was interrupted or the state is not finite.\n"
      "Exit status 1 if it did not converge.\n"
      "Example: popflow fixed-point experiment.toml --tolerance 1e-10");
  verb.callback([arguments, search, &invocation] {
    const std::vector<std::string> given = search->overrides();
    std::vector<std::string>& all = arguments->experiment.overrides;
    all.insert(all.end(), given.begin(), given.end());
    invocation.run = [arguments, &invocation] {
      return fixed_point_verb(*arguments, invocation.command_line);
    };
  });
}

}  // namespace popflow

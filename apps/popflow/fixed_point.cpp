#include "popflow/dynamics/fixed_point.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/stability.hpp"
#include "popflow/experiment/parameter_flow.hpp"
#include "popflow/experiment/parameter_run.hpp"
#include "popflow/measure/receptive_field.hpp"

#include "computed.hpp"
#include "interrupt.hpp"
#include "message.hpp"
#include "progress.hpp"
#include "run.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

constexpr Eigen::Index most_printed = 10;

struct Search {
  IntegrationResult start;
  FixedPointResult end;
  ParameterRun found;
  Stability spectrum;
  std::vector<TranslationMode> translations;

  bool converged() const { return end.reason == SolveReason::converged; }
  Weights weights() const { return found.parameters.back().first(); }
  std::string reason() const { return std::string(name(end.reason)); }
};

// From the initial weights along the flow to t_end, and from there to the fixed point.
Search search(const Experiment& experiment, ParameterFlow flow, Progress& progress) {
  const FlowSpec& spec = flow_spec(experiment);
  const Parameters initial = initial_parameters(experiment);
  Search result;
  Eigen::VectorXd state = initial.values.head(flow.size);
  IntegrationOptions options = integration_options(spec);
  options.interrupted = interrupted;
  result.start = integrate(
      flow, state, std::vector{0.0, spec.t_end}, [](const Eigen::VectorXd&, double) {}, options);
  progress.start("fixed point");
  result.end = find_fixed_point(flow, state, {.interrupted = interrupted});
  Eigen::VectorXd values = initial.values;
  values.head(flow.size) = state;
  result.found.record(initial, values, result.start.tau);
  result.found.end = result.start;
  if (flow.neglected_terms) result.found.neglected_terms = {flow.neglected_terms(state)};
  if (!result.converged()) return result;
  result.spectrum = stability(flow, state);
  result.translations = translation_modes(
      result.spectrum, translations(experiment.torus(), static_cast<int>(initial.hidden()), state));
  return result;
}

Search searched(const Experiment& experiment, bool shown) {
  Progress progress(shown, "closed form");
  ParameterFlow flow = parameter_flow(experiment);
  progress.start("flow");
  catch_interrupts();  // not before: until here there is nothing to keep
  return search(experiment, std::move(flow), progress);
}

Results results_of(const Experiment& experiment, const Search& search) {
  Results results = results_of(experiment, "fixed_point", search.start.reason);
  results.stop_reason = search.reason();
  put_runs(results, {search.found});
  const Eigen::VectorXd& growth = search.spectrum.growth;
  if (search.converged())
    results.series.push_back({"growth_rate",
                              "growth rates of perturbations, per unit of tau",
                              {{"direction", static_cast<std::size_t>(growth.size())}},
                              {growth.begin(), growth.end()}});
  return results;
}

nlohmann::json json(const Search& search, double seconds) {
  nlohmann::json norm, ipr, translation = nlohmann::json::array();
  const Weights u = search.weights();
  for (const auto& row : u.rowwise()) {
    norm.push_back(row.stableNorm());
    ipr.push_back(inverse_participation_ratio(Field(row.transpose())));
  }
  for (const TranslationMode& mode : search.translations)
    translation.push_back(
        {{"index", mode.index}, {"growth_rate", mode.growth}, {"overlap", mode.overlap}});
  nlohmann::json object{{"stop_reason", search.reason()},
                        {"t", search.start.tau},
                        {"residual", search.end.residual},
                        {"norm", norm},
                        {"ipr", ipr},
                        {"steps", search.end.steps},
                        {"evaluations", search.start.evaluations + search.end.evaluations},
                        {"seconds", seconds}};
  if (search.converged()) {
    const Eigen::VectorXd& growth = search.spectrum.growth;
    object["growth_rate"] = std::vector<double>(growth.begin(), growth.end());
    object["unstable"] = search.spectrum.unstable();
    object["translation"] = translation;
  }
  return object;
}

void print_table(const Search& search, double seconds) {
  fmt::print("{:>10}  {:>10}\n", "|u|", "IPR");
  const Weights u = search.weights();
  for (const auto& row : u.rowwise())
    fmt::print("{:10.6f}  {:10.6f}\n", row.stableNorm(),
               inverse_participation_ratio(Field(row.transpose())));
  fmt::print("{}: |du/dtau| = {:.1e}, {} steps from tau = {:.6g}, after {:.1f} s\n",
             search.reason(), search.end.residual, search.end.steps, search.start.tau, seconds);
  if (!search.converged()) return;
  const Stability& spectrum = search.spectrum;
  fmt::print("{} of {} directions grow\n{:>13}\n", spectrum.unstable(), spectrum.growth.size(),
             "growth rate");
  for (Eigen::Index m = 0; m < std::min(spectrum.growth.size(), most_printed); ++m) {
    const auto mode = std::find_if(search.translations.begin(), search.translations.end(),
                                   [m](const TranslationMode& t) { return t.index == m; });
    fmt::print("{:13.6g}{}\n", spectrum.growth[m],
               mode == search.translations.end()
                   ? ""
                   : fmt::format("  translation (overlap {:.6f})", mode->overlap));
  }
}

int run(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  const Search found = searched(experiment, !arguments.print.quiet);
  const double seconds = stopwatch.seconds();
  Results results = results_of(experiment, found);
  results.provenance = provenance(command_line);
  catch_interrupts();  // or a temporary file would stay behind
  if (!arguments.output.empty()) write_results(arguments.output, results);
  if (arguments.print.json) print_line(json(found, seconds));
  if (arguments.print.human()) print_table(found, seconds);
  if (found.converged()) return 0;
  say(fmt::format("{}: no fixed point found: {}, |du/dtau| = {:.3g}", arguments.experiment.file,
                  found.reason(), found.end.residual));
  return 1;
}

}  // namespace

Results computed_fixed_point(const Experiment& experiment, bool shown) {
  return results_of(experiment, searched(experiment, shown));
}

void add_fixed_point(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App& verb = *app.add_subcommand(
      "fixed-point", "Where a flow in closed form comes to rest, and how stable it is there");
  verb.footer(
      "The flow is integrated to flow.t_end, and its stable fixed point searched from there.\n"
      "Keys of --json: stop_reason (converged, step_limit, stalled, not_finite, interrupted);\n"
      "t, where the search started; residual, |du/dtau| at the end; norm and ipr, one a neuron;\n"
      "steps, evaluations, seconds; and of a fixed point growth_rate, of all perturbations,\n"
      "falling; unstable, how many grow; translation, a list of {index, growth_rate, overlap},\n"
      "one an axis.\n"
      "Exit status 1 if it did not converge.");
  arguments->add_to(verb);
  verb.footer("Example: popflow fixed-point experiment.toml");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] { return run(*arguments, invocation.command_line); };
  });
}

}  // namespace popflow

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/input/check_input.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

#include "arguments.hpp"
#include "message.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct MomentsArguments {
  ExperimentArguments experiment;
  PrintArguments print;
  int task_class = 0;
  std::vector<int> sites;
  bool check = false;
  std::int64_t samples = CheckOptions{}.samples;
};

void check(const MomentsArguments& arguments, const Experiment& experiment) {
  const auto classes = static_cast<int>(experiment.task.size());
  if (arguments.task_class < 0 || arguments.task_class >= classes)
    throw std::invalid_argument(fmt::format("--class {}: must be from 0 to {}, since {} has {}",
                                            arguments.task_class, classes - 1, experiment.file,
                                            classes == 1 ? "one class" : "that many classes"));
  if (arguments.sites.empty())
    throw std::invalid_argument("--at: must be given, three sites a,b,c, where --check is not");
  const int sites = experiment.torus().sites();
  for (const int site : arguments.sites)
    if (site < 0 || site >= sites)
      throw std::invalid_argument(fmt::format(
          "--at {}: must be three sites from 0 to {}, since the lattice of {} has {} sites",
          fmt::join(arguments.sites, ","), sites - 1, experiment.file, sites));
}

nlohmann::json report_json(const InputReport& report) {
  nlohmann::json checks = nlohmann::json::array();
  for (const InputCheck& check : report.checks)
    checks.push_back({{"name", check.name},
                      {"where", check.where},
                      {"stated", check.stated},
                      {"found", check.found},
                      {"standard_error", check.standard_error},
                      {"deviation", json_of(check.deviation)},
                      {"comparisons", check.comparisons},
                      {"passed", check.passed}});
  return {{"passed", report.passed()},
          {"samples", report.samples},
          {"threshold", report.threshold},
          {"checks", checks}};
}

// The inputs of all classes against their own samples.
int run_check(const MomentsArguments& arguments) {
  const Experiment experiment = arguments.experiment.read();
  nlohmann::json classes = nlohmann::json::array();
  bool passed = true;
  for (std::size_t c = 0; c < experiment.task.size(); ++c) {
    const InputReport report = check_input(experiment.task[c].input,
                                           {.samples = arguments.samples, .seed = experiment.seed});
    passed = passed && report.passed();
    classes.push_back(report_json(report));
    if (arguments.print.human()) fmt::print("class {}\n{}", c, text(report));
  }
  if (arguments.print.json) print_line({{"passed", passed}, {"classes", classes}});
  if (passed) return 0;
  say(fmt::format("{}: an input disagrees with what it states", arguments.experiment.file));
  return 1;
}

int moments_verb(const MomentsArguments& arguments) {
  if (arguments.check) return run_check(arguments);
  const Experiment experiment = arguments.experiment.read();
  check(arguments, experiment);
  const Input& input = experiment.task[static_cast<std::size_t>(arguments.task_class)].input;
  const int a = arguments.sites[0], b = arguments.sites[1], c = arguments.sites[2];
  const Field covariance = input.covariance();
  const double fourth_moment = input.four_point(a, b, c);
  const double cumulant = fourth_cumulant(input)(a, b, c);
  const std::array errors{input.covariance_error(a), input.covariance_error(b),
                          input.covariance_error(c), input.four_point_error(a, b, c)};
  const bool exact =
      std::all_of(errors.begin(), errors.end(), [](double error) { return error == 0.0; });

  if (arguments.print.json)
    print_line(nlohmann::json{{"class", arguments.task_class},
                              {"at", arguments.sites},
                              {"covariance", {covariance[a], covariance[b], covariance[c]}},
                              {"covariance_error", {errors[0], errors[1], errors[2]}},
                              {"fourth_moment", fourth_moment},
                              {"fourth_moment_error", errors[3]},
                              {"fourth_cumulant", cumulant}});
  if (arguments.print.human())
    fmt::print(
        "class {}, sites 0, {}\n"
        "covariance with site 0   {:.12f}\n"
        "four-point function      {:.12f}\n"
        "fourth cumulant          {:.12f}\n",
        arguments.task_class, fmt::join(arguments.sites, ", "),
        fmt::join({covariance[a], covariance[b], covariance[c]}, "  "), fourth_moment, cumulant);
  if (arguments.print.human() && !exact)
    fmt::print(
        "standard errors          {:.2g}  {:.2g}  {:.2g}, of the four-point function {:.2g}\n",
        errors[0], errors[1], errors[2], errors[3]);
  return 0;
}

}  // namespace

void add_moments(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<MomentsArguments>();
  CLI::App& verb = *app.add_subcommand(
      "moments", "Covariance, four-point function and fourth cumulant of sites 0, a, b, c");
  arguments->experiment.add_to(verb);
  CLI::Option* which =
      verb.add_option("--class", arguments->task_class, "Whose: number of the class, from 0")
          ->capture_default_str();
  CLI::Option* at = verb.add_option("--at", arguments->sites, "The sites a,b,c, row-major from 0")
                        ->delimiter(',')
                        ->expected(3)
                        ->type_name("a,b,c");
  CLI::Option* check_flag =
      verb.add_flag("--check", arguments->check,
                    "Draw samples of every class and compare them with what its input states, in "
                    "standard errors; exit status 1 where one disagrees")
          ->excludes(at)
          ->excludes(which);
  verb.add_option("--samples", arguments->samples, "Samples that --check draws of every class")
      ->needs(check_flag)
      ->check(CLI::Range(std::int64_t{100}, std::int64_t{1'000'000'000}))
      ->capture_default_str();
  arguments->print.add_to(verb);
  verb.footer(
      "Example: popflow moments experiment.toml --at 1,2,3\n"
      "         popflow moments experiment.toml --check");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments] { return moments_verb(*arguments); };
  });
}

}  // namespace popflow

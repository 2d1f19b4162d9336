#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/moments/fourth_cumulant.hpp"

#include "arguments.hpp"
#include "message.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct Arguments {
  ExperimentArguments experiment;
  PrintArguments print;
  int task_class = 0;
  std::vector<int> sites;
};

void check(const Arguments& arguments, const Experiment& experiment) {
  const auto classes = static_cast<int>(experiment.task.size());
  if (arguments.task_class < 0 || arguments.task_class >= classes)
    throw std::invalid_argument(fmt::format("--class {}: must be from 0 to {}, since {} has {}",
                                            arguments.task_class, classes - 1, experiment.file,
                                            classes == 1 ? "one class" : "that many classes"));
  const int sites = experiment.torus().sites();
  for (const int site : arguments.sites)
    if (site < 0 || site >= sites)
      throw std::invalid_argument(fmt::format(
          "--at {}: must be three sites from 0 to {}, since the lattice of {} has {} sites",
          fmt::join(arguments.sites, ","), sites - 1, experiment.file, sites));
}

int run(const Arguments& arguments) {
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
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& verb = *app.add_subcommand(
      "moments", "Covariance, four-point function and fourth cumulant of sites 0, a, b, c");
  arguments->experiment.add_to(verb);
  verb.add_option("--class", arguments->task_class, "Whose: number of the class, from 0")
      ->capture_default_str();
  verb.add_option("--at", arguments->sites, "The sites a,b,c, row-major from 0")
      ->required()
      ->delimiter(',')
      ->expected(3)
      ->type_name("a,b,c");
  arguments->print.add_to(verb);
  verb.footer("Example: popflow moments experiment.toml --at 1,2,3");
  verb.callback(
      [arguments, &invocation] { invocation.run = [arguments] { return run(*arguments); }; });
}

}  // namespace popflow

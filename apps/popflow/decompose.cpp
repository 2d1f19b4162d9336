#include "popflow/run/decompose.hpp"

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/measure/receptive_field.hpp"

#include "computed.hpp"
#include "interrupt.hpp"
#include "message.hpp"
#include "progress.hpp"
#include "run_arguments.hpp"
#include "table.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct FactorSize {
  double ipr;
  std::array<double, 2> width;
};

std::vector<FactorSize> sizes(const Decomposition& d) {
  std::vector<FactorSize> result;
  for (const auto& row : d.factors.rowwise()) {
    const Field field = row.transpose();
    result.push_back({inverse_participation_ratio(field), width(d.torus, field)});
  }
  return result;
}

void print_json(const Decomposition& d, double seconds) {
  nlohmann::json ipr = nlohmann::json::array(), widths = nlohmann::json::array();
  for (const FactorSize& size : sizes(d)) {
    ipr.push_back(size.ipr);
    if (d.torus.dimensions() == 1)
      widths.push_back(size.width[1]);
    else
      widths.push_back(size.width);
  }
  nlohmann::json object{{"method", d.method},
                        {"relative_error", d.relative_error},
                        {"lambda", std::vector<double>(d.lambda.begin(), d.lambda.end())},
                        {"ipr", ipr},
                        {"width", widths},
                        {"seconds", seconds}};
  object["standard_error"] =
      d.standard_error ? nlohmann::json(*d.standard_error) : nlohmann::json();
  if (!d.rank_error.empty()) object["rank_error"] = d.rank_error;
  if (!d.residual.empty()) object["residual"] = d.residual;
  if (d.samples > 0) object["samples"] = d.samples;
  print_line(object);
}

std::string error_text(const Decomposition& d) {
  if (std::isnan(d.relative_error)) return "not known: compared with no closed form";
  if (d.standard_error) return fmt::format("{:.5f} +- {:.5f}", d.relative_error, *d.standard_error);
  return fmt::format("{:.5f}", d.relative_error);
}

void print_table(const Decomposition& d, double seconds) {
  const bool ring = d.torus.dimensions() == 1;
  fmt::print("{:>6}  {:>13}  {:>8}  {:>8}{}\n", "factor",
             d.method == "power" ? "eigenvalue" : "lambda", "IPR", ring ? "width" : "widths",
             d.residual.empty() ? "" : "  residual");
  const std::vector<FactorSize> all = sizes(d);
  const std::vector<std::size_t> rows = printed_rows(all.size());
  for (const std::size_t r : rows) {
    const auto& [ipr, width] = all[r];
    fmt::print(
        "{:6}  {:13.6g}  {:8.5f}  {:>8}{}\n", r, d.lambda[static_cast<Eigen::Index>(r)], ipr,
        ring ? fmt::format("{:.3f}", width[1]) : fmt::format("{:.3f}, {:.3f}", width[0], width[1]),
        d.residual.empty() ? "" : fmt::format("  {:.1e}", d.residual[r]));
  }
  if (rows.size() < all.size())
    fmt::print("{} of {} factors shown; --json has all\n", rows.size(), all.size());
  fmt::print("{}, relative error {}, after {:.1f} s\n",
             d.samples > 0 ? fmt::format("{} from {} samples", d.method, d.samples) : d.method,
             error_text(d), seconds);
}

int decompose_verb(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  Decomposition result = computed_decomposition(experiment, !arguments.print.quiet);
  result.provenance = provenance(command_line);
  catch_interrupts();  // or a temporary file would stay behind
  if (!arguments.output.empty()) write_decomposition(arguments.output, result);
  if (arguments.print.json) print_json(result, stopwatch.seconds());
  if (arguments.print.human()) print_table(result, stopwatch.seconds());
  return 0;
}

}  // namespace

Decomposition computed_decomposition(const Experiment& experiment, bool shown) {
  Progress progress(shown, "fourth cumulant");
  return decompose(
      experiment, [&](const std::string& stage) { progress.start(stage); }, interrupted);
}

void add_decompose(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App& verb = *app.add_subcommand("decompose", "CP factors of the inputs' fourth cumulant");
  arguments->add_to(verb);
  verb.footer("Example: popflow decompose experiment.toml -o factors.nc --set decompose.rank=4");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] {
      return decompose_verb(*arguments, invocation.command_line);
    };
  });
}

}  // namespace popflow

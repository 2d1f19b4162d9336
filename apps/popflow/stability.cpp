#include <algorithm>
#include <numeric>
#include <stdexcept>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/lattice/half_spectrum.hpp"

#include "arguments.hpp"
#include "message.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

constexpr std::size_t most_printed_modes = 10;

// Modes that a symmetry makes equal may differ by this, relative to the largest rate.
constexpr double rounding = 1e-12;

struct StabilityArguments {
  ExperimentArguments experiment;
  PrintArguments print;
};

int fastest_mode(const Field& rates) {
  const double largest = rates.maxCoeff() - rounding * rates.cwiseAbs().maxCoeff();
  return static_cast<int>(
      std::find_if(rates.begin(), rates.end(), [&](double rate) { return rate >= largest; }) -
      rates.begin());
}

std::vector<int> wave_vector(const Torus& torus, int mode) {
  const auto [row, column] = torus.coordinates(mode);
  return torus.dimensions() == 1 ? std::vector{column} : std::vector{row, column};
}

void print_table(const Torus& torus, const Field& rates) {
  std::vector<int> modes(static_cast<std::size_t>(rates.size()));
  std::iota(modes.begin(), modes.end(), 0);
  std::stable_sort(modes.begin(), modes.end(), [&](int a, int b) { return rates[a] > rates[b]; });
  fmt::print("{} of {} modes grow: learning {}\n", (rates.array() > 0.0).count(), rates.size(),
             rates.maxCoeff() > 0.0 ? "starts" : "does not start");
  fmt::print("{:>12}  {:>12}\n", "wave vector", "growth rate");
  for (std::size_t i = 0; i < std::min(modes.size(), most_printed_modes); ++i)
    fmt::print("{:>12}  {:12.6f}\n",
               fmt::format("{}", fmt::join(wave_vector(torus, modes[i]), ",")), rates[modes[i]]);
}

int stability_verb(const StabilityArguments& arguments) {
  const Experiment experiment = arguments.experiment.read();
  const Torus& torus = experiment.torus();
  const Field rates = full_spectrum(
      torus, growth_rate(experiment.task, single_neuron(experiment), experiment.network.loss));
  if (!rates.allFinite()) throw std::runtime_error(experiment.file + ": the growth rates overflow");
  if (arguments.print.json) {
    const int fastest = fastest_mode(rates);
    print_line(nlohmann::json{{"growth_rate", std::vector<double>(rates.begin(), rates.end())},
                              {"fastest_mode", fastest},
                              {"fastest_wave_vector", wave_vector(torus, fastest)}});
  }
  if (arguments.print.human()) print_table(torus, rates);
  return 0;
}

}  // namespace

void add_stability(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<StabilityArguments>();
  CLI::App& verb =
      *app.add_subcommand("stability", "Growth rate of every mode of the weights at the origin");
  arguments->experiment.add_to(verb);
  arguments->print.add_to(verb);
  verb.footer("Example: popflow stability experiment.toml");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments] { return stability_verb(*arguments); };
  });
}

}  // namespace popflow

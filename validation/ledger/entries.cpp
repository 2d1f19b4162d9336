#include "entries.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/experiment/read.hpp"

namespace ledger {

namespace {

using namespace popflow;

struct Variation {
  std::string name;
  std::vector<std::string> overrides;
};

std::vector<std::string> gains(double g) {
  return {fmt::format("class.0.input.gain={}", g), fmt::format("class.1.input.gain={}", g)};
}

std::vector<std::string> lengths(double plus, double minus) {
  return {fmt::format("class.0.input.correlation_length={}", plus),
          fmt::format("class.1.input.correlation_length={}", minus)};
}

// Until t_end, with a step that follows the fastest rate: the largest eigenvalue of a covariance,
// about (sqrt(pi) xi)^dimension.
std::vector<std::string> until(double t_end, double step) {
  return {fmt::format("flow.t_end={}", t_end), fmt::format("flow.t_first={}", t_end / 25.0),
          fmt::format("flow.step={}", step)};
}

// Four neurons with v = 1/K learn K times more slowly.
const std::vector<std::string> four_neurons{"network.hidden=4", "network.bias=[-1, 1]",
                                            "network.second_layer=1/K"};

// Class 0 against silence: labels that a ReLU neuron can reach, as in [LSG24].
const std::vector<std::string> relu{"network.activation=relu", "network.bias=0", "class.1.label=0"};

const std::vector<std::string> clones{"class.0.input.model=gp-clone",
                                      "class.1.input.model=gp-clone", "flow.runs=8",
                                      "flow.samples=2000"};

std::vector<std::string> together(std::initializer_list<std::vector<std::string>> lists) {
  std::vector<std::string> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

std::vector<Variation> variations() {
  return {
      {"reference", {}},
      {"small weights", {"network.initial_scale=0.1", "flow.runs=8"}},
      {"gain 0.5", gains(0.5)},
      {"gain 1", gains(1.0)},
      {"gain 10", gains(10.0)},
      {"xi 4/1", together({{"lattice.shape=[64]"}, lengths(4, 1), until(40, 0.4)})},
      {"xi 8/2", lengths(8, 2)},
      {"xi 16/2", together({{"lattice.shape=[256]"}, lengths(16, 2), until(25, 0.15)})},
      {"bias +1", {"network.bias=1"}},
      {"torus", together({{"lattice.shape=[16, 16]"}, lengths(4, 1), until(20, 0.1)})},
      {"relu", together({relu, until(25, 0.2)})},
      {"four", together({four_neurons, until(100, 1.0)})},
      {"four, gain 1", together({four_neurons, gains(1.0), until(100, 1.0)})},
      {"four relu", together({four_neurons, relu, {"network.bias=[-1, 1]"}, until(100, 1.0)})},
      {"clone", clones},
      {"four clones", together({four_neurons, clones, until(100, 1.0)})},
  };
}

std::vector<Variation> reduced() {
  const std::vector<std::string> short_time = until(5, 0.2);
  return {{"reference", together({short_time, {"flow.samples=512"}})},
          {"four", together({four_neurons, until(20, 1.0), {"flow.samples=256"}})},
          {"clone", together({clones, short_time, {"flow.samples=256"}})}};
}

}  // namespace

bool Entry::gaussian() const {
  return std::all_of(experiment.task.begin(), experiment.task.end(),
                     [](const TaskClass& c) { return c.input.is_gaussian(); });
}

double Entry::gain() const {
  double largest = 0.0;
  for (const TaskClass& c : experiment.task) largest = std::max(largest, c.input.pointwise()->gain);
  return largest;
}

std::string Entry::setting() const {
  return experiment.overrides.empty() ? "as in experiment.toml"
                                      : fmt::format("{}", fmt::join(experiment.overrides, " "));
}

std::vector<Entry> entries(const std::string& file, bool smoke) {
  std::vector<Entry> result;
  for (const Variation& variation : smoke ? reduced() : variations())
    result.push_back({variation.name, read_experiment(file, variation.overrides)});
  return result;
}

}  // namespace ledger

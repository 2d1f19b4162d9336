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
  int most_latents = 3;
};

std::vector<std::string> gains(double g) {
  return {fmt::format("class.0.input.gain={}", g), fmt::format("class.1.input.gain={}", g)};
}

std::vector<std::string> lengths(double plus, double minus) {
  return {fmt::format("class.0.input.correlation_length={}", plus),
          fmt::format("class.1.input.correlation_length={}", minus)};
}

std::vector<std::string> until(double t_end, double step) {
  return {fmt::format("flow.t_end={}", t_end), fmt::format("flow.t_first={}", t_end / 25.0),
          fmt::format("flow.step={}", step)};
}

// The first-layer weights of four neurons with v = 1/K learn K times more slowly.
const std::vector<std::string> four_neurons{"network.hidden=4", "network.bias=[-1, 1]",
                                            "network.second_layer=1/K"};

// Labels that a ReLU neuron can reach, as in [LSG24].
const std::vector<std::string> relu{"network.activation=relu", "class.1.label=0"};

const std::vector<std::string> clones{"class.0.input.model=gp-clone",
                                      "class.1.input.model=gp-clone", "flow.runs=8",
                                      "flow.samples=2000"};

std::vector<std::string> together(std::initializer_list<std::vector<std::string>> lists) {
  std::vector<std::string> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

// Steps follow the fastest rate, which is that of the largest eigenvalue of a covariance, about
// (sqrt(pi) xi)^dimension.
std::vector<Variation> variations() {
  const std::vector<std::string> step{"flow.step=0.4"}, slow = until(100, 2);
  return {
      {"reference", {}},
      {"small weights", {"network.initial_scale=0.1", "flow.runs=8"}},
      {"gain 0.5", together({gains(0.5), step})},
      {"gain 1", together({gains(1), step})},
      {"gain 10", together({gains(10), step})},
      {"xi 4/1, ring 64", together({{"lattice.shape=[64]"}, lengths(4, 1), until(40, 0.8)})},
      {"xi 8/2", together({lengths(8, 2), step})},
      {"xi 16/2, ring 256", together({{"lattice.shape=[256]"}, lengths(16, 2), until(25, 0.3)})},
      {"bias +1", together({{"network.bias=1"}, step})},
      {"torus 16 x 16", together({{"lattice.shape=[16, 16]"}, lengths(4, 1), until(20, 0.2)})},
      {"relu", together({relu, {"network.bias=0"}, step})},
      {"four", together({four_neurons, slow})},
      {"four, gain 1", together({four_neurons, gains(1), slow})},
      {"four relu", together({four_neurons, relu, slow})},
      {"clone", together({clones, step})},
      {"four clones", together({four_neurons, clones, slow})},
  };
}

std::vector<Variation> reduced() {
  const std::vector<std::string> few{"flow.samples=256"}, short_time = until(5, 0.4);
  return {{"reference", together({few, short_time}), 2},
          {"four", together({four_neurons, few, until(10, 2)}), 1},
          {"clone", together({clones, few, short_time}), 2}};
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
    result.push_back(
        {variation.name, read_experiment(file, variation.overrides), variation.most_latents});
  return result;
}

}  // namespace ledger

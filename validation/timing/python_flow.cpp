// Seconds for which the flow of apps/examples/simple_model.cpp is integrated, with 101 snapshots:
// what python_flow.py compares Python with. Prints {"seconds", "evaluations", "norm"} for every
// line that it reads; --smoke integrates once, and reads nothing.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"

namespace {

using namespace popflow;

NonlinearGaussianField nlgp(const Torus& ring, double correlation_length) {
  return {GaussianField(ring, gaussian_correlation(ring, correlation_length)), 3.0};
}

// Small weights that are easily made in any language.
Weights initial_weights(const Torus& ring) {
  Weights u(1, ring.sites());
  for (int i = 0; i < ring.sites(); ++i) u(0, i) = 0.01 * std::sin(i * i + 1.0);
  return u;
}

void integrate_once(const QuarticFlow& flow, const State& initial) {
  const auto start = std::chrono::steady_clock::now();
  const auto run = integrate(flow, initial, linear_schedule(100.0, 101));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print("{{\"seconds\": {}, \"evaluations\": {}, \"norm\": {}}}\n", seconds.count(),
             run.end.evaluations, run.last.values().norm());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const Torus ring({100});
  const QuarticFlow flow({{1.0, 0.5, nlgp(ring, 8.0)}, {-1.0, 0.5, nlgp(ring, 1.0)}},
                         {Erf{}, -1.0, 1.0}, Loss::squared);
  const State initial = flow.state(initial_weights(ring));
  if (argc > 1 && std::string_view(argv[1]) == "--smoke") {
    integrate_once(flow, initial);
    return 0;
  }
  for (std::string line; std::getline(std::cin, line);) integrate_once(flow, initial);
}

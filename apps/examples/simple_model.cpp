// One neuron on a ring learns to tell two correlation lengths apart. Its receptive field localises
// on non-Gaussian inputs, and not on Gaussian ones of the same covariance. Takes about a second.

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/measure/receptive_field.hpp"

using namespace popflow;

// Integrates the closed-form flow to tau = 100 and returns the receptive field.
Field receptive_field(const Task& task, const Weights& initial) {
  const QuarticFlow flow(task, {.activation = Erf{}, .bias = -1.0, .second_layer = 1.0},
                         Loss::squared);
  const auto run = integrate(flow, flow.state(initial), {0.0, 100.0});
  return flow.weights(run.last).row(0);
}

int main() {
  const Torus ring({100});
  const auto nlgp = [&ring](double correlation_length) {
    return NonlinearGaussianField({ring, gaussian_correlation(ring, correlation_length)}, 3.0);
  };
  const Task task = {{.label = +1, .probability = 0.5, .input = nlgp(8.0)},
                     {.label = -1, .probability = 0.5, .input = nlgp(1.0)}};
  const Task control = {{+1, 0.5, gaussian_clone(nlgp(8.0))}, {-1, 0.5, gaussian_clone(nlgp(1.0))}};

  const Weights initial = 0.01 * Weights::Random(1, ring.sites());
  const Field u = receptive_field(task, initial), v = receptive_field(control, initial);
  fmt::print("NLGP:           |u| = {:.4f}, IPR = {:.4f}\n", u.norm(),
             inverse_participation_ratio(u));
  fmt::print("Gaussian clone: |u| = {:.4f}, IPR = {:.4f}\n", v.norm(),
             inverse_participation_ratio(v));
}

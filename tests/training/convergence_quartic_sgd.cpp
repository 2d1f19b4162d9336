// SGD on the quartic loss against the quartic flow, from the same weights of order one. With
// learning rate eta and batches of B samples a run scatters about the mean of all runs with
// variance ~ eta / B. That mean is off the flow by ~ eta: because Euler's method is, and because
// the cubic force bends the scatter.

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/dynamics/train.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "log_slope.hpp"
#include "random_weights.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(convergence_of_quartic_sgd)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr int sites = 20;
const Neuron neuron{Erf{}, -1.0, 1.0};

// Half of the norm is lost and localisation under way at the end. The first time is the start.
const std::vector<double> times = linear_schedule(6.0, 7);

using Snapshots = std::vector<Field>;  // at every time of the schedule

// The simple model on a ring of 20 sites: the correlation lengths are scaled with it.
const Task& task() {
  static const Task task = two_lengths({sites}, 3.0, 4.0, 1.0);
  return task;
}

// These are typical. Some weights lead past a saddle of the loss, where noise and bias are
// amplified so much that learning rates would have to be smaller than here to be in the linear
// range.
Weights initial_weights() { return random_weights(1, sites, 1); }

// The flow seen from real space.
class RealFlow {
 public:
  Field rate(const Field& u) const { return sites_of(flow_(flow_.state(u.transpose()))); }

  // By far more accurate than SGD can tell.
  Snapshots integrated() const {
    const auto run =
        integrate(flow_, flow_.state(initial_weights()), times,
                  IntegrationOptions{.absolute_tolerance = 1e-12, .relative_tolerance = 1e-12});
    Snapshots snapshots;
    for (const State& state : run.states) snapshots.push_back(sites_of(state));
    return snapshots;
  }

 private:
  Field sites_of(const State& state) const { return flow_.weights(state).row(0).transpose(); }

  QuarticFlow flow_{task(), neuron, Loss::squared, 0.0};
};

const Snapshots& flow_snapshots() {
  static const Snapshots snapshots = RealFlow().integrated();
  return snapshots;
}

SampleSchedule::Options schedule(int batch, int run) {
  return {.batch = batch, .seed = 1, .run = static_cast<std::uint32_t>(run)};
}

Network network() { return network_of(neuron, Loss::squared); }

Snapshots trained(double learning_rate, int batch, int run) {
  Snapshots snapshots;
  Parameters parameters = parameters_of(neuron, initial_weights());
  train({task(),
         network(),
         {.learning_rate = learning_rate,
          .schedule = schedule(batch, run),
          .gradient = SampleGradient::quartic}},
        parameters, times, [&](const Parameters& now, double) {
          snapshots.push_back(now.first().row(0).transpose());
        });
  return snapshots;
}

// Mean and its standard error over runs.
struct Estimate {
  Field mean, error;
};

Estimate estimate(const std::vector<Snapshots>& runs, std::size_t time, const Eigen::MatrixXd& of) {
  const auto count = static_cast<double>(runs.size());
  Field mean = Field::Zero(of.rows()), squares = mean;
  for (const Snapshots& run : runs) mean += of * run[time] / count;
  for (const Snapshots& run : runs) squares += (of * run[time] - mean).cwiseAbs2();
  return {mean, (squares / (count * (count - 1.0))).cwiseSqrt()};
}

// One run of SGD minus its noise to first order. Beside u, Euler's method follows the flow to w; z
// obeys the flow linearised about w, driven by what the gradient of the same samples at w is off
// by. That has mean zero, and so has z: u - z has the mean of u, and a tenth of its scatter.
Snapshots trained_without_noise(RealFlow& flow, double learning_rate, int batch, int run) {
  constexpr double nudge = 1e-3;  // the linearisation need not be accurate for z to have mean zero
  Sgd<double> sgd(task(), network(), parameters_of(neuron, initial_weights()),
                  {schedule(batch, run), SampleGradient::quartic});
  const auto gradient = [&sgd](const Field& at, std::uint64_t step) -> Field {
    return sgd.gradient(parameters_of(neuron, at.transpose()), step).first().row(0).transpose();
  };
  Field u = initial_weights().row(0).transpose(), w = u, z = Field::Zero(sites);
  Snapshots snapshots{u};
  const auto steps = static_cast<std::uint64_t>(std::lround((times[1] - times[0]) / learning_rate));
  for (std::uint64_t step = 0; snapshots.size() < times.size();) {
    const Field rate = flow.rate(w), noise = -gradient(w, step) - rate;
    const Field drift = (flow.rate(w + nudge * z) - flow.rate(w - nudge * z)) / (2.0 * nudge);
    u -= learning_rate * gradient(u, step);
    z += learning_rate * (drift + noise);
    w += learning_rate * rate;
    if (++step % steps == 0) snapshots.push_back(u - z);
  }
  return snapshots;
}

constexpr int ensemble_batch = 30;

// By how much the mean of SGD is off the flow, at every time.
std::vector<Estimate> bias(double learning_rate, int runs) {
  RealFlow flow;
  std::vector<Snapshots> ensemble;
  for (int run = 0; run < runs; ++run)
    ensemble.push_back(trained_without_noise(flow, learning_rate, ensemble_batch, run));
  std::vector<Estimate> result;
  for (std::size_t k = 0; k < times.size(); ++k) {
    result.push_back(estimate(ensemble, k, Eigen::MatrixXd::Identity(sites, sites)));
    result.back().mean -= flow_snapshots()[k];
  }
  return result;
}

// Twelve unit vectors, as rows: along the flow's state, along its motion, along a displacement of
// the state, in which a bump is free to drift, and cosine and sine of the five lowest modes.
Eigen::MatrixXd observables(const Field& u, const Field& rate) {
  const Torus ring({sites});
  Eigen::MatrixXd rows(12, sites);
  rows.row(0) = u;
  rows.row(1) = rate;
  rows.row(2) = shifted(ring, u, 1) - shifted(ring, u, sites - 1);
  const Eigen::ArrayXd angle =
      2.0 * std::numbers::pi / sites * Eigen::ArrayXd::LinSpaced(sites, 0.0, sites - 1.0);
  rows.row(3).setOnes();
  for (int q = 1; q <= 4; ++q) {
    rows.row(2 + 2 * q) = (q * angle).cos();
    rows.row(3 + 2 * q) = (q * angle).sin();
  }
  return rows.rowwise().normalized();
}

// Root-mean-square distance from the flow of one run, over runs and times.
double error_of_a_run(double learning_rate, int batch, int runs) {
  double squares = 0.0;
  for (int run = 0; run < runs; ++run) {
    const Snapshots snapshots = trained(learning_rate, batch, run);
    for (std::size_t k = 1; k < times.size(); ++k)
      squares += (snapshots[k] - flow_snapshots()[k]).squaredNorm();
  }
  return std::sqrt(squares / (runs * static_cast<double>(times.size() - 1)));
}

constexpr double slope_tolerance = 0.1;

}  // namespace

// The standard error, a tenth of the bias when summed over all 20 components, is 2 to 3 % of it
// along the bias, and that of the slope 0.02. The next order in the learning rate adds 0.02.
BOOST_AUTO_TEST_CASE(bias_falls_linearly_in_the_learning_rate) {
  constexpr int runs = 300;
  constexpr double largest_noise = 0.15;  // in units of the bias
  const std::vector<double> rates{0.1, 0.05, 0.025, 0.0125};
  std::vector<std::vector<Estimate>> biases;
  for (const double rate : rates) biases.push_back(bias(rate, runs));
  for (std::size_t k = 1; k < times.size(); ++k) {
    std::vector<double> size;
    for (const auto& at_rate : biases) {
      size.push_back(at_rate[k].mean.norm());
      BOOST_TEST(at_rate[k].error.norm() <= largest_noise * size.back());
    }
    const double slope = log_slope(rates, size);
    BOOST_TEST(std::abs(slope - 1.0) <= slope_tolerance, "tau " << times[k] << ": " << slope);
  }
}

// An observable's mean over runs, in units of its estimated standard error, follows Student's t
// with runs - 1 = 39 degrees of freedom, and exceeds 4 with probability 2.7e-4: some of the 72
// comparisons do with at most 2 % when the seed is changed. The bias, measured at a larger learning
// rate where it can be seen, is smaller.
BOOST_AUTO_TEST_CASE(mean_of_an_ensemble_follows_the_flow) {
  constexpr int runs = 40;
  constexpr double learning_rate = 0.001, visible_rate = 0.025;
  constexpr double allowed_standard_errors = 4.0, allowed_bias = 0.5;  // in standard errors
  std::vector<Snapshots> ensemble;
  for (int run = 0; run < runs; ++run)
    ensemble.push_back(trained(learning_rate, ensemble_batch, run));
  const std::vector<Estimate> visible_bias = bias(visible_rate, 100);
  RealFlow flow;
  for (std::size_t k = 1; k < times.size(); ++k) {
    const Field& expected = flow_snapshots()[k];
    const Eigen::MatrixXd directions = observables(expected, flow.rate(expected));
    const auto [mean, error] = estimate(ensemble, k, directions);
    const Field off = (mean - directions * expected).cwiseQuotient(error);
    const Field bias_at_rate = learning_rate / visible_rate * (directions * visible_bias[k].mean);
    for (Eigen::Index i = 0; i < off.size(); ++i) {
      BOOST_TEST(std::abs(off[i]) <= allowed_standard_errors,
                 "tau " << times[k] << ", observable " << i << ": " << off[i]);
      BOOST_TEST(std::abs(bias_at_rate[i]) <= allowed_bias * error[i]);
    }
  }
}

// The bias, below 1e-3 at this learning rate, adds less than 1 % to the error of a run, which is
// 9e-3 for the largest batch. With 24 runs an error is known to 6 %, and the slope to 0.02.
BOOST_AUTO_TEST_CASE(error_of_a_run_falls_as_the_root_of_the_batch) {
  constexpr int runs = 24;
  constexpr double learning_rate = 0.01;
  const std::vector<double> batches{4, 16, 64, 256};
  std::vector<double> errors;
  for (const double batch : batches)
    errors.push_back(error_of_a_run(learning_rate, static_cast<int>(batch), runs));
  const double slope = log_slope(batches, errors);
  BOOST_TEST(std::abs(slope + 0.5) <= slope_tolerance, slope);
}

BOOST_AUTO_TEST_SUITE_END()

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "random_weights.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(quartic_trajectory)

using namespace popflow;
using namespace popflow::test;

namespace {

const Neuron neuron{Erf{}, -1.0, 1.0};

// The potential is a sum of a few thousand terms of at most order one, each rounded to 1e-16. The
// error of a step, at most 1e-8, changes it by even less: to first order by the error times the
// rate, and where the rate is that small, by the square of the error. Everywhere else the potential
// falls by far more.
constexpr double rounding = 1e-14;

void check_descent(const Task& task, const std::string& where) {
  const auto times = log_schedule(1e-3, 300.0, 100);
  for (const double scale : {0.1, 1.0})
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const QuarticFlow flow(task, neuron, Loss::squared);
      const State start = flow.state(random_weights(1, flow.torus().sites(), seed, scale));
      std::vector<double> potential;
      const auto run = integrate(flow, start, times, [&](const State& state, double) {
        potential.push_back(flow.potential(state));
      });
      BOOST_TEST((run.end.reason == StopReason::reached_end));
      BOOST_TEST_REQUIRE(potential.size() == times.size());
      for (std::size_t k = 1; k < times.size(); ++k)
        BOOST_TEST(potential[k] <= potential[k - 1] + rounding,
                   where << ", scale " << scale << ", seed " << seed << ", tau " << times[k]
                         << ": rises by " << potential[k] - potential[k - 1]);
      BOOST_TEST(potential.back() < potential.front() - 1e-3);  // it has somewhere to fall
    }
}

// The labels and the bias with which an error in the spectra grew until the weights diverged.
Task opposed_labels(const std::vector<int>& shape) {
  return {{-3.0, 0.5, nlgp(shape, 3.0, 4.0)}, {4.0, 0.5, gaussian_clone(nlgp(shape, 3.0, 4.0))}};
}

// For fields over rows x columns.
Weights transposed(const Weights& u, int rows, int columns) {
  Weights result(1, u.size());
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column)
      result(0, column * rows + row) = u(0, row * columns + column);
  return result;
}

constexpr double tolerance = 1e-13;

Trajectory<State> learned(const QuarticFlow& flow, const Weights& start) {
  auto run = integrate(
      flow, flow.state(start), linear_schedule(300.0, 11),
      IntegrationOptions{.absolute_tolerance = tolerance, .relative_tolerance = tolerance});
  BOOST_TEST((run.end.reason == StopReason::reached_end));
  return run;
}

}  // namespace

BOOST_AUTO_TEST_CASE(potential_never_increases) {
  for (const auto& [shape, where] : {std::pair{std::vector{16}, std::string("ring 16")},
                                     {std::vector{4, 5}, std::string("torus 4 x 5")}}) {
    const Task task = two_lengths(shape, 3.0, 4.0, 1.0);
    check_descent(task, where);
    check_descent(gaussian_clones(task), where + ", clones");
  }
}

// The half-spectrum of 18 x 3 stores a column of 18 modes with both q and -q, which transforms
// leave conjugate only to rounding. Were it the state, it would be no real field's, and these
// labels would make what is wrong with it grow. The 3 rows of the transpose do not.
//
// How far apart the two may be: a step errs by at most 1.2 tolerances, the state being below 0.2,
// and there are some 4000 steps: 5000 tolerances. While modes grow, from 0.1 / sqrt(54) to 0.16 at
// most, errors grow with them some tenfold; later they shrink.
BOOST_AUTO_TEST_CASE(a_transposed_lattice_learns_the_transposed_receptive_field) {
  constexpr double accuracy = 1e5 * tolerance;
  const QuarticFlow tall_flow(opposed_labels({18, 3}), neuron, Loss::squared);
  const QuarticFlow wide_flow(opposed_labels({3, 18}), neuron, Loss::squared);
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const Weights start = random_weights(1, 54, seed, 0.1);
    const auto tall = learned(tall_flow, start);
    const auto wide = learned(wide_flow, transposed(start, 18, 3));
    BOOST_TEST_REQUIRE(tall.states.size() == wide.states.size());
    for (std::size_t k = 0; k < tall.states.size(); ++k) {
      const Weights u = tall_flow.weights(tall.states[k]);
      const Weights difference = transposed(u, 18, 3) - wide_flow.weights(wide.states[k]);
      BOOST_TEST(difference.cwiseAbs().maxCoeff() <= accuracy, "tau " << tall.time[k]);
      BOOST_TEST(u.norm() < 0.2, "tau " << tall.time[k]);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/dynamics/trajectory.hpp"

BOOST_AUTO_TEST_SUITE(trajectory)

using namespace popflow;

namespace {

// exp(-tau) is integrated to the default tolerances; transforms add rounding.
constexpr double accuracy = 1e-7;

struct Decay {
  Eigen::Index size;
  Eigen::Index dimension() const { return size; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) { dwdt = -w; }
};

void records_weights_of_every_snapshot(const Torus& torus) {
  Weights start(2, torus.sites());
  for (int i = 0; i < torus.sites(); ++i) {
    start(0, i) = std::sin(1.0 + i);
    start(1, i) = i % 3 - 0.5;
  }
  FourierTransform fourier(torus);
  Eigen::VectorXd state = state_of(fourier, start);
  Decay flow{state.size()};
  Trajectory trajectory;
  const auto times = linear_schedule(2.0, 5);
  integrate(flow, state, times, TrajectoryRecorder(torus, trajectory));
  BOOST_TEST(trajectory.time == times);
  BOOST_TEST_REQUIRE(trajectory.weights.size() == times.size());
  for (std::size_t n = 0; n < times.size(); ++n) {
    BOOST_TEST_REQUIRE(trajectory.weights[n].rows() == 2);
    BOOST_TEST((trajectory.weights[n] - std::exp(-times[n]) * start).norm() <
               accuracy * start.norm());
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_weights_of_every_snapshot_are_recorded) {
  records_weights_of_every_snapshot(Torus({7}));
  records_weights_of_every_snapshot(Torus({4, 6}));
}

BOOST_AUTO_TEST_CASE(recording_appends) {
  const Torus torus({5});
  FourierTransform fourier(torus);
  Trajectory trajectory{.time = {0.0}, .weights = {Weights::Ones(1, 5)}};
  TrajectoryRecorder record(torus, trajectory);
  record(state_of(fourier, Weights::Constant(1, 5, 3.0)), 1.5);
  BOOST_TEST(trajectory.time == (std::vector{0.0, 1.5}));
  BOOST_TEST_REQUIRE(trajectory.weights.size() == 2u);
  BOOST_TEST(trajectory.weights[0](0, 0) == 1.0);
  BOOST_TEST(std::abs(trajectory.weights[1](0, 4) - 3.0) < 1e-14);
}

BOOST_AUTO_TEST_SUITE_END()

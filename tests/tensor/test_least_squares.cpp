#include <cmath>
#include <vector>

#include <Eigen/Cholesky>
#include <boost/test/unit_test.hpp>

#include "popflow/tensor/least_squares.hpp"

BOOST_AUTO_TEST_SUITE(least_squares)

using namespace popflow;

namespace {

// Rosenbrock's residuals 10 (y - x^2) and 1 - x, and a constant that no point removes. `costs`
// records the cost of every point from which a step started.
struct Rosenbrock {
  using Point = Eigen::MatrixXd;  // 2 x 1
  double constant = 0.0;
  std::vector<double> costs = {};
  Eigen::Matrix2d jacobian = {};
  Eigen::Vector2d residual = {};

  static Eigen::Vector2d residuals(const Point& p) {
    return {10.0 * (p(1) - p(0) * p(0)), 1.0 - p(0)};
  }
  double cost(const Point& p) const { return residuals(p).squaredNorm() + constant; }
  void linearise(const Point& p) {
    costs.push_back(cost(p));
    jacobian << -20.0 * p(0), 10.0, -1.0, 0.0;
    residual = residuals(p);
  }
  Eigen::MatrixXd step(double mu) const {
    Eigen::Matrix2d H = jacobian.transpose() * jacobian;
    H.diagonal().array() += mu;
    return -H.ldlt().solve(jacobian.transpose() * residual);
  }
  Point moved(const Point& p, const Eigen::MatrixXd& step) const { return p + step; }
};

static_assert(LeastSquaresProblem<Rosenbrock>);

const Eigen::MatrixXd start = Eigen::Vector2d(-1.2, 1.0);

}  // namespace

BOOST_AUTO_TEST_CASE(finds_the_minimum_and_never_climbs) {
  Rosenbrock problem;
  const auto fit = levenberg_marquardt(problem, start, {});
  BOOST_TEST((fit.point - Eigen::MatrixXd::Ones(2, 1)).norm() < 1e-10);
  BOOST_TEST(fit.cost == problem.cost(fit.point));
  BOOST_TEST(fit.iterations < 40);
  for (std::size_t k = 1; k < problem.costs.size(); ++k)
    BOOST_TEST(problem.costs[k] < problem.costs[k - 1]);
}

// The damping falls with the error, so that convergence is faster than linear.
BOOST_AUTO_TEST_CASE(converges_faster_than_linearly) {
  Rosenbrock problem;
  levenberg_marquardt(problem, start, {.iterations = 200, .tolerance = 0.0, .floor = 1e-26});
  const auto& costs = problem.costs;
  const std::size_t last = costs.size() - 1;
  BOOST_TEST(costs[last] / costs[last - 1] < 1e-6);
  BOOST_TEST(costs[last] / costs[last - 1] < 0.5 * costs[last - 1] / costs[last - 2]);
}

// The values below the diagonal must not be read.
BOOST_AUTO_TEST_CASE(a_damped_step_solves_the_damped_equations) {
  Eigen::Matrix4d H;
  H << 4.0, 1.0, 0.0, -1.0, 9.0, 3.0, 0.5, 0.0, 9.0, 9.0, 2.0, 0.3, 9.0, 9.0, 9.0, 6.0;
  Eigen::Matrix2d gradient;
  gradient << 1.0, -3.0, 2.0, 0.5;
  const Eigen::MatrixXd step = damped_step(H, gradient, 0.1);
  Eigen::Matrix4d damped = H.selfadjointView<Eigen::Upper>();
  damped += 0.1 * 6.0 * Eigen::Matrix4d::Identity();
  const Eigen::Vector4d unknowns(step(0, 0), step(1, 0), step(0, 1), step(1, 1));
  BOOST_TEST((damped * unknowns + Eigen::Vector4d(1.0, 2.0, -3.0, 0.5)).norm() < 1e-14);
}

BOOST_AUTO_TEST_CASE(stops_at_the_floor) {
  Rosenbrock problem;
  const auto fit = levenberg_marquardt(problem, start, {.floor = 1.0});
  BOOST_TEST(fit.cost <= 1.0);
  BOOST_TEST(problem.costs.back() > 1.0);
}

BOOST_AUTO_TEST_CASE(stops_after_as_many_iterations_as_allowed) {
  Rosenbrock problem;
  BOOST_TEST(levenberg_marquardt(problem, start, {.iterations = 4}).iterations == 4);
  BOOST_TEST(problem.costs.size() == 4);
}

// The constant dominates the cost, so that a step lowers the cost only by small fractions.
BOOST_AUTO_TEST_CASE(stops_when_the_cost_has_hardly_fallen_so_many_times) {
  for (int patience : {1, 3}) {
    Rosenbrock problem{.constant = 1e9};
    const auto fit = levenberg_marquardt(problem, start, {.tolerance = 1e-6, .patience = patience});
    BOOST_TEST(fit.iterations == patience);
  }
}

BOOST_AUTO_TEST_CASE(a_minimum_is_where_it_stays) {
  Rosenbrock problem{.constant = 1.0};
  const Eigen::MatrixXd minimum = Eigen::MatrixXd::Ones(2, 1);
  const auto fit = levenberg_marquardt(problem, minimum, {});
  BOOST_TEST(fit.iterations == 0);
  BOOST_TEST((fit.point == minimum));
}

BOOST_AUTO_TEST_SUITE_END()

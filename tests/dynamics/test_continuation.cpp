#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/continuation.hpp"

#include "analytic_flows.hpp"

BOOST_AUTO_TEST_SUITE(continuation)

using namespace popflow;

namespace {

// For points whose residual is at most 1e-12 and whose growth rates are of order one.
constexpr double accuracy = 1e-11;

// A fold's tangent is level to 1e-5, and p is an extremum there: p errs by half the square of that
// times the branch's radius of curvature, of order one, and w to first order.
constexpr double fold_accuracy = 1e-10;
constexpr double state_accuracy = 1e-5;

Eigen::VectorXd number(double value) { return Eigen::VectorXd::Constant(1, value); }

auto saddle_node(double p) {
  return Scalar{[p](double x) { return p + x * x; }};
}

auto pitchfork(double r) {
  return Scalar{[r](double u) { return r * u - u * u * u; }};
}

auto hysteresis(double p) {
  return Scalar{[p](double x) { return p + x - x * x * x; }};
}

// d(x, y)/dtau = f(x, y).
template <class Function>
struct Plane {
  Function f;

  Eigen::Index dimension() const { return 2; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) { dwdt = f(w[0], w[1]); }
};
template <class Function>
Plane(Function) -> Plane<Function>;

// A ring whose cosines of rho^2 appear at a fold: rho' = (r + rho^2 - rho^4) rho.
class FoldedRing {
 public:
  FoldedRing(int sites, double r) : ring_(sites, r) {}

  Eigen::Index dimension() const { return ring_.dimension(); }
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double) {
    ring_(u, dudt, 0.0);
    const double rho =
        std::hypot(ring_.wave(0.0, 1.0).dot(u), ring_.wave(std::numbers::pi / 2.0, 1.0).dot(u));
    dudt += ring_.wave(ring_.phase(u), 2.0 * std::pow(rho, 3) - std::pow(rho, 5));
  }

 private:
  CosineRing ring_;
};

using Points = std::vector<BranchPoint<Eigen::VectorXd>>;

Points of_kind(PointKind kind, const Branch<Eigen::VectorXd>& branch) {
  Points result;
  std::copy_if(branch.points.begin(), branch.points.end(), std::back_inserter(result),
               [kind](const auto& point) { return point.kind == kind; });
  return result;
}

Points folds(const Branch<Eigen::VectorXd>& branch) { return of_kind(PointKind::fold, branch); }

Points pitchforks(const Branch<Eigen::VectorXd>& branch) {
  return of_kind(PointKind::pitchfork, branch);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_fold_is_found_and_passed) {
  const auto branch = follow_branch(saddle_node, number(-1.1), {-1.0, 0.5});
  BOOST_TEST((branch.end == BranchEnd::returned));
  BOOST_TEST(branch.points.front().parameter == -1.0);
  BOOST_TEST(branch.points.back().parameter == -1.0);
  BOOST_TEST(std::abs(branch.points.front().w[0] + 1.0) < accuracy);
  BOOST_TEST(std::abs(branch.points.back().w[0] - 1.0) < accuracy);
  for (const auto& point : branch.points) {
    BOOST_TEST(point.residual <= 1e-12);
    BOOST_TEST(std::abs(point.parameter + point.w[0] * point.w[0]) < accuracy);
    BOOST_TEST(std::abs(point.growth[0] - 2.0 * point.w[0]) < accuracy);
    if (point.kind != PointKind::fold) BOOST_TEST(point.unstable == (point.w[0] > 0.0 ? 1 : 0));
  }
  BOOST_TEST_REQUIRE(folds(branch).size() == 1U);
  BOOST_TEST(std::abs(folds(branch)[0].parameter) < fold_accuracy);
  BOOST_TEST(std::abs(folds(branch)[0].w[0]) < state_accuracy);
}

BOOST_AUTO_TEST_CASE(an_s_shaped_branch_has_two_folds_and_reaches_its_end) {
  for (const double largest : {0.02, 0.1, 0.4}) {
    const auto branch =
        follow_branch(hysteresis, number(-1.3), {-1.0, 1.0}, {.largest_step = largest});
    BOOST_TEST((branch.end == BranchEnd::reached_end));
    BOOST_TEST(branch.points.back().parameter == 1.0);
    BOOST_TEST(std::abs(branch.points.back().w[0] - 1.3247179572447460) < accuracy);
    BOOST_TEST_REQUIRE(folds(branch).size() == 2U);
    const double x = 1.0 / std::sqrt(3.0), p = 2.0 * x / 3.0;
    BOOST_TEST(std::abs(folds(branch)[0].parameter - p) < fold_accuracy);
    BOOST_TEST(std::abs(folds(branch)[0].w[0] + x) < state_accuracy);
    BOOST_TEST(std::abs(folds(branch)[1].parameter + p) < fold_accuracy);
    BOOST_TEST(std::abs(folds(branch)[1].w[0] - x) < state_accuracy);
    for (const auto& point : branch.points)
      if (point.kind != PointKind::fold)
        BOOST_TEST(point.unstable == (std::abs(point.w[0]) < x ? 1 : 0));
  }
}

// The branch w = -sqrt(-p) turns round at p = 0, which is closer to the start than a step.
BOOST_AUTO_TEST_CASE(a_fold_in_the_first_step_is_not_missed) {
  for (const double from : {-1e-4, -1e-6}) {
    const double w = std::sqrt(-from);
    const ContinuationOptions options{.first_step = 0.03};
    const auto branch = follow_branch(saddle_node, number(-w), {from, 0.5}, options);
    BOOST_TEST((branch.end == BranchEnd::returned));
    BOOST_TEST_REQUIRE(branch.points.size() == 3U);
    BOOST_TEST((branch.points[1].kind == PointKind::fold));
    BOOST_TEST(std::abs(branch.points[1].parameter) < fold_accuracy);
    BOOST_TEST(branch.points.back().parameter == from);
    // A residual of 1e-12 moves w by that over the growth rate, 2 w.
    BOOST_TEST(std::abs(branch.points.back().w[0] - w) < 1e-12 / w);
    BOOST_TEST(branch.points.back().unstable == 1);

    ContinuationOptions to_fold = options;
    to_fold.fold_limit = 1;
    const auto half = follow_branch(saddle_node, number(-w), {from, 0.5}, to_fold);
    BOOST_TEST((half.end == BranchEnd::fold));
    BOOST_TEST((half.points.back().kind == PointKind::fold));
  }
}

BOOST_AUTO_TEST_CASE(a_fold_just_beyond_the_end_is_not_reached) {
  for (const double to : {-1e-3, -1e-5, -1e-7}) {
    const auto branch = follow_branch(saddle_node, number(-0.3), {-0.09, to});
    BOOST_TEST((branch.end == BranchEnd::reached_end));
    BOOST_TEST(folds(branch).empty());
    BOOST_TEST(branch.points.back().parameter == to);
    BOOST_TEST(std::abs(branch.points.back().w[0] + std::sqrt(-to)) < 1e-12 / std::sqrt(-to));
    BOOST_TEST(branch.points.back().unstable == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_branch_may_start_at_a_fold) {
  const auto branch = follow_branch(saddle_node, number(0.0), {0.0, -0.5});
  BOOST_TEST((branch.end == BranchEnd::reached_end));
  BOOST_TEST((branch.points.front().kind == PointKind::fold));
  BOOST_TEST(folds(branch).size() == 1U);
  for (const auto& point : branch.points)
    BOOST_TEST(std::abs(point.parameter + point.w[0] * point.w[0]) < accuracy);
  BOOST_TEST(std::abs(std::abs(branch.points.back().w[0]) - std::sqrt(0.5)) < accuracy);

  const auto away = follow_branch(saddle_node, number(0.0), {0.0, 0.5});
  BOOST_TEST((away.end == BranchEnd::returned));
  BOOST_TEST(away.points.size() == 2U);
}

// The flow is defined on both sides of the fold, but not there: no point is passed off as one.
BOOST_AUTO_TEST_CASE(a_fold_that_cannot_be_located_stalls) {
  const auto gap = [](double p) {
    return Scalar{[p](double x) { return std::abs(x) < 3e-3 ? std::nan("") : p + x * x; }};
  };
  const auto branch = follow_branch(gap, number(-0.3), {-0.09, 0.5});
  BOOST_TEST((branch.end == BranchEnd::stalled));
  BOOST_TEST(folds(branch).empty());
  BOOST_TEST(branch.points.back().w[0] < 0.0);
}

// From u = 1 at r = 1 down through u = 0 at r = 0, where it meets u = 0 and turns round.
BOOST_AUTO_TEST_CASE(a_symmetric_branch_passes_through_zero) {
  const auto branch = follow_branch(pitchfork, number(1.0), {1.0, -1.0});
  BOOST_TEST((branch.end == BranchEnd::returned));
  BOOST_TEST(std::abs(branch.points.back().w[0] + 1.0) < accuracy);
  BOOST_TEST(folds(branch).empty());
  BOOST_TEST_REQUIRE(pitchforks(branch).size() == 1U);
  BOOST_TEST(std::abs(pitchforks(branch)[0].parameter) < fold_accuracy);
  BOOST_TEST(std::abs(pitchforks(branch)[0].w[0]) < state_accuracy);

  // It is not one of the folds at which to stop.
  const auto passed = follow_branch(pitchfork, number(1.0), {1.0, -1.0}, {.fold_limit = 1});
  BOOST_TEST((passed.end == BranchEnd::returned));
  const auto half = follow_branch(pitchfork, number(1.0), {1.0, -1.0}, [](const auto& point) {
    return point.kind == PointKind::pitchfork;
  });
  BOOST_TEST((half.end == BranchEnd::stopped));
  BOOST_TEST((half.points.back().kind == PointKind::pitchfork));
}

// Whether y follows the parameter, x or neither, or never moves and shifts the parameter.
BOOST_AUTO_TEST_CASE(a_pitchfork_is_one_whatever_else_moves) {
  const auto check = [](const auto& f, double y, const char* where) {
    const auto family = [&f](double p) {
      return Plane{[&f, p](double x, double v) -> Eigen::Vector2d { return f(p, x, v); }};
    };
    const auto branch = follow_branch(family, Eigen::Vector2d(1.0, y), {1.0, -1.0});
    BOOST_TEST((branch.end == BranchEnd::returned), where);
    BOOST_TEST(folds(branch).empty(), where);
    BOOST_TEST_REQUIRE(pitchforks(branch).size() == 1U, where);
    BOOST_TEST(std::abs(pitchforks(branch)[0].parameter) < fold_accuracy, where);
    BOOST_TEST(std::abs(pitchforks(branch)[0].w[0]) < state_accuracy, where);
    BOOST_TEST(of_kind(PointKind::end, branch).size() == 1U, where);
    BOOST_TEST((branch.points.back().kind == PointKind::end), where);
    BOOST_TEST((branch.points.back().w - Eigen::Vector2d(-1.0, y)).norm() < accuracy, where);
  };
  using Eigen::Vector2d;
  const auto x_rate = [](double p, double x) { return p * x - x * x * x; };
  check([=](double p, double x, double y) { return Vector2d(x_rate(p, x), -y); }, 0.0, "neither");
  check([=](double p, double x, double y) { return Vector2d(x_rate(p, x), p - y); }, 1.0, "p");
  check([=](double p, double x, double y) { return Vector2d(x_rate(p, x), x * x - y); }, 1.0, "x");
  check([=](double p, double x, double y) { return Vector2d(x_rate(p + y, x), 0.0); }, 0.0,
        "never");
}

// The same, and where the parameter hardly moves what folds.
BOOST_AUTO_TEST_CASE(a_fold_is_one_whatever_else_moves) {
  const auto check = [](const auto& f, const Eigen::Vector2d& start, const char* where) {
    const auto family = [&f](double p) {
      return Plane{[&f, p](double x, double v) -> Eigen::Vector2d { return f(p, x, v); }};
    };
    const auto branch = follow_branch(family, start, {-1.0, 0.5});
    BOOST_TEST((branch.end == BranchEnd::returned), where);
    BOOST_TEST(pitchforks(branch).empty(), where);
    BOOST_TEST_REQUIRE(folds(branch).size() == 1U, where);
    BOOST_TEST(std::abs(folds(branch)[0].parameter) < fold_accuracy, where);
    BOOST_TEST((branch.points.back().kind == PointKind::end), where);
    BOOST_TEST(std::abs(branch.points.back().w[0] + start[0]) < 1e-12 / std::abs(start[0]), where);
  };
  using Eigen::Vector2d;
  check([](double p, double x, double y) { return Vector2d(p + x * x, -y); }, {-1.0, 0.0},
        "neither");
  check([](double p, double x, double y) { return Vector2d(p + x * x, p - y); }, {-1.0, -1.0}, "p");
  check([](double p, double x, double y) { return Vector2d(p + x * x, x * x - y); }, {-1.0, 1.0},
        "x");
  check([](double p, double x, double y) { return Vector2d(p + y + x * x, 0.0); }, {-1.0, 0.0},
        "never");
  check([](double p, double x, double y) { return Vector2d(1e-4 * p + x * x, p - y); },
        {-0.01, -1.0}, "hardly");
}

BOOST_AUTO_TEST_CASE(a_branch_that_another_crosses_loses_its_stability_without_a_fold) {
  const auto branch = follow_branch(pitchfork, number(0.0), {-1.0, 1.0});
  BOOST_TEST((branch.end == BranchEnd::reached_end));
  BOOST_TEST(folds(branch).empty());
  for (const auto& point : branch.points) {
    BOOST_TEST(point.w[0] == 0.0);
    BOOST_TEST(std::abs(point.growth[0] - point.parameter) < accuracy);
    BOOST_TEST(point.unstable == (point.parameter > 1e-8 ? 1 : 0));
  }
}

// The translation is null all along, and both directions of the mode are at the threshold.
BOOST_AUTO_TEST_CASE(a_branch_keeps_its_place_on_the_ring) {
  const auto family = [](double r) { return CosineRing(8, r); };
  const CosineRing ring = family(0.0);
  const auto branch = follow_branch(family, ring.wave(0.7, 0.4), {0.16, -0.5});
  BOOST_TEST((branch.end == BranchEnd::returned));
  BOOST_TEST(folds(branch).empty());
  BOOST_TEST_REQUIRE(pitchforks(branch).size() == 1U);
  BOOST_TEST(std::abs(pitchforks(branch)[0].parameter) < fold_accuracy);
  for (const auto& point : branch.points)
    if (point.kind != PointKind::pitchfork)
      BOOST_TEST(std::abs(std::remainder(ring.phase(point.w) - 0.7, std::numbers::pi)) < 1e-6);
  const Eigen::VectorXd& end = branch.points.back().w;
  BOOST_TEST((end - ring.wave(ring.phase(end), 0.4)).cwiseAbs().maxCoeff() < accuracy);
  BOOST_TEST(end.dot(ring.wave(0.7, 1.0)) < 0.0);
}

// A fold at rho^2 = 1/2, r = -1/4, with the translation null all along.
BOOST_AUTO_TEST_CASE(a_fold_on_the_ring_is_no_pitchfork) {
  const auto family = [](double r) { return FoldedRing(8, r); };
  const CosineRing ring(8, 0.0);
  const double above = std::sqrt(0.5 + std::sqrt(0.05)), below = std::sqrt(0.5 - std::sqrt(0.05));
  const auto branch = follow_branch(family, ring.wave(0.7, above), {-0.2, -0.5});
  BOOST_TEST((branch.end == BranchEnd::returned));
  BOOST_TEST(pitchforks(branch).empty());
  BOOST_TEST_REQUIRE(folds(branch).size() == 1U);
  BOOST_TEST(std::abs(folds(branch)[0].parameter + 0.25) < fold_accuracy);
  BOOST_TEST(std::abs(folds(branch)[0].w.norm() - std::sqrt(0.5)) < state_accuracy);
  BOOST_TEST(std::abs(branch.points.back().w.norm() - below) < accuracy);
}

// f = (p + w_1 - w_0, 0): w_1 does not move, as a bias that does not learn.
BOOST_AUTO_TEST_CASE(what_the_flow_does_not_move_stays_along_the_branch) {
  struct Frozen {
    double p;
    Eigen::Index dimension() const { return 2; }
    void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
      dwdt << p + w[1] - w[0], 0.0;
    }
  };
  const auto family = [](double p) { return Frozen{p}; };
  const auto branch = follow_branch(family, Eigen::Vector2d(1.3, 0.3), {1.0, 2.0});
  BOOST_TEST((branch.end == BranchEnd::reached_end));
  for (const auto& point : branch.points) {
    BOOST_TEST(std::abs(point.w[1] - 0.3) < accuracy);
    BOOST_TEST(std::abs(point.w[0] - point.parameter - 0.3) < accuracy);
  }
}

BOOST_AUTO_TEST_CASE(a_branch_without_success_says_why) {
  const auto cut = follow_branch(pitchfork, number(1.0), {1.0, 2.0}, {.step_limit = 3});
  BOOST_TEST((cut.end == BranchEnd::step_limit));
  BOOST_TEST(cut.points.size() == 4U);

  const auto walled = [](double p) {
    return Scalar{[p](double x) { return p < 0.5 ? p - x : std::nan(""); }};
  };
  const auto stalled = follow_branch(walled, number(0.0), {0.0, 1.0});
  BOOST_TEST((stalled.end == BranchEnd::stalled));
  BOOST_TEST(stalled.points.back().parameter > 0.49);
  BOOST_TEST(stalled.points.back().parameter < 0.5);

  const auto none = follow_branch(saddle_node, number(0.0), {1.0, 2.0});
  BOOST_TEST((none.end == BranchEnd::no_start));
  BOOST_TEST(none.points.empty());
  BOOST_TEST(name(BranchEnd::reached_end) == "reached_end");
  BOOST_TEST(name(BranchEnd::no_start) == "no_start");
}

BOOST_AUTO_TEST_CASE(ends_have_names) {
  BOOST_TEST(name(BranchEnd::reached_end) == "reached_end");
  BOOST_TEST(name(BranchEnd::returned) == "returned");
  BOOST_TEST(name(BranchEnd::fold) == "fold");
  BOOST_TEST(name(BranchEnd::step_limit) == "step_limit");
  BOOST_TEST(name(BranchEnd::stalled) == "stalled");
  BOOST_TEST(name(BranchEnd::interrupted) == "interrupted");
  BOOST_TEST(name(BranchEnd::stopped) == "stopped");
}

BOOST_AUTO_TEST_CASE(kinds_of_points_have_names) {
  BOOST_TEST(name(PointKind::regular) == "regular");
  BOOST_TEST(name(PointKind::fold) == "fold");
  BOOST_TEST(name(PointKind::pitchfork) == "pitchfork");
  BOOST_TEST(name(PointKind::end) == "end");
}

BOOST_AUTO_TEST_CASE(the_last_point_is_an_end_only_where_the_branch_ends) {
  const auto reached = follow_branch(pitchfork, number(1.0), {1.0, 2.0});
  BOOST_TEST((reached.end == BranchEnd::reached_end));
  BOOST_TEST((reached.points.back().kind == PointKind::end));
  BOOST_TEST(of_kind(PointKind::end, reached).size() == 1U);
  const auto cut = follow_branch(pitchfork, number(1.0), {1.0, 2.0}, {.step_limit = 3});
  BOOST_TEST(of_kind(PointKind::end, cut).empty());
}

BOOST_AUTO_TEST_CASE(an_observer_sees_every_point_and_may_stop) {
  std::vector<double> seen;
  const auto look = [&seen](const auto& point) { seen.push_back(point.parameter); };
  const auto parameters = [](const Branch<Eigen::VectorXd>& branch) {
    std::vector<double> result;
    for (const auto& point : branch.points) result.push_back(point.parameter);
    return result;
  };
  const auto whole = follow_branch(pitchfork, number(1.0), {1.0, 2.0}, look);
  BOOST_TEST((whole.end == BranchEnd::reached_end));
  BOOST_TEST(seen == parameters(whole), boost::test_tools::per_element());

  seen.clear();
  const auto third = [&](const auto& point) {
    look(point);
    return seen.size() == 3;
  };
  const auto three = follow_branch(pitchfork, number(1.0), {1.0, 2.0}, third);
  BOOST_TEST((three.end == BranchEnd::stopped));
  BOOST_TEST_REQUIRE(three.points.size() == 3U);
  BOOST_TEST(seen == parameters(three), boost::test_tools::per_element());
  for (std::size_t k = 0; k < 3; ++k) BOOST_TEST((three.points[k].w == whole.points[k].w));
}

BOOST_AUTO_TEST_CASE(a_branch_can_be_interrupted_between_steps) {
  int asked = 0;
  ContinuationOptions options;
  options.interrupted = [&asked] { return ++asked == 3; };
  const auto branch = follow_branch(pitchfork, number(1.0), {1.0, 2.0}, options);
  BOOST_TEST((branch.end == BranchEnd::interrupted));
  BOOST_TEST(branch.points.size() == 3U);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused) {
  const auto refused = [](const ContinuationOptions& options, double to = 2.0) {
    BOOST_CHECK_THROW(follow_branch(pitchfork, number(1.0), {1.0, to}, options),
                      std::invalid_argument);
  };
  refused({}, 1.0);
  refused({}, std::nan(""));
  refused({.tolerance = 0.0});
  refused({.null_rate = 0.0});
  refused({.scale = 0.0});
  refused({.first_step = 1e-7});
  refused({.first_step = 0.2});
  refused({.smallest_step = 0.0});
  refused({.step_limit = 0});
  refused({.fold_limit = -1});
  BOOST_CHECK_THROW(follow_branch(pitchfork, Eigen::VectorXd::Ones(2), {1.0, 2.0}),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <stdexcept>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/flow/any_flow.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "random_weights.hpp"
#include "reference_networks.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(any_flow)

using namespace popflow;
using namespace popflow::test;

static_assert(NetworkFlow<AnyFlow>);

BOOST_AUTO_TEST_CASE(any_flow_is_the_flow_that_it_holds) {
  const QuarticFlow quartic(lopsided_task({3, 4}), {Erf{}, -0.7, 0.8}, Loss::squared);
  const AnyFlow any = quartic;
  BOOST_TEST((any.layout() == quartic.layout()));
  const State u = any.state(random_weights(1, 12, 1));
  BOOST_TEST((any(u).values() == quartic(u).values()));
  BOOST_TEST(any.potential(u).value() == quartic.potential(u));
}

BOOST_AUTO_TEST_CASE(what_the_flow_has_not_is_left_out) {
  const Task task = lopsided_task({8});
  const Parameters start = random_parameters(Torus({8}), {}, 2, 2);
  const GradientFlow flow(GaussianGradient(task, {}, 2), start, {.bias_rate = 0.7});
  const AnyFlow any = flow;
  const State u = any.state(start);
  BOOST_TEST((any(u).values() == flow(u).values()));
  BOOST_TEST(!any.potential(u).has_value());
  BOOST_TEST(!any.neglected_terms(u).has_value());
}

BOOST_AUTO_TEST_CASE(a_copy_serves_while_the_original_is_gone) {
  AnyFlow original = QuarticFlow(lopsided_task({8}), {}, Loss::squared);
  const AnyFlow copy = original;
  const State u = copy.state(random_weights(1, 8, 3));
  const Eigen::VectorXd rate = original(u).values();
  const AnyFlow moved = std::move(original);
  BOOST_TEST((copy(u).values() == rate));
  BOOST_TEST((moved(u).values() == rate));
  BOOST_CHECK_THROW(original(u), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/flow/site_flow.hpp"

#include "allocation_count.hpp"
#include "random_weights.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(site_flow)

using namespace popflow;
using namespace popflow::test;

static_assert(Flow<SiteFlow<QuarticFlow>>);

namespace {

// Fields of order one on at most 12 sites, transformed there and back.
constexpr double rounding = 1e-14;

// Two neurons in Fourier space, each moved by the other: du_0 = 2 u_1, du_1 = tau u_0.
struct Exchange {
  int modes;

  Eigen::Index dimension() const { return Eigen::Index{4} * modes; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    dwdt.head(2 * modes) = 2.0 * w.tail(2 * modes);
    dwdt.tail(2 * modes) = tau * w.head(2 * modes);
  }
};

Eigen::VectorXd flat(const Weights& u) { return Eigen::Map<const Field>(u.data(), u.size()); }

}  // namespace

BOOST_AUTO_TEST_CASE(rate_is_that_in_fourier_space) {
  for (const std::vector<int>& shape : std::vector<std::vector<int>>{{7}, {8}, {3, 4}}) {
    QuarticFlow flow(lopsided_task(shape), {}, Loss::squared);
    SiteFlow sites(flow, flow.torus());
    BOOST_TEST(sites.dimension() == flow.torus().sites());
    FourierTransform fourier(flow.torus());
    const Weights u = random_weights(1, flow.torus().sites(), 1);
    Eigen::VectorXd dudt(sites.dimension()), dwdt(flow.dimension());
    sites(flat(u), dudt, 0.0);
    flow(state_of(fourier, u), dwdt, 0.0);
    BOOST_TEST((dudt - flat(weights_of(fourier, dwdt))).cwiseAbs().maxCoeff() < rounding);
  }
}

BOOST_AUTO_TEST_CASE(neurons_lie_one_after_another_and_time_is_passed_on) {
  const Torus torus({5});
  SiteFlow sites(Exchange{torus.half_modes()}, torus);
  BOOST_TEST(sites.neurons() == 2);
  BOOST_TEST(sites.dimension() == 10);
  const Weights u = random_weights(2, 5, 1);
  Weights expected(2, 5);
  expected << 2.0 * u.row(1), 3.0 * u.row(0);
  Eigen::VectorXd dudt(10);
  sites(flat(u), dudt, 3.0);
  BOOST_TEST((dudt - flat(expected)).cwiseAbs().maxCoeff() < rounding);
}

BOOST_AUTO_TEST_CASE(rate_allocates_nothing) {
  SiteFlow sites(QuarticFlow(lopsided_task({8}), {}, Loss::squared), Torus({8}));
  const Eigen::VectorXd u = flat(random_weights(1, 8, 1));
  Eigen::VectorXd dudt(8);
  const std::size_t before = allocation_count();
  sites(u, dudt, 0.0);
  BOOST_TEST(allocation_count() == before);
}

BOOST_AUTO_TEST_CASE(refuses_states_that_are_no_half_spectra) {
  const Torus torus({5});
  for (const int modes : {0, 1, 2, 4})
    BOOST_CHECK_THROW(SiteFlow(Exchange{modes}, torus), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

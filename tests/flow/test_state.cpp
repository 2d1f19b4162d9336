#include <cmath>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/flow/state.hpp"

#include "random_weights.hpp"
#include "reference_networks.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(state)

using namespace popflow;
using namespace popflow::test;

namespace {

// A transform of at most 12 numbers of order one, and back.
constexpr double rounding = 1e-14;

struct Case {
  Torus torus;
  Eigen::Index neurons;
  bool biases, second_layer;

  std::string text() const {
    return std::to_string(torus.rows()) + " x " + std::to_string(torus.columns()) +
           ", K = " + std::to_string(neurons) + (biases ? ", biases" : "") +
           (second_layer ? ", second layer" : "");
  }
  StateSpace space() const { return {torus, fixed(), biases, second_layer}; }
  Parameters fixed() const { return random_parameters(torus, {}, neurons, 1); }

  // Others than `fixed` in all that learns.
  Parameters parameters(std::uint64_t seed) const {
    Parameters result = random_parameters(torus, {}, neurons, seed);
    if (!biases) result.bias() = fixed().bias();
    if (!second_layer) result.second() = fixed().second();
    return result;
  }
};

std::vector<Case> cases() {
  std::vector<Case> result;
  for (const std::vector<int>& shape :
       std::vector<std::vector<int>>{{1}, {2}, {7}, {8}, {1, 8}, {3, 4}, {4, 3}, {2, 2}})
    for (const Eigen::Index neurons : {1, 3})
      for (const bool biases : {false, true})
        for (const bool second_layer : {false, true})
          result.push_back({Torus(shape), neurons, biases, second_layer});
  return result;
}

// Two neurons, each moved by the other: du_0 = 2 u_1, du_1 = tau u_0.
class Exchange : public NetworkFlowOf<Exchange> {
 public:
  explicit Exchange(const Torus& torus)
      : space_(torus, Parameters(2, torus.sites()), false, false) {}

  const StateSpace& space() const { return space_; }
  void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const {
    const Eigen::Index N = w.size() / 2;
    dwdt << 2.0 * w.tail(N), tau * w.head(N);
  }

 private:
  StateSpace space_;
};

// One number that falls off.
struct Decay {
  Eigen::Index dimension() const { return 1; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) const { dwdt = -w; }
};

static_assert(NetworkFlow<QuarticFlow> && NetworkFlow<Exchange> && !NetworkFlow<Decay>);
static_assert(VectorFlow<Decay> && !VectorFlow<QuarticFlow> && !VectorFlow<Exchange>);
static_assert(Flow<const QuarticFlow&> && Flow<Exchange> && Flow<Decay&>);
static_assert(std::is_same_v<StateOf<const QuarticFlow&>, State>);
static_assert(std::is_same_v<StateOf<Decay&>, Eigen::VectorXd>);

}  // namespace

BOOST_AUTO_TEST_CASE(parameters_and_state_are_inverse) {
  for (const Case& c : cases()) {
    const StateSpace space = c.space();
    const Parameters at = c.parameters(2);
    const State state = space.state(at);
    BOOST_TEST(state.values().size() == space.layout().size(), c.text());
    BOOST_TEST(space.layout().size() ==
                   c.neurons * (c.torus.sites() + int{c.biases} + int{c.second_layer}),
               c.text());
    const Parameters back = space.parameters(state);
    BOOST_TEST((back.first() - at.first()).cwiseAbs().maxCoeff() <= rounding, c.text());
    BOOST_TEST((back.bias() == at.bias()), c.text());
    BOOST_TEST((back.second() == at.second()), c.text());
    const State again = space.state(back);
    BOOST_TEST((again.values() - state.values()).cwiseAbs().maxCoeff() <= rounding, c.text());
  }
}

BOOST_AUTO_TEST_CASE(every_vector_is_a_state) {
  for (const Case& c : cases()) {
    const StateSpace space = c.space();
    const State state(space.layout(), random_values(space.layout().size(), 3));
    const Parameters at = space.parameters(state);
    BOOST_TEST((space.state(at).values() - state.values()).cwiseAbs().maxCoeff() <= rounding,
               c.text());
    if (!c.biases) BOOST_TEST((at.bias() == c.fixed().bias()), c.text());
    if (!c.second_layer) BOOST_TEST((at.second() == c.fixed().second()), c.text());
  }
}

BOOST_AUTO_TEST_CASE(the_norm_is_that_of_what_learns) {
  for (const Case& c : cases()) {
    const Parameters at = c.parameters(4);
    const double norm =
        std::sqrt(at.first().squaredNorm() + (c.biases ? at.bias().squaredNorm() : 0.0) +
                  (c.second_layer ? at.second().squaredNorm() : 0.0));
    const double found = c.space().state(at).values().norm();
    BOOST_TEST(std::abs(found - norm) <= rounding * norm, c.text() << ": " << found - norm);
  }
}

BOOST_AUTO_TEST_CASE(entries_are_neurons_then_biases_then_second_layer) {
  for (const Case& c : cases()) {
    const StateSpace space = c.space();
    const Parameters at = c.parameters(5);
    const State state = space.state(at);
    const Eigen::Index N = c.torus.sites(), K = c.neurons;
    for (Eigen::Index k = 0; k < K; ++k) {
      Field w(N);
      space.basis().from_sites(at.first().row(k).transpose(), w);
      BOOST_TEST((state.values().segment(k * N, N) == w), c.text());
    }
    if (c.biases) BOOST_TEST((state.values().segment(K * N, K) == at.bias()), c.text());
    if (c.second_layer) BOOST_TEST((state.values().tail(K) == at.second()), c.text());
  }
}

BOOST_AUTO_TEST_CASE(weights_alone_leave_the_rest_as_it_is_fixed) {
  for (const Case& c : cases()) {
    Parameters expected = c.fixed();
    expected.first() = c.parameters(6).first();
    const StateSpace space = c.space();
    BOOST_TEST((space.state(Weights(expected.first())).values() == space.state(expected).values()),
               c.text());
  }
}

BOOST_AUTO_TEST_CASE(a_new_state_is_zero) {
  for (const Case& c : cases()) {
    const State state(c.space().layout());
    BOOST_TEST(state.values().size() == state.layout().size(), c.text());
    BOOST_TEST(state.values().isZero(0.0), c.text());
  }
}

// Rates are linear in the same way; what is fixed is neither read nor written.
BOOST_AUTO_TEST_CASE(values_alone_leave_fixed_parameters_alone) {
  for (const Case& c : cases()) {
    const StateSpace space = c.space();
    const Parameters rate = random_parameters(c.torus, {}, c.neurons, 7);
    Parameters loaded = random_parameters(c.torus, {}, c.neurons, 8);
    const Parameters before = loaded;
    Eigen::VectorXd values(space.layout().size());
    space.store(rate, values);
    space.load(values, loaded);
    BOOST_TEST((loaded.first() - rate.first()).cwiseAbs().maxCoeff() <= rounding, c.text());
    BOOST_TEST((loaded.bias() == (c.biases ? rate : before).bias()), c.text());
    BOOST_TEST((loaded.second() == (c.second_layer ? rate : before).second()), c.text());
  }
}

BOOST_AUTO_TEST_CASE(rates_are_states_and_time_is_passed_on) {
  for (const auto& shape : {std::vector{5}, {3, 4}}) {
    const Exchange flow{Torus(shape)};
    const int sites = flow.torus().sites();
    BOOST_TEST(flow.dimension() == 2 * sites);
    const Weights u = random_weights(2, sites, 9);
    Weights expected(2, sites);
    expected << 2.0 * u.row(1), 3.0 * u.row(0);
    State rate(StateLayout{Torus({1})});  // takes the layout of the flow
    flow(flow.state(u), rate, 3.0);
    BOOST_TEST((rate.layout() == flow.layout()));
    BOOST_TEST((flow.weights(rate) - expected).cwiseAbs().maxCoeff() < rounding);
    BOOST_TEST((flow(flow.state(u), 3.0).values() == rate.values()));
  }
}

BOOST_AUTO_TEST_CASE(states_without_neurons_or_of_another_size_are_refused) {
  const StateLayout layout{Torus({3, 4}), 2, true, false};
  BOOST_TEST(layout.size() == 26);
  BOOST_CHECK_NO_THROW(State(layout, Eigen::VectorXd::Zero(26)));
  for (const int size : {0, 13, 24, 25, 27, 28})
    BOOST_CHECK_THROW(State(layout, Eigen::VectorXd::Zero(size)), std::invalid_argument);
  for (const int neurons : {0, -1}) {
    BOOST_CHECK_THROW(State(StateLayout{Torus({8}), neurons}), std::invalid_argument);
    BOOST_CHECK_THROW(State(StateLayout{Torus({8}), neurons}, Eigen::VectorXd(0)),
                      std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(parameters_that_do_not_fit_are_refused) {
  const Torus ring({8});
  BOOST_CHECK_THROW(StateSpace(ring, Parameters(0, 8), false, false), std::invalid_argument);
  BOOST_CHECK_THROW(StateSpace(ring, Parameters(2, 7), false, false), std::invalid_argument);
  const StateSpace space(ring, Parameters(2, 8), false, false);
  BOOST_CHECK_NO_THROW(space.state(Parameters(2, 8)));
  // The last has as many values.
  for (const auto& [hidden, sites] : {std::pair{1, 8}, {3, 8}, {2, 7}, {2, 9}, {4, 3}}) {
    BOOST_CHECK_THROW(space.state(Parameters(hidden, sites)), std::invalid_argument);
    BOOST_CHECK_THROW(space.state(Weights::Zero(hidden, sites).eval()), std::invalid_argument);
  }
  BOOST_CHECK_THROW(space.state(Weights::Zero(8, 2).eval()), std::invalid_argument);
}

// To the last bit.
BOOST_AUTO_TEST_CASE(biases_and_second_layers_that_are_fixed_otherwise_are_refused) {
  for (const Case& c : cases()) {
    const StateSpace space = c.space();
    const Eigen::Index last = c.neurons - 1;
    Parameters biased = c.parameters(10), weighted = biased;
    biased.bias()[last] = std::nextafter(biased.bias()[last], 2.0);
    weighted.second()[last] = std::nextafter(weighted.second()[last], 2.0);
    if (c.biases)
      BOOST_CHECK_NO_THROW(space.state(biased));
    else
      BOOST_CHECK_THROW(space.state(biased), std::invalid_argument);
    if (c.second_layer)
      BOOST_CHECK_NO_THROW(space.state(weighted));
    else
      BOOST_CHECK_THROW(space.state(weighted), std::invalid_argument);
  }
}

// Each has a layout of its own, most of them as many values as others.
BOOST_AUTO_TEST_CASE(states_of_another_layout_are_refused) {
  std::vector<StateLayout> layouts;
  for (const std::vector<int>& shape :
       std::vector<std::vector<int>>{{96}, {1, 96}, {96, 1}, {3, 32}, {32, 3}, {95}})
    for (const Eigen::Index neurons : {1, 2})
      for (const bool biases : {false, true})
        for (const bool second_layer : {false, true})
          layouts.push_back({Torus(shape), neurons, biases, second_layer});
  for (const StateLayout& own : layouts) {
    const StateSpace space(own.torus, Parameters(own.neurons, own.torus.sites()), own.biases,
                           own.second_layer);
    BOOST_CHECK((space.layout() == own));
    for (const StateLayout& other : layouts) {
      if (&other == &own) {
        BOOST_CHECK_NO_THROW(space.check(State(other)));
        BOOST_CHECK_NO_THROW(space.parameters(State(other)));
      } else {
        BOOST_CHECK_THROW(space.check(State(other)), std::invalid_argument);
        BOOST_CHECK_THROW(space.parameters(State(other)), std::invalid_argument);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(flows_refuse_the_states_of_others) {
  const Neuron neuron{Erf{}, -0.7, 0.8};
  const QuarticFlow flow(lopsided_task({12}), neuron, Loss::squared);
  for (const StateLayout& other : {StateLayout{Torus({3, 4})},
                                   {Torus({1, 12})},
                                   {Torus({12}), 2},
                                   {Torus({11})},
                                   {Torus({12}), 1, true},
                                   {Torus({12}), 1, false, true}}) {
    const State state(other);
    State rate = state;
    BOOST_CHECK_THROW(flow(state), std::invalid_argument);
    BOOST_CHECK_THROW(flow(state, rate), std::invalid_argument);
    BOOST_CHECK_THROW(flow.potential(state), std::invalid_argument);
    BOOST_CHECK_THROW(flow.neglected_terms(state), std::invalid_argument);
    BOOST_CHECK_THROW(flow.parameters(state), std::invalid_argument);
    BOOST_CHECK_THROW(flow.weights(state), std::invalid_argument);
  }
  const Weights u = random_weights(1, 12, 11);
  BOOST_CHECK_NO_THROW(flow.state(parameters_of(neuron, u)));
  for (const Neuron& other : {Neuron{Erf{}, -0.6, 0.8}, {Erf{}, -0.7, 0.9}})
    BOOST_CHECK_THROW(flow.state(parameters_of(other, u)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

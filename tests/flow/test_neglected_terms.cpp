// How large the terms are that the expansions neglect.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/flow/any_flow.hpp"
#include "popflow/flow/closed_form_gradient.hpp"
#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/lattice/quadrature.hpp"
#include "popflow/training/orbit_gradient.hpp"

#include "log_slope.hpp"
#include "naive_quartic_flow.hpp"
#include "one_neuron_reference.hpp"
#include "scaled_cumulant.hpp"

BOOST_AUTO_TEST_SUITE(neglected_terms)

using namespace popflow;
using namespace popflow::test;

static_assert(Expansion<QuarticFlow, State>);
static_assert(Expansion<GradientFlow<EdgeworthGradient>, State>);
static_assert(!Expansion<GradientFlow<GaussianGradient>, State>);
static_assert(Expansion<EdgeworthGradient, Parameters>);
static_assert(!Expansion<KurtosisGradient, Parameters>);
static_assert(!Expansion<GaussianGradient, Parameters>);

namespace {

const std::vector<std::vector<int>> shapes{{7}, {8}, {3, 4}};

// Ratios of sums of at most 12^4 products of numbers of order one.
constexpr double rounding = 1e-11;

double neglected_at(const QuarticFlow& flow, const Field& u) {
  return flow.neglected_terms(flow.state(u.transpose()));
}

// E f' over lambda ~ N(0, Q), f = d loss / d lambda, by Gauss-Legendre rules of 12 nodes on 48
// pieces and Stein's lemma, E f' = E[lambda f] / Q.
double mean_slope(const Neuron& neuron, Loss loss, double label, double Q) {
  static const QuadratureRule rule = gauss_legendre(12, 0.0, 1.0);
  constexpr int pieces = 48;
  double sum = 0.0;
  for (int piece = 0; piece < pieces; ++piece)
    for (Eigen::Index m = 0; m < rule.nodes.size(); ++m) {
      const double xi = -10.0 + 20.0 * (piece + rule.nodes[m]) / pieces;
      const auto s = derivatives(neuron.activation, std::sqrt(Q) * xi + neuron.bias);
      const double v = neuron.second_layer, f = loss_slope(loss, v * s[0], label) * v * s[1];
      sum += 20.0 / pieces * rule.weights[m] * std::exp(-0.5 * xi * xi) /
             std::sqrt(2.0 * std::acos(-1.0)) * xi * f;
    }
  return sum / std::sqrt(Q);
}

// (Eq. 115) of Gaussian inputs by its definition: E[x f] = C u E f', and orders told apart by
// A2 = f'(0) and A4 = f'''(0).
double of_gaussian_inputs(const Task& task, const Neuron& neuron, Loss loss, const Field& u) {
  Field whole = Field::Zero(u.size()), first = whole, third = whole;
  for (const TaskClass& c : task) {
    const Field Cu = filtered(c.input, u);
    const double Q = u.dot(Cu), p = c.probability;
    const auto [A2, A4] = quartic_expansion(neuron, loss, c.label);
    whole += p * mean_slope(neuron, loss, c.label, Q) * Cu;
    first += p * A2 * Cu;
    third += p * A4 / 2.0 * Q * Cu;
  }
  return (whole - first - third).norm() / (first.norm() + third.norm());
}

// First-layer part of a gradient, as one vector.
template <class Gradient>
Eigen::VectorXd first_layer(Gradient gradient, const Parameters& at) {
  return gradient_at(gradient, at).head(at.first().size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_the_quartic_flow_are_what_a_slow_quadrature_leaves_over) {
  for (const auto& shape : shapes) {
    const Task task = gaussian_clones(lopsided_task(shape));
    for (const auto& [neuron_name, neuron] : reference_neurons())
      for (const Loss loss : {Loss::squared, Loss::correlation})
        for (const double scale : {0.3, 1.0, 3.0}) {
          const Field u = scale * random_unit_vector(lattice_of(task).sites(), 3);
          const double error = neglected_at(QuarticFlow(task, neuron, loss), u) -
                               of_gaussian_inputs(task, neuron, loss, u);
          BOOST_TEST(std::abs(error) <= rounding,
                     neuron_name << ", " << name(loss) << ", |u| = " << scale << ": " << error);
        }
  }
}

// The closure stands for the neuron where inputs are not Gaussian; orders in u by the naive flow.
BOOST_AUTO_TEST_CASE(of_the_quartic_flow_are_what_the_kurtosis_closure_leaves_over) {
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    const Neuron neuron{Erf{}, -0.7, 0.8};
    for (const double scale : {0.5, 1.0, 2.0}) {
      const Parameters at = one_neuron(lattice_of(task), neuron, scale, 5);
      const Field u = at.values.head(at.sites());
      const NaiveQuarticFlow naive(task, neuron, Loss::squared);
      // rate(s u) = s first + s^3 third.
      const Field once = naive.rate(u), twice = naive.rate(2.0 * u);
      const Field third = (twice - 2.0 * once) / 6.0, first = once - third;
      const KurtosisGradient closure(task, {neuron.activation, Loss::squared},
                                     scaled_cumulants(task));
      const double expected =
          (first_layer(closure, at) + once).norm() / (first.norm() + third.norm());
      const double error = neglected_at(QuarticFlow(task, neuron, Loss::squared), u) - expected;
      BOOST_TEST(std::abs(error) <= rounding, "|u| = " << scale << ": " << error);
    }
  }
}

BOOST_AUTO_TEST_CASE(of_the_quartic_flow_are_of_fourth_order_in_the_weights) {
  for (const auto& [neuron_name, neuron] : reference_neurons())
    for (const Task& task : {lopsided_task({8}), gaussian_clones(lopsided_task({8}))}) {
      const QuarticFlow flow(task, neuron, Loss::squared);
      std::vector<double> size, terms;
      for (const double scale : {0.04, 0.05, 0.06, 0.08}) {
        size.push_back(scale);
        terms.push_back(neglected_at(flow, scale * random_unit_vector(8, 4)));
      }
      // The next order, |u|^2 = 0.006 of this one, moves the slope by about twice as much.
      BOOST_TEST(std::abs(log_slope(size, terms) - 4.0) < 0.1,
                 neuron_name << ": " << log_slope(size, terms));
    }
}

BOOST_AUTO_TEST_CASE(of_the_quartic_flow_vanish_where_it_is_exact) {
  const std::vector<NamedNeuron> exact{{"linear", {linear(), 0.3, 1.2}},
                                       {"quadratic", {Polynomial{{0.2, 0.7, -0.3}}, 0.6, 1.4}}};
  for (const auto& shape : shapes)
    for (const auto& [neuron_name, neuron] : exact)
      for (const double scale : {0.1, 1.0, 10.0}) {
        const QuarticFlow flow(lopsided_task(shape), neuron, Loss::squared);
        const double terms =
            neglected_at(flow, scale * random_unit_vector(flow.torus().sites(), 6));
        BOOST_TEST(terms <= rounding, neuron_name << ", |u| = " << scale << ": " << terms);
      }
  BOOST_TEST(neglected_at(QuarticFlow(lopsided_task({8}), {}, Loss::squared), Field::Zero(8)) ==
             0.0);
}

// Against samples and all their shifts: what the flow really leaves out.
BOOST_AUTO_TEST_CASE(of_the_quartic_flow_say_how_far_its_gradient_is_from_the_neurons) {
  const Task task = two_lengths({20}, 3.0, 4.0, 1.0);
  const Neuron neuron{Erf{}, -1.0, 1.0};
  const QuarticFlow flow(task, neuron, Loss::squared);
  const auto rate = [&flow](const Field& u) -> Field {
    return flow.weights(flow(flow.state(u.transpose()))).row(0).transpose();
  };
  OrbitGradient orbit(task, {neuron.activation, Loss::squared}, 1, {40'000, 3, 0});
  for (const double scale : {0.7, 1.0, 1.5}) {
    const Parameters at = one_neuron(flow.torus(), neuron, scale, 7);
    const Field u = at.values.head(at.sites());
    const Field once = rate(u), twice = rate(2.0 * u);
    const Field third = (twice - 2.0 * once) / 6.0, first = once - third;
    const Field whole = orbit.gradient(at, 0).values.head(at.sites());
    const double actual = (whole + once).norm() / (first.norm() + third.norm());
    const double stated = neglected_at(flow, u);
    BOOST_TEST_MESSAGE("|u| = " << scale << ": " << stated << ", actually " << actual);
    BOOST_TEST(stated > 0.5 * actual, "|u| = " << scale << ": " << stated << ", " << actual);
    BOOST_TEST(stated < 2.0 * actual, "|u| = " << scale << ": " << stated << ", " << actual);
  }
}

// The correction over the gradient or its slope, from gradients that are tested by themselves.
BOOST_AUTO_TEST_CASE(of_the_edgeworth_flow_are_the_terms_in_the_cumulant) {
  const Network network{Erf{}, Loss::squared};
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    Parameters at(2, lattice_of(task).sites());
    at.first().row(0) = 0.9 * random_unit_vector(at.sites(), 8).transpose();
    at.first().row(1) = 1.3 * random_unit_vector(at.sites(), 9).transpose();
    at.bias() << -0.7, 0.4;
    at.second() << 0.8, -1.1;
    const auto of_size = [&at](double s) {
      Parameters other = at;
      other.first() *= s;
      return other;
    };
    const GaussianGradient gaussian(task, network, 2);
    EdgeworthGradient edgeworth(task, network, 2, scaled_cumulants(task));
    const Eigen::VectorXd whole = first_layer(edgeworth, at);
    // Exact to fourth order in the step.
    const Eigen::VectorXd slope =
        (8.0 * (first_layer(edgeworth, of_size(1.01)) - first_layer(edgeworth, of_size(0.99))) -
         first_layer(edgeworth, of_size(1.02)) + first_layer(edgeworth, of_size(0.98))) /
        0.12;
    const double expected =
        (whole - first_layer(gaussian, at)).norm() / std::max(whole.norm(), slope.norm());
    BOOST_TEST(edgeworth.neglected_terms(at) == expected, boost::test_tools::tolerance(1e-5));
    const Task clones = gaussian_clones(task);
    BOOST_TEST(
        EdgeworthGradient(clones, network, 2, scaled_cumulants(clones)).neglected_terms(at) == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(of_a_closed_form_gradient_are_those_of_what_it_holds) {
  const Task task = lopsided_task({8});
  const Network network{Erf{}, Loss::squared};
  const Parameters at = one_neuron(lattice_of(task), {Erf{}, -0.7, 0.8}, 1.0, 5);
  EdgeworthGradient edgeworth(task, network, 1, scaled_cumulants(task));
  BOOST_TEST(ClosedFormGradient(edgeworth).neglected_terms(at).value() ==
             edgeworth.neglected_terms(at));
  BOOST_TEST(
      !ClosedFormGradient(GaussianGradient(task, network, 1)).neglected_terms(at).has_value());
}

BOOST_AUTO_TEST_CASE(of_any_flow_are_those_of_what_it_holds) {
  const Task task = lopsided_task({8});
  const Neuron neuron{Erf{}, -0.7, 0.8};
  const Network network{neuron.activation, Loss::squared};
  const Parameters at = one_neuron(lattice_of(task), neuron, 1.0, 5);
  const QuarticFlow quartic(task, neuron, Loss::squared);
  const State u = quartic.state(at);
  BOOST_TEST(AnyFlow(quartic).neglected_terms(u).value() == quartic.neglected_terms(u));
  const EdgeworthGradient edgeworth(task, network, 1, scaled_cumulants(task));
  const Learning learning{.bias_rate = 0.7, .second_layer_rate = 0.0};
  const AnyFlow expansion(GradientFlow(edgeworth, at, learning));
  BOOST_TEST(
      expansion.neglected_terms(expansion.state(at)).value() == edgeworth.neglected_terms(at),
      boost::test_tools::tolerance(1e-9));
  const AnyFlow none(GradientFlow(GaussianGradient(task, network, 1), at, learning));
  BOOST_TEST(!none.neglected_terms(none.state(at)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

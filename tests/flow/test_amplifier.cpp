#include <cmath>
#include <limits>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/amplifier.hpp"
#include "popflow/flow/conditional_gradient.hpp"

#include "one_neuron_reference.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(lsg_amplifier)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

const double twice_peak = std::sqrt(2.0 / std::acos(-1.0));

PointwiseField field(double gain) { return *Input(nlgp({8}, gain, 2.0)).pointwise(); }

const PointwiseField gaussian{Field::Ones(1), 0.0, 1.0};

// The task of [LSG24]: labels 0 and 1.
Task zero_and_one(double gain) {
  return {{0.0, 0.5, nlgp({9}, gain, 0.8)}, {1.0, 0.5, nlgp({9}, gain, 2.0)}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(gaussian_amplifier_is_linear) {
  for (const double a : {-1.0, -0.999999, -0.3, 0.0, 1e-9, 0.5, 0.99, 0.99999999, 1.0})
    BOOST_TEST(std::abs(amplifier(gaussian, a) - twice_peak * a) <= 1e-13, a);
}

BOOST_AUTO_TEST_CASE(sign_amplifier_is_an_erf) {
  for (const double a : {-1.0, -0.9, 0.0, 0.3, 0.99, 1.0}) {
    const double exact = std::erf(a / std::sqrt(2.0 * (1.0 - a * a)));
    for (const double gain : {infinity, std::numeric_limits<double>::max(), 1e18})
      BOOST_TEST(std::abs(amplifier(field(gain), a) - exact) <= 1e-14, a);
  }
}

BOOST_AUTO_TEST_CASE(limits_of_the_gain_are_those_fields) {
  for (const double a : {0.2, 0.9}) {
    BOOST_TEST(std::abs(amplifier(field(1e-4), a) - amplifier(gaussian, a)) <= 1e-8);
    BOOST_TEST(std::abs(amplifier(field(1e6), a) - amplifier(field(infinity), a)) <= 1e-5);
  }
}

// Two amplitudes remove the linear term; what is left beyond the cubic one is of order a^2 of it.
BOOST_AUTO_TEST_CASE(cubic_coefficient_is_minus_a_sixth_of_the_excess_kurtosis) {
  for (const double gain : {0.5, 1.0, 3.0, 10.0, infinity}) {
    const double kurtosis = nlgp({8}, gain, 2.0).four_point(0, 0, 0) - 3.0;
    const auto cubic = [gain](double a) {
      return (amplifier(field(gain), 2.0 * a) - 2.0 * amplifier(field(gain), a)) /
             (6.0 * a * a * a);
    };
    // Richardson's extrapolation leaves a^4.
    const double h = 0.02, found = (4.0 * cubic(0.5 * h) - cubic(h)) / 3.0;
    BOOST_TEST(std::abs(found + twice_peak * kurtosis / 6.0) <= 1e-6,
               "gain " << gain << ": " << found);
    BOOST_TEST(std::abs(amplifier(field(gain), 1e-4) / 1e-4 - twice_peak) <= 1e-8);
  }
}

BOOST_AUTO_TEST_CASE(ends_at_the_mean_magnitude) {
  for (const double gain : {0.5, 3.0, 10.0}) {
    const PointwiseField psi = field(gain);
    const double end = amplifier(psi, 1.0);
    BOOST_TEST(amplifier(psi, -1.0) == -end);
    // The slope at the end is finite for every law that has a density at 0.
    BOOST_TEST(std::abs(amplifier(psi, 1.0 - 1e-12) - end) <= 1e-11);
    SampleMeans means(1);
    RandomStream stream(1, Purpose::evaluation, 0);
    Field z(sample_count(100'000));
    stream.fill_normal(z);
    for (const double value : z) means.add(Eigen::ArrayXd::Constant(1, std::abs(psi(value))));
    check_means(means, Eigen::ArrayXd::Constant(1, end));
  }
}

BOOST_AUTO_TEST_CASE(scale_does_not_matter) {
  PointwiseField scaled = field(3.0);
  scaled.scale = 0.3;
  for (const double a : {0.1, -0.8, 1.0})
    BOOST_TEST(std::abs(amplifier(scaled, a) - amplifier(field(3.0), a)) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(relu_neuron_flows_by_the_amplifier) {
  for (const double gain : {0.5, 3.0, 10.0, infinity}) {
    const Task task = zero_and_one(gain);
    const Parameters at = one_neuron(lattice_of(task), {Relu{}, 0.0, 1.0}, 0.7, 2);
    const Field u = at.values.head(at.sites());
    const Field C0u = filtered(task[0].input, u), C1u = filtered(task[1].input, u);
    const double root_Q = std::sqrt(u.dot(C1u));
    const Eigen::VectorXd gradient =
        gradient_at(ConditionalGradient(task, {Relu{}, Loss::squared}), at);
    for (Eigen::Index i = 0; i < u.size(); ++i) {
      const double rate = 0.25 * (amplifier(field(gain), C1u[i] / root_Q) - C0u[i] - C1u[i]);
      BOOST_TEST(std::abs(gradient[i] + rate) <= 1e-12, "gain " << gain << ", site " << i);
    }
  }
}

// The gradient (phi - y) sigma'(lambda) x itself, for inputs for which the closure is exact; and of
// its part of the label 0 for others too.
BOOST_AUTO_TEST_CASE(relu_neuron_flows_as_sampled) {
  for (const bool clone : {true, false}) {
    Task task = clone ? gaussian_clones(zero_and_one(3.0)) : zero_and_one(3.0);
    const Parameters at = one_neuron(lattice_of(task), {Relu{}, 0.0, 1.0}, 0.7, 3);
    const Field u = at.values.head(at.sites());
    const Field C0u = filtered(task[0].input, u), C1u = filtered(task[1].input, u);
    const Eigen::Index n = u.size();
    SampleMeans means(clone ? 2 * n : n);
    Field x(n);
    for (int sample = 0; sample < sample_count(20'000); ++sample) {
      Eigen::ArrayXd gradient = Eigen::ArrayXd::Zero(clone ? 2 * n : n);
      for (std::size_t c = 0; c < (clone ? 2U : 1U); ++c) {
        RandomStream stream(4, Purpose::evaluation, static_cast<std::uint64_t>(sample),
                            static_cast<std::uint32_t>(c));
        task[c].input.sample(stream, x);
        const double lambda = u.dot(x);
        if (lambda > 0.0)
          gradient.segment(static_cast<Eigen::Index>(c) * n, n) = (lambda - task[c].label) * x;
      }
      means.add(gradient);
    }
    Eigen::ArrayXd exact(clone ? 2 * n : n);
    exact.head(n) = 0.5 * C0u;
    if (clone)
      for (Eigen::Index i = 0; i < n; ++i)
        exact[n + i] = 0.5 * (C1u[i] - amplifier(gaussian, C1u[i] / std::sqrt(u.dot(C1u))));
    check_means(means, exact);
  }
}

BOOST_AUTO_TEST_CASE(correlations_beyond_1_throw) {
  for (const double bad : {-1.1, 1.0 + 1e-15, infinity, std::nan("")})
    BOOST_CHECK_THROW(amplifier(gaussian, bad), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

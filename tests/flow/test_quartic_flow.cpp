#include <cmath>
#include <complex>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/flow.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/zero_cumulant.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "direct_fourier.hpp"
#include "naive_quartic_flow.hpp"
#include "random_weights.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(quartic_flow)

using namespace popflow;
using namespace popflow::test;

static_assert(PotentialFlow<QuarticFlow>);

namespace {

// Weights and moments are of order one, and every tested quantity is a sum of at most 12^4 products
// of them whose rounding errors, 1e-16 each, mostly average out; transforms and the order of
// summation differ between the two sides.
constexpr double rounding = 1e-11;

const std::vector<std::vector<int>> shapes{{7}, {8}, {3, 4}};

std::string text(const std::vector<int>& shape) {
  return shape.size() == 1 ? "ring " + std::to_string(shape[0])
                           : std::to_string(shape[0]) + " x " + std::to_string(shape[1]);
}

// A flow seen from real space: fields in, fields out.
struct RealSpace {
  explicit RealSpace(QuarticFlow flow_in) : flow(std::move(flow_in)) {}

  State state(const Field& u) const { return flow.state(u.transpose()); }

  Field rate(const Field& u) const { return flow.weights(flow(state(u))).row(0).transpose(); }

  double potential(const Field& u) const { return flow.potential(state(u)); }

  QuarticFlow flow;
};

Field random_field(const Torus& torus, std::uint64_t seed, double scale = 1.0) {
  return random_weights(1, torus.sites(), seed, scale).row(0).transpose();
}

double largest(const Field& field) { return field.cwiseAbs().maxCoeff(); }

Field cosine(const Torus& torus, int mode, double phase) {
  Field wave(torus.sites());
  for (int j = 0; j < torus.sites(); ++j)
    wave[j] = (std::polar(1.0, phase) * plane_wave(torus, mode, j)).real();
  return wave;
}

// For every lattice, activation and loss: check(task, neuron, loss, description).
void for_every_case(
    const std::function<void(const Task&, const Neuron&, Loss, const std::string&)>& check) {
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    for (const auto& [neuron_name, neuron] : reference_neurons())
      for (const Loss loss : losses)
        check(labelled_for(loss, task), neuron, loss,
              text(shape) + ", " + neuron_name + ", " + name(loss));
  }
}

std::vector<CumulantOperator> cumulant_tables(const Task& task) {
  std::vector<CumulantOperator> tables;
  for (const TaskClass& c : task) tables.push_back(CumulantTable(fourth_cumulant(c.input)));
  return tables;
}

}  // namespace

// The potential is a polynomial of degree 4 in every weight, for which the five-point difference is
// exact at any step: what is left is rounding.
BOOST_AUTO_TEST_CASE(rate_is_minus_the_gradient_of_the_potential_over_sites) {
  constexpr double step = 0.25;
  for_every_case([](const Task& task, const Neuron& neuron, Loss loss, const std::string& where) {
    RealSpace flow(QuarticFlow(task, neuron, loss));
    const Field u = random_field(flow.flow.torus(), 1);
    const auto along = [&flow, &u](Eigen::Index site, double distance) {
      Field moved = u;
      moved[site] += distance;
      return flow.potential(moved);
    };
    Field gradient(u.size());
    for (Eigen::Index i = 0; i < u.size(); ++i)
      gradient[i] = (8.0 * (along(i, step) - along(i, -step)) -
                     (along(i, 2.0 * step) - along(i, -2.0 * step))) /
                    (12.0 * step);
    const double error = largest(flow.rate(u) + gradient);
    BOOST_TEST(error <= rounding, where << ": " << error);
  });
}

BOOST_AUTO_TEST_CASE(potential_is_the_sum_over_sites) {
  for_every_case([](const Task& task, const Neuron& neuron, Loss loss, const std::string& where) {
    RealSpace flow(QuarticFlow(task, neuron, loss));
    const Field u = random_field(flow.flow.torus(), 2);
    const double error = flow.potential(u) - NaiveQuarticFlow(task, neuron, loss).potential(u);
    BOOST_TEST(std::abs(error) <= rounding, where << ": " << error);
  });
}

BOOST_AUTO_TEST_CASE(rate_is_the_sum_over_sites) {
  for_every_case([](const Task& task, const Neuron& neuron, Loss loss, const std::string& where) {
    RealSpace flow(QuarticFlow(task, neuron, loss));
    const Field u = random_field(flow.flow.torus(), 3);
    const double error = largest(flow.rate(u) - NaiveQuarticFlow(task, neuron, loss).rate(u));
    BOOST_TEST(error <= rounding, where << ": " << error);
  });
}

// The only test that knows the inputs by their samples instead of their moments.
BOOST_AUTO_TEST_CASE(potential_is_the_population_mean_of_the_expanded_loss) {
  constexpr int samples = sample_count(200'000);
  const Neuron neuron{Erf{}, -0.7, 0.8};
  for (const auto& shape : shapes) {
    Task task = lopsided_task(shape);
    RealSpace flow(QuarticFlow(task, neuron, Loss::squared));
    const Field u = random_field(flow.flow.torus(), 4);
    Field x(u.size());
    SampleMeans means(1);
    for (int n = 0; n < samples; ++n) {
      double loss = 0.0;  // averaged over the classes, each with its own sample
      for (std::size_t c = 0; c < task.size(); ++c) {
        const auto [A2, A4] = quartic_expansion(neuron, Loss::squared, task[c].label);
        RandomStream stream(5, Purpose::evaluation, n, static_cast<std::uint32_t>(c));
        task[c].input.sample(stream, x);
        const double square = std::pow(u.dot(x), 2);
        loss += task[c].probability * (A2 / 2.0 * square + A4 / 24.0 * square * square);
      }
      means.add(Eigen::ArrayXd::Constant(1, loss));
    }
    check_means(means, Eigen::ArrayXd::Constant(1, flow.potential(u)));
  }
}

BOOST_AUTO_TEST_CASE(shifted_weights_flow_like_the_weights_shifted) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    RealSpace flow(QuarticFlow(lopsided_task(shape), {Erf{}, -0.7, 0.8}, Loss::squared));
    const Field u = random_field(torus, 6), rate = flow.rate(u);
    for (int a = 0; a < torus.sites(); ++a) {
      const double error = largest(flow.rate(shifted(torus, u, a)) - shifted(torus, rate, a));
      BOOST_TEST(error <= rounding, text(shape) << ", shift " << a << ": " << error);
    }
  }
}

BOOST_AUTO_TEST_CASE(reflected_weights_flow_like_the_weights_reflected) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    RealSpace flow(QuarticFlow(lopsided_task(shape), {Erf{}, -0.7, 0.8}, Loss::squared));
    const Field u = random_field(torus, 7), rate = flow.rate(u);
    const auto mirrored = [&torus](const Field& field, int down, int right) {
      Field result(field.size());
      for (int i = 0; i < torus.sites(); ++i) {
        const auto [row, column] = torus.coordinates(i);
        result[torus.site(down * row, right * column)] = field[i];
      }
      return result;
    };
    for (const auto& [down, right] : {std::pair{1, -1}, {-1, 1}, {-1, -1}}) {
      const double error =
          largest(flow.rate(mirrored(u, down, right)) - mirrored(rate, down, right));
      BOOST_TEST(error <= rounding, text(shape) << ", " << down << right << ": " << error);
    }
  }
}

BOOST_AUTO_TEST_CASE(weights_of_opposite_sign_flow_oppositely) {
  RealSpace flow(QuarticFlow(lopsided_task({8}), {Erf{}, -0.7, 0.8}, Loss::squared));
  const Field u = random_field(flow.flow.torus(), 8);
  BOOST_TEST((flow.rate(-u) == -flow.rate(u)));
  BOOST_TEST(flow.potential(-u) == flow.potential(u));
}

// The rate is an odd polynomial of degree 3 in the weights: from two amplitudes its linear part
// follows without error.
BOOST_AUTO_TEST_CASE(growth_rate_is_the_linearised_rate_of_every_mode) {
  for_every_case([](const Task& task, const Neuron& neuron, Loss loss, const std::string& where) {
    RealSpace flow(QuarticFlow(task, neuron, loss));
    const Torus& torus = flow.flow.torus();
    const Field half = growth_rate(task, neuron, loss);
    BOOST_TEST(half.size() == torus.half_modes());
    const Field mu = full_spectrum(torus, half);
    for (int q = 0; q < torus.sites(); ++q)
      for (const double phase : {0.0, 0.9}) {
        const Field wave = cosine(torus, q, phase);
        const Field linear = (8.0 * flow.rate(wave) - flow.rate(2.0 * wave)) / 6.0;
        const double error = largest(linear - mu[q] * wave);
        BOOST_TEST(error <= rounding, where << ", mode " << q << ": " << error);
      }
  });
}

BOOST_AUTO_TEST_CASE(simple_model_starts_to_learn_between_biases_one_half_and_one) {
  const Task task = two_lengths({100}, 3.0, 8.0, 1.0);
  BOOST_TEST(growth_rate(task, {Erf{}, -1.0, 1.0}, Loss::squared).maxCoeff() > 0.0);
  BOOST_TEST(growth_rate(task, {Erf{}, -0.5, 1.0}, Loss::squared).maxCoeff() < 0.0);
}

// A table of 4096 sites would take 512 GiB.
BOOST_AUTO_TEST_CASE(gaussian_inputs_need_no_table) {
  const Task task = gaussian_clones(two_lengths({4096}, 3.0, 8.0, 1.0));
  const Neuron neuron{Erf{}, -1.0, 1.0};
  RealSpace flow(QuarticFlow(task, neuron, Loss::squared));
  const Torus& torus = flow.flow.torus();
  const int n = torus.sites();
  const Field u = random_field(torus, 9);
  Field expected = Field::Zero(n);
  double potential = 0.0;
  for (const TaskClass& c : task) {
    const auto [A2, A4] = quartic_expansion(neuron, Loss::squared, c.label);
    const Field covariance = c.input.covariance();
    Field Cu = Field::Zero(n);
    for (int i = 0; i < n; ++i)
      for (int a = 0; a < n; ++a) Cu[i] += covariance[a] * u[torus.add(i, a)];
    const double Q = u.dot(Cu);
    expected -= c.probability * (A2 + 0.5 * A4 * Q) * Cu;
    potential += c.probability * (0.5 * A2 * Q + 0.125 * A4 * Q * Q);
  }
  BOOST_TEST(largest(flow.rate(u) - expected) <= rounding);
  BOOST_TEST(std::abs(flow.potential(u) - potential) <= rounding);
}

BOOST_AUTO_TEST_CASE(cumulants_too_large_for_memory_throw) {
  BOOST_CHECK_THROW(QuarticFlow(two_lengths({4096}, 3.0, 8.0, 1.0), {}, Loss::squared),
                    std::length_error);
}

BOOST_AUTO_TEST_CASE(table_and_band_limited_operators_give_the_same_flow) {
  const Neuron neuron{Erf{}, -0.7, 0.8};
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    RealSpace table(QuarticFlow(task, neuron, Loss::squared, cumulant_tables(task)));
    RealSpace band(QuarticFlow(task, neuron, Loss::squared, 0.0));
    const Field u = random_field(table.flow.torus(), 10);
    BOOST_TEST(largest(table.rate(u) - band.rate(u)) <= rounding);
    BOOST_TEST(std::abs(table.potential(u) - band.potential(u)) <= rounding);
  }
}

BOOST_AUTO_TEST_CASE(operators_belong_to_classes_in_order) {
  const Task task = lopsided_task({8});
  const Neuron neuron{Erf{}, -0.7, 0.8};
  std::vector<CumulantOperator> swapped = cumulant_tables(task);
  std::swap(swapped[0], swapped[1]);
  RealSpace right(QuarticFlow(task, neuron, Loss::squared, cumulant_tables(task)));
  RealSpace wrong(QuarticFlow(task, neuron, Loss::squared, swapped));
  const Field u = random_field(right.flow.torus(), 11);
  BOOST_TEST(largest(right.rate(u) - wrong.rate(u)) > 1e-3);
}

BOOST_AUTO_TEST_CASE(truncation_is_that_of_the_operators) {
  constexpr double truncation = 1e-2;
  const Task task = two_lengths({16}, 3.0, 4.0, 2.0);
  const Neuron neuron{Erf{}, -1.0, 1.0};
  std::vector<CumulantOperator> operators;
  for (const TaskClass& c : task)
    operators.push_back(BandLimitedCumulant(CumulantTable(fourth_cumulant(c.input)), truncation));
  RealSpace given(QuarticFlow(task, neuron, Loss::squared, operators));
  RealSpace truncated(QuarticFlow(task, neuron, Loss::squared, truncation));
  RealSpace exact(QuarticFlow(task, neuron, Loss::squared, 0.0));
  const Field u = random_field(exact.flow.torus(), 12);
  BOOST_TEST((truncated.rate(u) == given.rate(u)));
  BOOST_TEST(largest(truncated.rate(u) - exact.rate(u)) > rounding);  // something is left out
}

BOOST_AUTO_TEST_CASE(exact_cumulant_of_a_gaussian_input_is_zero) {
  const Torus torus({8});
  const auto u = FourierTransform(torus).forward(random_field(torus, 13));
  Spectrum out = Spectrum::Ones(u.size());
  exact_cumulant(gaussian_clone(nlgp({8}, 3.0, 2.0))).contract(u, out);
  BOOST_TEST(out.isZero(0.0));
  exact_cumulant(nlgp({8}, 3.0, 2.0)).contract(u, out);
  BOOST_TEST(out.norm() > 0.1);
}

BOOST_AUTO_TEST_CASE(a_copy_flows_alike_and_on_its_own) {
  const Neuron neuron{Erf{}, -0.7, 0.8};
  QuarticFlow flow(lopsided_task({8}), neuron, Loss::squared);
  RealSpace original(flow), copy(original.flow);
  const Field u = random_field(flow.torus(), 14), other = random_field(flow.torus(), 15);
  const Field expected = original.rate(u);
  copy.rate(other);
  BOOST_TEST((copy.rate(u) == expected));
  BOOST_TEST((original.rate(u) == expected));
}

BOOST_AUTO_TEST_CASE(operators_of_wrong_number_or_lattice_throw) {
  const Task task = two_lengths({8}, 3.0, 2.0, 1.0);
  const auto flow_with = [&task](std::vector<CumulantOperator> cumulants) {
    QuarticFlow(task, {}, Loss::squared, std::move(cumulants));
  };
  const ZeroCumulant here(Torus({8})), elsewhere(Torus({9})), folded(Torus({1, 8}));
  BOOST_CHECK_NO_THROW(flow_with({here, here}));
  BOOST_CHECK_THROW(flow_with({}), std::invalid_argument);
  BOOST_CHECK_THROW(flow_with({here}), std::invalid_argument);
  BOOST_CHECK_THROW(flow_with({here, here, here}), std::invalid_argument);
  BOOST_CHECK_THROW(flow_with({here, elsewhere}), std::invalid_argument);
  BOOST_CHECK_THROW(flow_with({folded, here}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(bad_tasks_throw) {
  const Input input = nlgp({8}, 3.0, 2.0);
  for (const Task& task :
       {Task{}, Task{{1.0, 0.9, input}}, Task{{1.0, 0.5, input}, {-1.0, 0.5, nlgp({7}, 3.0, 2.0)}},
        Task{{std::numeric_limits<double>::infinity(), 1.0, input}}}) {
    BOOST_CHECK_THROW(QuarticFlow(task, {}, Loss::squared), std::invalid_argument);
    BOOST_CHECK_THROW(QuarticFlow(task, {}, Loss::squared, std::vector<CumulantOperator>{}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(growth_rate(task, {}, Loss::squared), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()

#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/copula_field.hpp"
#include "popflow/input/elliptical_field.hpp"
#include "popflow/input/input.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

#include "reference_inputs.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(input)

using namespace popflow;
using test::nlgp;

namespace {

std::vector<Input> inputs() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const GaussianField gaussian = nlgp({6, 5}, 1.0, 1.0).latent();
  return {EllipticalField(gaussian, 2.0),
          IsingRing(Torus({11}), 2.0),
          nlgp({24}, 3.0, 3.0),
          nlgp({7}, 1.0, 2.0),
          nlgp({5, 6}, 3.0, 1.5),
          nlgp({9}, infinity, 2.0),
          gaussian_clone(nlgp({4, 3}, 3.0, 1.0))};
}

using Batch = Eigen::MatrixXd;  // a column a sample

void draw(Input& input, int n, Batch& batch) {
  RandomStream stream(7, Purpose::training, static_cast<std::uint64_t>(n));
  input.sample(stream, batch.col(n));
}

Batch drawn_by(int threads, const Input& input, int samples) {
  const test::ThreadCount count(threads);
  Batch batch(input.torus().sites(), samples);
  std::vector<Input> inputs(static_cast<std::size_t>(threads), input);
  parallel_for(samples, [&](int n, int worker) {
    draw(inputs[static_cast<std::size_t>(worker)], n, batch);
  });
  return batch;
}

// An input that counts its samples; it says nothing about being Gaussian.
struct CountingInput {
  Torus lattice;
  int samples = 0;

  const Torus& torus() const { return lattice; }
  Field covariance() const { return Field::Unit(lattice.sites(), 0); }
  Field spectrum() const { return Field::Ones(lattice.half_modes()); }
  double four_point(int a, int b, int c) const { return 100.0 * a + 10.0 * b + c; }
  void sample(RandomStream&, Eigen::Ref<Field> out) { out.setConstant(++samples); }
};

double sampled(Input& input) {
  RandomStream stream(1, Purpose::training, 0);
  Field x(input.torus().sites());
  input.sample(stream, x);
  return x[0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_and_two_threads_draw_the_same_bits) {
  for (const Input& input : inputs())
    BOOST_CHECK(drawn_by(1, input, 300) == drawn_by(2, input, 300));
}

BOOST_AUTO_TEST_CASE(the_order_of_drawing_does_not_matter) {
  for (Input input : inputs()) {
    Batch forward(input.torus().sites(), 20), backward = forward;
    for (int n = 0; n < 20; ++n) draw(input, n, forward);
    for (int n = 19; n >= 0; --n) draw(input, n, backward);
    BOOST_CHECK(forward == backward);
  }
}

BOOST_AUTO_TEST_CASE(samples_are_not_all_the_same) {
  for (const Input& input : inputs()) {
    const Batch batch = drawn_by(1, input, 10);
    BOOST_TEST((batch.colwise() - batch.col(0)).cwiseAbs().maxCoeff() > 0.0);
  }
}

BOOST_AUTO_TEST_CASE(a_sample_may_be_drawn_to_any_address) {
  for (Input input : inputs()) {
    const int n = input.torus().sites();
    Eigen::VectorXd room(n + 1);
    RandomStream stream(7, Purpose::training, 0);
    input.sample(stream, room.tail(n));
    BOOST_CHECK(room.tail(n) == drawn_by(1, input, 1).col(0));
  }
}

BOOST_AUTO_TEST_CASE(an_input_says_what_its_model_says) {
  const Input input = CountingInput{Torus({2, 3})};
  BOOST_CHECK(input.torus() == Torus({2, 3}));
  BOOST_CHECK(input.covariance() == Field::Unit(6, 0));
  BOOST_CHECK(input.spectrum() == Field::Ones(4));
  BOOST_TEST(input.four_point(1, 2, 3) == 123.0);
  BOOST_TEST(!input.is_gaussian());
  BOOST_CHECK(input.symmetry() == LatticeSymmetry{});
}

BOOST_AUTO_TEST_CASE(models_made_from_a_gaussian_field_have_its_symmetries) {
  for (const std::vector<int>& shape : {std::vector{4, 4}, {4, 3}}) {
    const Torus torus(shape);
    const GaussianField field(torus, gaussian_correlation(torus, 1.5));
    BOOST_CHECK(CopulaField(field, {MarginalFamily::laplace}).symmetry() == field.symmetry());
    BOOST_CHECK(EllipticalField(field, 1.0).symmetry() == field.symmetry());
  }
}

BOOST_AUTO_TEST_CASE(an_input_has_the_symmetries_that_its_model_states) {
  const auto check = [](const NonlinearGaussianField& field, LatticeSymmetry expected) {
    BOOST_CHECK(field.symmetry() == expected);
    BOOST_CHECK(gaussian_clone(field).symmetry() == expected);
    BOOST_CHECK(Input(field).symmetry() == expected);
    BOOST_CHECK(fourth_cumulant(field).symmetry() == expected);
    BOOST_CHECK(fourth_cumulant(Input(field)).symmetry() == expected);
  };
  check(nlgp({4, 4}, 3.0, 1.5), {.axis_reflections = true, .axis_exchange = true});
  check(nlgp({4, 3}, 3.0, 1.5), {.axis_reflections = true, .axis_exchange = false});
  check(nlgp({9}, 3.0, 1.5), {.axis_reflections = false, .axis_exchange = false});
  check(test::skew_nlgp({4, 4}, 3.0, 0.5, 0.5, 0.3),
        {.axis_reflections = false, .axis_exchange = true});
  check(test::skew_nlgp({4, 4}, 3.0, 0.5, 0.8, 0.3), {});
}

BOOST_AUTO_TEST_CASE(copies_of_an_input_are_independent) {
  Input original = CountingInput{Torus({5})};
  BOOST_TEST(sampled(original) == 1.0);
  Input copy = original;
  BOOST_TEST(sampled(copy) == 2.0);
  BOOST_TEST(sampled(copy) == 3.0);
  BOOST_TEST(sampled(original) == 2.0);
  Input assigned = nlgp({3}, 1.0, 1.0);
  assigned = original;
  BOOST_TEST(sampled(assigned) == 3.0);
  BOOST_TEST(sampled(original) == 3.0);
}

BOOST_AUTO_TEST_CASE(the_cumulant_of_an_input_is_that_of_its_model) {
  const NonlinearGaussianField field = nlgp({3, 4}, 3.0, 1.5);
  const FourthCumulant of_field = fourth_cumulant(field), of_input = fourth_cumulant(Input(field));
  for (int a = 0; a < 12; ++a)
    for (int b = 0; b < 12; ++b) BOOST_TEST(of_input(a, b, 5) == of_field(a, b, 5));
}

BOOST_AUTO_TEST_SUITE_END()

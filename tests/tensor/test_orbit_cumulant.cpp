#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/tensor/orbit_cumulant.hpp"
#include "popflow/tensor/tiled_cp.hpp"

#include "allocation_count.hpp"
#include "allocation_precondition.hpp"
#include "explicit_estimate.hpp"
#include "random_values.hpp"
#include "reference_inputs.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(orbit_cumulant)

using namespace popflow;
using namespace popflow::test;
using Eigen::Index;
using Eigen::MatrixXd;

static_assert(CumulantContraction<OrbitCumulant>);

namespace {

MatrixXd random_fields(const Torus& torus, Index count, std::uint64_t seed) {
  return random_values(torus.sites() * count, seed).reshaped(torus.sites(), count);
}

template <class Model>
MatrixXd drawn(Model& model, std::uint64_t first, Index count) {
  MatrixXd samples(model.torus().sites(), count);
  for (Index p = 0; p < count; ++p) {
    RandomStream stream(1, Purpose::evaluation, first + static_cast<std::uint64_t>(p));
    model.sample(stream, samples.col(p));
  }
  return samples;
}

template <class Operator>
Field cube(Operator& op, const Field& u) {
  FourierTransform fourier(op.torus());
  Spectrum out(op.torus().half_modes());
  op.contract(fourier.forward(u), out);
  return fourier.backward(out);
}

// Means of `estimate(torus, samples, u)` over many sets of P samples.
template <class Model, class Estimate>
SampleMeans means_over_sets(Model model, Index P, const Field& u, const Estimate& estimate) {
  SampleMeans means(u.size());
  for (int set = 0; set < sample_count(20000); ++set)
    means.add(
        estimate(model.torus(), drawn(model, static_cast<std::uint64_t>(set * P), P), u).array());
  return means;
}

Field orbit_cube(const Torus& torus, const MatrixXd& samples, const Field& u) {
  OrbitCumulant op(torus, samples);
  return cube(op, u);
}

// The cube of the estimate that includes pairs of a sample with itself.
Field uncorrected_cube(const Torus& torus, const MatrixXd& samples, const Field& u) {
  const MatrixXd shifts = orbit(torus, samples);
  const auto count = static_cast<double>(shifts.cols());
  const Field seen = shifts.transpose() * u, response = shifts * seen / count;
  return shifts * seen.array().cube().matrix() / count - 3.0 * u.dot(response) * response;
}

}  // namespace

BOOST_AUTO_TEST_CASE(contraction_and_norm_are_those_of_the_tensor_averaged_over_shifts) {
  for (const Torus& torus : {Torus({6}), Torus({5}), Torus({2, 3})})
    for (const Index P : {2, 3, 5}) {
      const MatrixXd samples = random_fields(torus, P, 1), arguments = random_fields(torus, 3, 2);
      ExplicitTensor tensor = orbit_estimate(torus, samples);
      OrbitCumulant op(torus, samples);
      FourierTransform fourier(torus);
      Spectrum out(torus.half_modes());
      op.contract(fourier.forward(arguments.col(0)), fourier.forward(arguments.col(1)),
                  fourier.forward(arguments.col(2)), out);
      const Field exact = tensor.contract(arguments.col(0), arguments.col(1), arguments.col(2));
      BOOST_TEST((fourier.backward(out) - exact).norm() < 1e-13 * exact.norm());
      const Field u = arguments.col(0), exact_cube = tensor.contract(u, u, u);
      BOOST_TEST((cube(op, u) - exact_cube).norm() < 1e-13 * exact_cube.norm());
      const double norm = tensor.squared_norm() / torus.sites();
      BOOST_TEST(std::abs(op.squared_norm() - norm) < 1e-12 * norm);
    }
}

BOOST_AUTO_TEST_CASE(estimate_is_unbiased_for_few_samples) {
  const auto model = nlgp({8}, 3.0, 1.6);
  CumulantTable table(fourth_cumulant(model));
  const Field u = random_unit_vector(8, 3), exact = cube(table, u);
  for (const Index P : {2, 3}) check_means(means_over_sets(model, P, u, orbit_cube), exact.array());
}

BOOST_AUTO_TEST_CASE(estimate_with_pairs_of_a_sample_with_itself_is_biased) {
  const auto model = nlgp({8}, 3.0, 1.6);
  CumulantTable table(fourth_cumulant(model));
  const Field u = random_unit_vector(8, 3), exact = cube(table, u);
  const SampleMeans means = means_over_sets(model, 3, u, uncorrected_cube);
  const Eigen::ArrayXd away = (means.mean() - exact.array()).abs() / means.standard_error();
  // With a tenth of the sets, in Debug, this is 10.
  BOOST_TEST(away.maxCoeff() > 2.0 * allowed_standard_errors);
}

BOOST_AUTO_TEST_CASE(vanishes_on_average_for_gaussian_samples) {
  const Field u = random_unit_vector(8, 4);
  check_means(means_over_sets(gaussian_clone(nlgp({8}, 3.0, 1.6)), 3, u, orbit_cube),
              Eigen::ArrayXd::Zero(8));
}

BOOST_AUTO_TEST_CASE(tiled_cp_of_samples_finds_the_template_of_the_closed_form) {
  auto model = nlgp({16}, 3.0, 1.6);
  const CumulantTable table(fourth_cumulant(model));
  const auto exact = tiled_cp(table, table.values().squaredNorm(), {.rank = 1}).back();
  const OrbitCumulant op(model.torus(), drawn(model, 0, 2000));
  const auto sampled = tiled_cp(op, op.squared_norm(), {.rank = 1}).back();
  const double cosine =
      std::abs(exact.factors.templates.col(0).dot(sampled.factors.templates.col(0)));
  BOOST_TEST_MESSAGE("cosine " << cosine << ", lambda " << sampled.factors.lambda[0] << " for "
                               << exact.factors.lambda[0]);
  BOOST_TEST(cosine > 0.99);
  BOOST_TEST(std::abs(sampled.factors.lambda[0] / exact.factors.lambda[0] - 1.0) < 0.1);
}

BOOST_AUTO_TEST_CASE(norm_does_not_depend_on_the_number_of_threads) {
  const Torus torus({12});
  const OrbitCumulant op(torus, random_fields(torus, 50, 5));
  const auto on = [&](int threads) {
    const ThreadCount scope(threads);
    return op.squared_norm();
  };
  BOOST_TEST(on(1) == on(2));
}

BOOST_AUTO_TEST_CASE(contraction_allocates_nothing_after_the_first,
                     *boost::unit_test::precondition(counting_allocations)) {
  const Torus torus({40});
  OrbitCumulant op(torus, random_fields(torus, 300, 6));
  FourierTransform fourier(torus);
  const Spectrum u = fourier.forward(random_values(40, 7));
  Spectrum out(torus.half_modes());
  const auto contract = [&] {
    op.contract(u, out);
    op.contract(u, u, u, out);
  };
  contract();
  const std::size_t before = allocation_count();
  contract();
  BOOST_TEST(allocation_count() == before);
}

BOOST_AUTO_TEST_CASE(refuses_a_single_sample_and_other_sizes) {
  const Torus torus({6});
  BOOST_CHECK_THROW(OrbitCumulant(torus, MatrixXd::Ones(6, 1)), std::invalid_argument);
  BOOST_CHECK_THROW(OrbitCumulant(torus, MatrixXd::Ones(5, 3)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <stdexcept>
#include <tuple>

#include <boost/test/unit_test.hpp>

#include "popflow/input/gaussian_field.hpp"
#include "popflow/tensor/quartic_form.hpp"
#include "popflow/tensor/sample_cumulant.hpp"

#include "allocation_count.hpp"
#include "allocation_precondition.hpp"
#include "explicit_estimate.hpp"
#include "independent_sources.hpp"
#include "random_values.hpp"
#include "reference_inputs.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(sample_cumulant)

using namespace popflow;
using namespace popflow::test;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

static_assert(QuarticForm<SampleCumulant>);

namespace {

MatrixXd random_matrix(Index rows, Index columns, std::uint64_t seed) {
  return random_values(rows * columns, seed).reshaped(rows, columns);
}

MatrixXd contracted(SampleCumulant& form, const MatrixXd& X) {
  MatrixXd out(X.rows(), X.cols());
  form.contract(X, out);
  return out;
}

// The contraction of fourth * M4 - pairing * (three pairings of C (x) C) with every column of X.
MatrixXd moment_contraction(const MatrixXd& samples, const MatrixXd& X, double fourth,
                            double pairing) {
  const auto P = static_cast<double>(samples.cols());
  const MatrixXd Y = samples.transpose() * X, C = samples * samples.transpose() / P;
  const MatrixXd cubes = Y.array().cube();
  const VectorXd squares = X.cwiseProduct(C * X).colwise().sum();
  return fourth / P * (samples * cubes) - 3.0 * pairing * (C * X * squares.asDiagonal());
}

// kappa[x_r, x_r, x_r, .] for every column of X (Eq. 37), in whole matrices.
MatrixXd contracted_at_once(const MatrixXd& samples, const MatrixXd& X) {
  const auto P = static_cast<double>(samples.cols());
  return moment_contraction(samples, X, (P + 2.0) / (P - 1.0), P / (P - 1.0));
}

// The closed form of the contraction along every column of X.
MatrixXd exact_contraction(const Factors& factors, const MatrixXd& X) {
  const MatrixXd cubes = (factors.vectors.transpose() * X).array().cube();
  return factors.vectors * factors.lambda.asDiagonal() * cubes;
}

constexpr Index directions = 2;

// Means of the contraction `estimate(samples, X)` over many sets of P samples.
template <class Estimate>
SampleMeans means_over_sets(Index P, const MatrixXd& X, const Estimate& estimate) {
  const IndependentSources law(3);
  SampleMeans means(X.size());
  for (int set = 0; set < sample_count(20000); ++set) {
    const MatrixXd samples = law.draw(static_cast<std::uint64_t>(set * P), P);
    means.add(estimate(samples, X).reshaped().array());
  }
  return means;
}

MatrixXd sample_contraction(const MatrixXd& samples, const MatrixXd& X) {
  SampleCumulant form(samples);
  return contracted(form, X);
}

// M4 - three pairings of C (x) C, without the correction.
MatrixXd uncorrected_contraction(const MatrixXd& samples, const MatrixXd& X) {
  return moment_contraction(samples, X, 1.0, 1.0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(contraction_and_norm_are_those_of_the_tensor_from_pairs_of_different_samples) {
  for (const Index P : {2, 3, 7}) {
    const MatrixXd samples = random_matrix(5, P, 1), X = random_matrix(5, 3, 2);
    ExplicitTensor tensor = unbiased_estimate(samples);
    SampleCumulant form(samples);
    const MatrixXd out = contracted(form, X);
    for (Index r = 0; r < X.cols(); ++r)
      BOOST_TEST((out.col(r) - tensor.contract(X.col(r), X.col(r), X.col(r))).norm() <
                 1e-13 * out.norm());
    BOOST_TEST(std::abs(form.squared_norm() - tensor.squared_norm()) <
               1e-12 * tensor.squared_norm());
  }
}

BOOST_AUTO_TEST_CASE(blocks_of_samples_and_columns_add_up) {
  struct Shape {
    Index dimension, samples, columns;
  };
  // Several panels of columns with a short last block; blocks of ten samples.
  for (const auto& [n, P, R] : {Shape{70, 9999, 70}, Shape{1500, 333, 7}, Shape{4, 65, 1}}) {
    const MatrixXd samples = random_matrix(n, P, 3), X = random_matrix(n, R, 4);
    SampleCumulant form(samples);
    const MatrixXd out = contracted(form, X), expected = contracted_at_once(samples, X);
    BOOST_TEST((out - expected).norm() < 1e-12 * expected.norm());
  }
}

BOOST_AUTO_TEST_CASE(norm_is_exact_on_either_side_of_where_its_way_changes) {
  // The matrix between pairs of channels has 441 entries and the samples have 6 P: the norm is
  // computed by samples for the first two P, by channels for the others.
  for (const Index P : {20, 73, 74, 700}) {
    const MatrixXd samples = random_matrix(6, P, 4);
    const auto count = static_cast<double>(P);
    const double exact =
        moment_estimate(samples, (count + 2.0) / (count - 1.0), count / (count - 1.0))
            .squared_norm();
    const double norm = SampleCumulant(samples).squared_norm();
    BOOST_TEST(std::abs(norm - exact) < 1e-12 * exact);
  }
}

BOOST_AUTO_TEST_CASE(estimate_is_unbiased_for_few_samples) {
  const Factors exact = IndependentSources(3).factors();
  const MatrixXd X = random_matrix(exact.dimension(), directions, 5);
  for (const Index P : {2, 3, 5})
    check_means(means_over_sets(P, X, sample_contraction),
                exact_contraction(exact, X).reshaped().array());
}

BOOST_AUTO_TEST_CASE(estimate_without_the_correction_is_biased_for_few_samples) {
  const Factors exact = IndependentSources(3).factors();
  const MatrixXd X = random_matrix(exact.dimension(), directions, 5);
  for (const Index P : {3, 5}) {
    const SampleMeans means = means_over_sets(P, X, uncorrected_contraction);
    const Eigen::ArrayXd away =
        (means.mean() - exact_contraction(exact, X).reshaped().array()).abs() /
        means.standard_error();
    BOOST_TEST(away.maxCoeff() > 3.0 * allowed_standard_errors);  // about 20 standard errors
  }
}

BOOST_AUTO_TEST_CASE(vanishes_on_average_for_gaussian_samples) {
  GaussianField field = gaussian_clone(nlgp({8}, 3.0, 1.6));
  const MatrixXd X = random_matrix(8, directions, 6);
  SampleMeans means(X.size());
  MatrixXd samples(8, 4);
  for (int set = 0; set < sample_count(20000); ++set) {
    for (Index p = 0; p < samples.cols(); ++p) {
      RandomStream stream(7, Purpose::evaluation, static_cast<std::uint64_t>(set * 4 + p));
      field.sample(stream, samples.col(p));
    }
    means.add(sample_contraction(samples, X).reshaped().array());
  }
  check_means(means, Eigen::ArrayXd::Zero(X.size()));
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const MatrixXd samples = random_matrix(20, 5000, 8), X = random_matrix(20, 6, 9);
  const MatrixXd few = samples.leftCols(1000);
  const auto on = [&](int threads) {
    const ThreadCount scope(threads);
    SampleCumulant form(samples);
    return std::tuple(contracted(form, X), form.squared_norm(), SampleCumulant(few).squared_norm());
  };
  const auto [one, one_norm, one_of_few] = on(1);
  for (const int threads : {2, 3}) {
    const auto [several, several_norm, several_of_few] = on(threads);
    BOOST_TEST((one.array() == several.array()).all());
    BOOST_TEST(one_norm == several_norm);
    BOOST_TEST(one_of_few == several_of_few);
  }
}

BOOST_AUTO_TEST_CASE(contraction_allocates_nothing_after_the_first,
                     *boost::unit_test::precondition(counting_allocations)) {
  struct Shape {
    Index dimension, samples, columns;
  };
  for (const auto& [n, P, R] : {Shape{40, 5000, 40}, Shape{40, 5000, 1}, Shape{400, 700, 400}}) {
    SampleCumulant form(random_matrix(n, P, 10));
    const MatrixXd X = random_matrix(n, R, 11);
    MatrixXd out(n, R);
    form.contract(X, out);
    const std::size_t before = allocation_count();
    form.contract(X, out);
    BOOST_TEST(allocation_count() == before);
  }
}

BOOST_AUTO_TEST_CASE(other_samples_may_be_put_in_place) {
  const MatrixXd X = random_matrix(5, 2, 12), later = random_matrix(5, 9, 13);
  SampleCumulant form(random_matrix(5, 9, 14)), fresh(later);
  contracted(form, X);
  form.samples() = later;
  BOOST_TEST((contracted(form, X).array() == contracted(fresh, X).array()).all());
}

BOOST_AUTO_TEST_CASE(projected_cumulants_are_the_form_along_the_vector_with_true_standard_errors) {
  const IndependentSources law(15);
  const MatrixXd X = law.factors().vectors;
  const VectorXd exact = X.cwiseProduct(exact_contraction(law.factors(), X)).colwise().sum();
  constexpr Index P = 2000;
  const int sets = sample_count(1000);
  SampleMeans values(exact.size()), in_units(exact.size());
  for (int set = 0; set < sets; ++set) {
    const MatrixXd samples = law.draw(static_cast<std::uint64_t>(set * P), P);
    const auto [value, error] = projected_cumulants(samples, X);
    if (set == 0) {
      SampleCumulant form(samples);
      const VectorXd along = X.cwiseProduct(contracted(form, X)).colwise().sum();
      BOOST_TEST((value - along).norm() < 1e-12 * along.norm());
    }
    values.add(value.array());
    in_units.add(((value - exact).array() / error.array()).square());
  }
  check_means(values, exact.array());
  // The mean of `sets` squares is 1 +- sqrt(2 / sets), and the stated error is correct to a few
  // percent.
  for (Index r = 0; r < exact.size(); ++r)
    BOOST_TEST(std::abs(in_units.mean()[r] - 1.0) < 4.0 * std::sqrt(2.0 / sets) + 0.03);
}

BOOST_AUTO_TEST_CASE(refuses_a_single_sample_and_other_shapes) {
  BOOST_CHECK_THROW(SampleCumulant(MatrixXd::Ones(4, 1)), std::invalid_argument);
  BOOST_CHECK_THROW(projected_cumulants(MatrixXd::Ones(4, 1), MatrixXd::Ones(4, 1)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(projected_cumulants(MatrixXd::Ones(4, 5), MatrixXd::Ones(5, 1)),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

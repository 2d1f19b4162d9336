#include <cmath>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/power_method.hpp"
#include "popflow/tensor/subspace_power.hpp"
#include "popflow/tensor/symmetric_cp.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

#include "factor_distance.hpp"
#include "naive_quartic.hpp"
#include "reference_inputs.hpp"
#include "synthetic_tensors.hpp"

BOOST_AUTO_TEST_SUITE(symmetric_cp_decomposition)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double promised = 1e-6;

SymmetricCpFit fit_of(const Factors& known, SymmetricCpOptions options) {
  SymmetricTensor tensor(known);
  options.rank = static_cast<int>(known.rank());
  return symmetric_cp(tensor, tensor.squared_norm(), options);
}

// Counts the contractions of a tensor.
struct CountingForm {
  SymmetricTensor tensor;
  int calls = 0;

  Eigen::Index dimension() const { return tensor.dimension(); }
  void contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out) {
    ++calls;
    tensor.contract(X, out);
  }
};

Factors some_factors(int dimension, int rank) {
  return normalised({random_lambda(rank, 2, true), random_directions(dimension, rank, 3)});
}

}  // namespace

BOOST_AUTO_TEST_CASE(known_factors_are_recovered_from_any_seed) {
  for (const SyntheticTensor& known : synthetic_tensors())
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const SymmetricCpFit fit = fit_of(known.factors, {.seed = seed});
      BOOST_TEST(factor_distance(fit.factors, known.factors) < promised,
                 known.name << ", seed " << seed);
      BOOST_TEST((fit.factors.lambda - known.factors.lambda).norm() < promised, known.name);
      BOOST_TEST(fit.relative_error < promised, known.name);
    }
}

// The scale of the tensor does not matter, and weights may differ by a factor of a thousand.
BOOST_AUTO_TEST_CASE(tensors_of_any_scale_and_weights_of_any_size_are_recovered) {
  for (double scale : {1e-20, 1e20}) {
    Factors known = some_factors(7, 5);
    known.lambda = scale * Eigen::VectorXd::LinSpaced(5, 0.0, -3.0).unaryExpr([](double e) {
      return std::pow(10.0, e);
    });
    const SymmetricCpFit fit = fit_of(known, {});
    BOOST_TEST(factor_distance(fit.factors, known) < promised, scale);
    BOOST_TEST((fit.factors.lambda - known.lambda).norm() < promised * scale, scale);
  }
}

BOOST_AUTO_TEST_CASE(all_methods_agree_on_an_orthogonal_tensor) {
  const Factors known = normalised({random_lambda(6, 3, true), orthonormal_directions(6, 6, 4)});
  SymmetricTensor tensor(known);
  const Factors cp = fit_of(known, {}).factors, subspace = subspace_power(tensor, {}).factors;
  BOOST_TEST(factor_distance(cp, subspace) < promised);
  for (const ZEigenpair& pair : z_eigenpairs(tensor, {.starts = 10})) {
    Eigen::Index nearest = 0;
    (cp.vectors.transpose() * pair.vector).cwiseAbs().maxCoeff(&nearest);
    BOOST_TEST(std::abs(cp.lambda[nearest] - pair.lambda) < promised);
  }
}

BOOST_AUTO_TEST_CASE(the_error_is_that_of_the_factors_returned) {
  const Factors known = some_factors(6, 6);
  SymmetricTensor tensor(known);
  const SymmetricCpFit fit = symmetric_cp(tensor, tensor.squared_norm(), {.rank = 4});
  const NaiveQuartic naive = naive_quartic(known);
  const double error = naive_distance(naive, naive_quartic(fit.factors)) /
                       std::sqrt(naive_inner_product(naive, naive));
  BOOST_TEST(error > 0.1);
  BOOST_TEST(std::abs(fit.relative_error - error) < 1e-7);
}

// The gradient of the sum over all entries, by central differences, for a fit that is not exact.
BOOST_AUTO_TEST_CASE(it_ends_where_the_squared_error_is_stationary) {
  const Factors known = some_factors(5, 6);
  SymmetricTensor tensor(known);
  const Factors found =
      symmetric_cp(tensor, tensor.squared_norm(), {.rank = 3, .tolerance = 1e-14}).factors;
  const NaiveQuartic naive = naive_quartic(known);
  const auto cost = [&](const Factors& factors) {
    return std::pow(naive_distance(naive, naive_quartic(factors)), 2);
  };
  constexpr double step = 1e-4;  // the error of the slopes is of order step^2
  for (Eigen::Index r = 0; r < 3; ++r)
    for (Eigen::Index i = 0; i <= 5; ++i) {
      Factors up = found, down = found;
      (i < 5 ? up.vectors(i, r) : up.lambda[r]) += step;
      (i < 5 ? down.vectors(i, r) : down.lambda[r]) -= step;
      BOOST_TEST(std::abs(cost(up) - cost(down)) / (2.0 * step) < 1e-5);
    }
}

// Only the true Gauss-Newton matrix gives quadratic convergence: 1e-2, 1e-4, 1e-8 in a few steps
// with one contraction each.
BOOST_AUTO_TEST_CASE(close_to_an_exact_fit_a_few_steps_are_enough) {
  for (const SyntheticTensor& known : synthetic_tensors()) {
    const auto rank = static_cast<int>(known.factors.rank());
    CountingForm form{SymmetricTensor(known.factors)};
    const Eigen::MatrixXd start =
        known.factors.vectors +
        0.02 * random_directions(static_cast<int>(known.factors.dimension()), rank, 5);
    const SymmetricCpFit fit =
        symmetric_cp(form, form.tensor.squared_norm(),
                     {.rank = rank, .starts = 0, .more_starts = {start}, .renewals = 0});
    BOOST_TEST(factor_distance(fit.factors, known.factors) < promised, known.name);
    BOOST_TEST(form.calls <= 12, known.name);
  }
}

// Two vectors start near the same one of three factors. Without renewal they stay there.
BOOST_AUTO_TEST_CASE(a_vector_that_another_has_made_useless_is_renewed) {
  const Factors known =
      normalised({Eigen::Vector3d(1.2, 1.0, 0.8), orthonormal_directions(8, 3, 1)});
  Eigen::MatrixXd start = known.vectors;
  start.col(2) = start.col(0) + 0.1 * start.col(1);
  SymmetricCpOptions options{.starts = 0, .more_starts = {start}, .renewals = 0};
  BOOST_TEST(fit_of(known, options).relative_error > 0.1);
  options.renewals = 3;
  BOOST_TEST(factor_distance(fit_of(known, options).factors, known) < promised);
}

BOOST_AUTO_TEST_CASE(the_best_start_wins_and_an_exact_one_ends_the_search) {
  const Factors known = some_factors(6, 3);
  const Eigen::MatrixXd bad = Eigen::MatrixXd::Constant(6, 3, 0.1);
  const SymmetricCpFit fit =
      fit_of(known, {.starts = 5, .more_starts = {bad, known.vectors}, .renewals = 0});
  BOOST_REQUIRE(fit.start_errors.size() == 2);
  BOOST_TEST(fit.start_errors[0] > 0.1);
  BOOST_TEST(fit.start_errors[1] < promised);
  BOOST_TEST(fit.relative_error < promised);
}

// R = N, as in the paper of the model (theory.md, Eq. 27). The target error is 0.119.
BOOST_AUTO_TEST_CASE(the_cumulant_of_a_short_ring) {
  SymmetricTensor tensor{CumulantTable(fourth_cumulant(nlgp({20}, 3.0, 1.6)))};
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const SymmetricCpFit fit =
        symmetric_cp(tensor, tensor.squared_norm(), {.rank = 20, .seed = seed});
    BOOST_TEST(fit.relative_error <= 0.12, "seed " << seed);
    BOOST_TEST(fit.relative_error > 0.11);
  }
}

BOOST_AUTO_TEST_CASE(the_same_bits_again) {
  const Factors known = some_factors(6, 6);
  const SymmetricCpFit first = fit_of(known, {}), again = fit_of(known, {});
  BOOST_TEST((first.factors.vectors == again.factors.vectors));
  BOOST_TEST(first.start_errors == again.start_errors, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused) {
  SymmetricTensor tensor(some_factors(5, 3));
  const double norm = tensor.squared_norm();
  const Eigen::MatrixXd narrow = Eigen::MatrixXd::Ones(5, 2);
  for (const SymmetricCpOptions& bad : {SymmetricCpOptions{.rank = 0},
                                        {.starts = 0},
                                        {.starts = -1},
                                        {.rank = 3, .more_starts = {narrow}}})
    BOOST_CHECK_THROW(symmetric_cp(tensor, norm, bad), std::invalid_argument);
  BOOST_CHECK_THROW(symmetric_cp(tensor, 0.0, {}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

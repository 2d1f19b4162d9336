#include <cmath>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/subspace_power.hpp"

#include "factor_distance.hpp"
#include "naive_quartic.hpp"
#include "reference_inputs.hpp"
#include "synthetic_tensors.hpp"

BOOST_AUTO_TEST_SUITE(subspace_power_method)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double promised = 1e-6;

void check_recovered(const SyntheticTensor& known) {
  const SubspacePowerFit fit = subspace_power(SymmetricTensor(known.factors), {});
  BOOST_TEST(fit.factors.rank() == known.factors.rank(), known.name);
  BOOST_TEST(factor_distance(fit.factors, known.factors) < promised, known.name);
  BOOST_TEST((fit.factors.lambda - known.factors.lambda).norm() < promised, known.name);
  BOOST_TEST(fit.relative_error < promised, known.name);
  BOOST_TEST(fit.spectral_ratio < 1e-12, known.name);
  BOOST_TEST(fit.least_objective > 1.0 - 1e-9, known.name);
}

SymmetricTensor cumulant() {
  return SymmetricTensor(CumulantTable(fourth_cumulant(nlgp({8}, 3.0, 1.0))));
}

}  // namespace

BOOST_AUTO_TEST_CASE(known_factors_are_recovered) {
  for (const SyntheticTensor& known : synthetic_tensors()) check_recovered(known);
}

// n = 8: the squares span 36 dimensions, and at most 28 = n (n - 1) / 2 factors are unique.
BOOST_AUTO_TEST_CASE(three_times_as_many_factors_as_dimensions_are_recovered) {
  const Factors known = normalised({random_lambda(24, 2, true), random_directions(8, 24, 3)});
  check_recovered({"R = 24", known, false});
  // One start of this case climbs to a maximum that is not a square. The method then takes another
  // start.
  const SymmetricTensor tensor(known);
  BOOST_TEST(subspace_power(tensor, {}).starts > 24);
  const SubspacePowerFit spurious = subspace_power(tensor, {.starts = 1});
  BOOST_TEST(spurious.starts == 24);
  BOOST_TEST(spurious.least_objective < 0.999);
}

// The reference is the definition of the relative error, for a fit that is not exact.
BOOST_AUTO_TEST_CASE(the_error_is_that_of_the_factors_returned) {
  const SymmetricTensor tensor = cumulant();
  const NaiveQuartic naive{8, [&](int i, int j, int k, int l) { return tensor(i, j, k, l); }};
  const SubspacePowerFit fit = subspace_power(tensor, {.rank = 8});
  const double norm = std::sqrt(naive_inner_product(naive, naive));
  const double error = naive_distance(naive, naive_quartic(fit.factors)) / norm;
  BOOST_TEST(std::abs(fit.relative_error - error) < 1e-10);
  BOOST_TEST(error > 0.01);
  BOOST_TEST(error < 0.5);
  BOOST_TEST(fit.least_objective < 1.0 - 1e-3);
  BOOST_TEST(fit.spectral_ratio > 0.1);
  BOOST_TEST(fit.spectral_ratio <= 1.0);
}

// Other weights of the same vectors leave a larger error.
BOOST_AUTO_TEST_CASE(weights_are_at_their_optimum) {
  const SymmetricTensor tensor = cumulant();
  const SubspacePowerFit fit = subspace_power(tensor, {.rank = 5});
  const double best = (tensor.flattening() - SymmetricTensor(fit.factors).flattening()).norm();
  for (Eigen::Index r = 0; r < 5; ++r)
    for (double change : {-1e-3, 1e-3}) {
      Factors other = fit.factors;
      other.lambda[r] += change;
      BOOST_TEST((tensor.flattening() - SymmetricTensor(other).flattening()).norm() > best);
    }
}

BOOST_AUTO_TEST_CASE(noise_leaves_a_gap_and_an_error_of_its_size) {
  const Factors known = normalised({random_lambda(5, 1, true), random_directions(6, 5, 1)});
  Factors noisy = known;
  noisy.lambda.conservativeResize(35);
  noisy.vectors.conservativeResize(6, 35);
  noisy.lambda.tail(30) = 1e-4 * random_lambda(30, 3, true);
  noisy.vectors.rightCols(30) = random_directions(6, 30, 4);
  for (SubspacePowerOptions options : {SubspacePowerOptions{.rank = 5}, {.threshold = 1e-2}}) {
    const SubspacePowerFit fit = subspace_power(SymmetricTensor(noisy), options);
    BOOST_TEST(fit.factors.rank() == 5);
    BOOST_TEST(factor_distance(fit.factors, known) < 3e-3);
    BOOST_TEST(fit.spectral_ratio < 1e-2);
    BOOST_TEST(fit.spectral_ratio > 1e-5);
    BOOST_TEST(fit.relative_error < 1e-3);
    BOOST_TEST(fit.relative_error > 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(a_rank_that_the_tensor_does_not_have_is_not_invented) {
  const Factors known = normalised({random_lambda(3, 1, true), random_directions(6, 3, 1)});
  const SubspacePowerFit fit = subspace_power(SymmetricTensor(known), {.rank = 6});
  BOOST_TEST(fit.factors.rank() == 3);
  BOOST_TEST(factor_distance(fit.factors, known) < promised);
}

BOOST_AUTO_TEST_CASE(the_same_bits_again_and_the_same_factors_from_another_seed) {
  const SyntheticTensor known = synthetic_tensors().back();
  const SymmetricTensor tensor(known.factors);
  const SubspacePowerFit first = subspace_power(tensor, {}), again = subspace_power(tensor, {}),
                         other = subspace_power(tensor, {.seed = 7});
  BOOST_TEST((first.factors.vectors == again.factors.vectors));
  BOOST_TEST((first.factors.vectors - other.factors.vectors).norm() > 0.0);
  BOOST_TEST(factor_distance(first.factors, other.factors) < promised);
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused) {
  const SymmetricTensor tensor = cumulant();
  for (const SubspacePowerOptions& bad : {SubspacePowerOptions{.rank = -1},
                                          {.threshold = 0.0},
                                          {.threshold = 1.0},
                                          {.starts = 0},
                                          {.iterations = 0}})
    BOOST_CHECK_THROW(subspace_power(tensor, bad), std::invalid_argument);
  const SymmetricTensor zero(Factors{Eigen::VectorXd::Zero(1), random_directions(4, 1, 1)});
  BOOST_CHECK_THROW(subspace_power(zero, {}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <cmath>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/power_method.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

#include "factor_distance.hpp"
#include "naive_quartic.hpp"
#include "reference_inputs.hpp"
#include "synthetic_tensors.hpp"

BOOST_AUTO_TEST_SUITE(power_method)

using namespace popflow;
using namespace popflow::test;

namespace {

double height(const NaiveQuartic& tensor, const Eigen::VectorXd& x) {
  return naive_image(tensor, x).dot(x);
}

double naive_residual(const NaiveQuartic& tensor, const ZEigenpair& pair) {
  return (naive_image(tensor, pair.vector) - pair.lambda * pair.vector).norm();
}

Factors overcomplete() { return {random_lambda(8, 1, true), random_directions(5, 8, 2)}; }

}  // namespace

// The factors of an orthogonal tensor are its eigenvectors: maxima for positive weights, minima for
// negative ones.
BOOST_AUTO_TEST_CASE(orthogonal_factors_are_recovered_from_close_by) {
  for (const SyntheticTensor& known : synthetic_tensors()) {
    if (!known.orthogonal) continue;
    SymmetricTensor tensor(known.factors);
    for (Eigen::Index r = 0; r < known.factors.rank(); ++r) {
      const Eigen::VectorXd factor = known.factors.vectors.col(r);
      const double lambda = known.factors.lambda[r];
      const Eigen::VectorXd start = factor + 0.5 * random_unit_vector(factor.size(), 100 + r);
      const ZEigenpair pair =
          z_eigenpair(tensor, start, lambda > 0.0 ? Ascent::maximum : Ascent::minimum);
      BOOST_TEST((pair.vector - factor).norm() < 1e-8, known.name << ", factor " << r);
      BOOST_TEST(std::abs(pair.lambda - lambda) < 1e-8);
      BOOST_TEST(pair.residual < 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(orthogonal_factors_are_all_found_from_random_starts) {
  const Factors known = normalised({random_lambda(6, 3, true), orthonormal_directions(6, 6, 4)});
  SymmetricTensor tensor(known);
  const std::vector<ZEigenpair> found = z_eigenpairs(tensor, {.starts = 60});
  // There are no other extrema if the factors of both signs span the space.
  BOOST_REQUIRE(found.size() == 6);
  Factors factors{Eigen::VectorXd(6), Eigen::MatrixXd(6, 6)};
  for (std::size_t r = 0; r < found.size(); ++r) {
    factors.lambda[static_cast<Eigen::Index>(r)] = found[r].lambda;
    factors.vectors.col(static_cast<Eigen::Index>(r)) = found[r].vector;
  }
  BOOST_TEST(factor_distance(factors, known) < 1e-8);
  BOOST_TEST((factors.lambda - known.lambda).norm() < 1e-8);
}

BOOST_AUTO_TEST_CASE(every_pair_satisfies_the_eigenvalue_equation) {
  const NonlinearGaussianField field = nlgp({9}, 3.0, 1.5);
  const SymmetricTensor cumulant{CumulantTable(fourth_cumulant(field))};
  for (SymmetricTensor tensor : {SymmetricTensor(overcomplete()), cumulant}) {
    const NaiveQuartic naive{static_cast<int>(tensor.dimension()),
                             [&](int i, int j, int k, int l) { return tensor(i, j, k, l); }};
    const std::vector<ZEigenpair> found = z_eigenpairs(tensor, {.starts = 10});
    BOOST_TEST(found.size() >= 3);
    for (std::size_t r = 0; r < found.size(); ++r) {
      BOOST_TEST(std::abs(found[r].vector.norm() - 1.0) < 1e-12);
      // The residual is relative to the image, which is of order one.
      BOOST_TEST(found[r].residual < 1e-9);
      BOOST_TEST(std::abs(naive_residual(naive, found[r]) - found[r].residual) < 1e-11);
      if (r > 0) BOOST_TEST(std::abs(found[r].lambda) <= std::abs(found[r - 1].lambda));
      for (std::size_t s = 0; s < r; ++s)
        BOOST_TEST(std::abs(found[r].vector.dot(found[s].vector)) < 1.0 - 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(it_climbs_monotonically) {
  const NaiveQuartic naive = naive_quartic(overcomplete());
  SymmetricTensor tensor(overcomplete());
  const Eigen::VectorXd start = random_unit_vector(5, 3);
  for (double sign : {1.0, -1.0}) {
    double before = sign * height(naive, start);
    const double first = before;
    for (int iterations = 0; iterations < 40; ++iterations) {
      const ZEigenpair pair =
          z_eigenpair(tensor, start, sign > 0.0 ? Ascent::maximum : Ascent::minimum,
                      {.iterations = iterations});
      BOOST_TEST(pair.iterations <= iterations);
      BOOST_TEST(std::abs(pair.lambda - height(naive, pair.vector)) < 1e-13);
      BOOST_TEST(sign * pair.lambda >= before - 1e-13);
      before = sign * pair.lambda;
    }
    BOOST_TEST(before > first + 0.1);
  }
}

// The form -T: without a shift the iteration would jump between x and -x, or between more points.
BOOST_AUTO_TEST_CASE(a_form_without_positive_values_has_a_maximum_too) {
  const Factors negative{-random_lambda(8, 1, false), random_directions(4, 8, 5)};
  SymmetricTensor tensor(negative);
  const ZEigenpair pair = z_eigenpair(tensor, random_values(4, 6), Ascent::maximum);
  BOOST_TEST(pair.lambda < 0.0);
  BOOST_TEST(pair.residual < 1e-9);
  // A maximum: lower in all directions.
  const NaiveQuartic naive = naive_quartic(negative);
  for (int k = 0; k < 20; ++k) {
    const Eigen::VectorXd x = pair.vector + 0.01 * random_unit_vector(4, 20 + k);
    BOOST_TEST(height(naive, x.normalized()) <= pair.lambda + 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(a_start_must_be_a_direction_in_the_space) {
  SymmetricTensor tensor(overcomplete());
  BOOST_CHECK_THROW(z_eigenpair(tensor, Eigen::VectorXd::Zero(5), Ascent::maximum),
                    std::invalid_argument);
  BOOST_CHECK_THROW(z_eigenpair(tensor, Eigen::VectorXd::Ones(4), Ascent::maximum),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <Eigen/Eigenvalues>
#include <boost/test/unit_test.hpp>

#include "popflow/tensor/symmetric_tensor.hpp"

#include "cumulant_tensor.hpp"
#include "naive_quartic.hpp"
#include "reference_inputs.hpp"
#include "synthetic_tensors.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(symmetric_tensor)

using namespace popflow;
using namespace popflow::test;

namespace {

// Sums of n^4 < 10^4 terms, each at most of order one.
constexpr double rounding = 1e-12;
// The accuracy of the entries of a table: see test_cumulant_table.
constexpr double table_accuracy = 2e-12;

Factors some_factors(int dimension, int rank) {
  return {random_lambda(rank, 5, true), random_directions(dimension, rank, 6)};
}

std::vector<NonlinearGaussianField> fields() {
  return {nlgp({7}, 3.0, 1.5), nlgp({6}, 3.0, 1.0), nlgp({3, 2}, 3.0, 1.0), nlgp({3, 3}, 1.0, 2.0)};
}

// The closed form, from the differences of the coordinates of the other sites from the third site.
NaiveQuartic naive_quartic(const FourthCumulant& kappa) {
  const Torus torus = kappa.torus();
  const auto from = [torus](int base, int site) {
    const auto [r, c] = torus.coordinates(site);
    const auto [r0, c0] = torus.coordinates(base);
    return torus.site(r - r0, c - c0);
  };
  return {torus.sites(),
          [=](int i, int j, int k, int l) { return kappa(from(k, i), from(k, j), from(k, l)); }};
}

void check_against(const NaiveQuartic& naive, SymmetricTensor tensor, double tolerance) {
  const int n = naive.dimension;
  BOOST_TEST(tensor.dimension() == n);
  double largest = 0.0;
  for_all_entries(naive, [&](int i, int j, int k, int l, double value) {
    largest = std::max(largest, std::abs(tensor(i, j, k, l) - value));
  });
  BOOST_TEST(largest <= tolerance);

  const double square = naive_inner_product(naive, naive);
  BOOST_TEST(std::abs(tensor.squared_norm() - square) <= tolerance * n * n * std::sqrt(square));

  const Eigen::MatrixXd X = random_directions(n, 3, 7);
  Eigen::MatrixXd out(n, 3);
  tensor.contract(X, out);
  for (int r = 0; r < 3; ++r)
    BOOST_TEST((out.col(r) - naive_image(naive, X.col(r))).norm() <= tolerance * n * n);
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_factors_against_sums_over_all_indices) {
  for (int n : {1, 2, 5}) {
    const Factors factors = some_factors(n, 4);
    check_against(test::naive_quartic(factors), SymmetricTensor(factors), rounding);
  }
}

BOOST_AUTO_TEST_CASE(of_a_cumulant_against_sums_over_all_sites) {
  for (const NonlinearGaussianField& field : fields()) {
    const FourthCumulant kappa = fourth_cumulant(field);
    check_against(naive_quartic(kappa), SymmetricTensor(CumulantTable(kappa)), table_accuracy);
  }
}

BOOST_AUTO_TEST_CASE(contracts_as_the_cumulant_does) {
  for (const NonlinearGaussianField& field : fields()) {
    const FourthCumulant kappa = fourth_cumulant(field);
    SymmetricTensor tensor{CumulantTable(kappa)};
    const Eigen::MatrixXd u = random_directions(field.torus().sites(), 1, 3);
    Eigen::MatrixXd out(u.rows(), 1);
    tensor.contract(u, out);
    const Field x = u.col(0);
    const Field exact = naive_contraction(field.torus(), cumulant_tensor(kappa), x, x, x);
    BOOST_TEST((out.col(0) - exact).norm() < 100.0 * table_accuracy);
  }
}

// n = 24: three blocks of pairs, which threads share.
BOOST_AUTO_TEST_CASE(many_columns_have_the_same_bits_on_any_number_of_threads) {
  const Factors factors = some_factors(24, 5);
  SymmetricTensor tensor(factors);
  const Eigen::MatrixXd X = random_directions(24, 9, 8);
  const Eigen::MatrixXd cubes = (factors.vectors.transpose() * X).array().cube();
  const Eigen::MatrixXd exact = factors.vectors * factors.lambda.asDiagonal() * cubes;
  Eigen::MatrixXd serial(24, 9), parallel(24, 9);
  {
    const ThreadCount one(1);
    tensor.contract(X, serial);
  }
  const ThreadCount three(3);
  tensor.contract(X, parallel);
  BOOST_TEST((serial - exact).norm() < rounding);
  BOOST_TEST((serial.array() == parallel.array()).all());
  // Another number of columns in the same scratch memory.
  Eigen::MatrixXd one(24, 1);
  tensor.contract(X.col(4), one);
  BOOST_TEST((one - exact.col(4)).norm() < rounding);
}

BOOST_AUTO_TEST_CASE(the_flattening_is_a_form_on_symmetric_matrices) {
  const int n = 4;
  const Factors factors = some_factors(n, 3);
  const SymmetricTensor tensor(factors);
  const Eigen::MatrixXd flat = tensor.flattening();
  const Eigen::MatrixXd A = random_directions(n, n, 1), S = A + A.transpose();
  // Coordinates in the basis E_ii, (E_ij + E_ji) / sqrt 2, in the documented order.
  Eigen::VectorXd s(n * (n + 1) / 2);
  Eigen::Index p = 0;
  for (int i = 0; i < n; ++i)
    for (int j = i; j < n; ++j) {
      BOOST_TEST(tensor.pair(i, j) == p);
      BOOST_TEST(tensor.pair(j, i) == p);
      s[p++] = i == j ? S(i, i) : std::sqrt(2.0) * S(i, j);
    }
  double exact = 0.0;
  for_all_entries(test::naive_quartic(factors), [&](int i, int j, int k, int l, double value) {
    exact += value * S(i, j) * S(k, l);
  });
  BOOST_TEST(std::abs(s.dot(flat * s) - exact) < rounding);
  BOOST_TEST((flat - flat.transpose()).norm() < rounding);
  BOOST_TEST(std::abs(flat.squaredNorm() - tensor.squared_norm()) < rounding);
}

BOOST_AUTO_TEST_CASE(the_flattening_of_orthonormal_factors_has_their_weights_as_eigenvalues) {
  const Eigen::Vector3d lambda(-1.5, 0.5, 2.0);
  const SymmetricTensor tensor(Factors{lambda, orthonormal_directions(5, 3, 2)});
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(15);
  expected[0] = -1.5;
  expected[13] = 0.5;
  expected[14] = 2.0;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(tensor.flattening());
  BOOST_TEST((eigen.eigenvalues() - expected).norm() < rounding);
}

BOOST_AUTO_TEST_CASE(too_much_memory_is_refused) {
  const Factors factors = some_factors(8, 2);
  constexpr std::size_t bytes = 36 * 36 * sizeof(double);
  BOOST_CHECK_NO_THROW(SymmetricTensor(factors, bytes));
  BOOST_CHECK_THROW(SymmetricTensor(factors, bytes - 1), std::length_error);
  const CumulantTable table(fourth_cumulant(nlgp({8}, 3.0, 1.0)));
  BOOST_CHECK_NO_THROW(SymmetricTensor(table, bytes));
  BOOST_CHECK_THROW(SymmetricTensor(table, bytes - 1), std::length_error);
}

BOOST_AUTO_TEST_SUITE_END()

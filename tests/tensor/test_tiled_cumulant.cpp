#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/tiled_cumulant.hpp"

#include "allocation_precondition.hpp"
#include "cumulant_tensor.hpp"
#include "random_values.hpp"
#include "tiled_factors.hpp"

BOOST_AUTO_TEST_SUITE(tiled_cumulant)

using namespace popflow;
using namespace popflow::test;

static_assert(CumulantContraction<TiledCumulant>);

namespace {

// Entries of templates are below 1. Entries of the tensor are therefore below 3 N <= 48, and
// contractions with unit vectors below N^(3/2) times this bound. The rounding is 1e-16 per term.
constexpr double rounding = 1e-12;

const std::vector<std::vector<int>> shapes{{7}, {8}, {3, 4}, {4, 4}};

std::vector<TiledFactors> many_factors() {
  std::vector<TiledFactors> factors;
  for (const auto& shape : shapes)
    for (int rank : {1, 3}) factors.push_back(random_tiled_factors(shape, rank, 31));
  return factors;
}

Eigen::VectorXd table(const TiledFactors& factors) {
  return cumulant_tensor(fourth_cumulant_of(factors));
}

Spectrum random_spectrum(FourierTransform& fourier, std::uint64_t seed) {
  return fourier.forward(random_unit_vector(fourier.torus().sites(), seed));
}

double largest_difference(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

}  // namespace

// The reference is the dense tensor sum_r lambda_r sum_s (shift_s t_r)^(x4), whose entries depend
// on displacements only.
BOOST_AUTO_TEST_CASE(entries_are_those_of_all_shifted_templates) {
  for (const TiledFactors& factors : many_factors()) {
    const Torus& torus = factors.torus;
    const int n = torus.sites();
    for (int i : {0, 1, n - 1})
      for (int a = 0; a < n; ++a)
        for (int b : {0, 2, n - 2})
          for (int c = 0; c < n; c += 3) {
            double sum = 0.0;
            for (Eigen::Index r = 0; r < factors.rank(); ++r)
              for (int s = 0; s < n; ++s) {
                const Field t = shifted(torus, factors.templates.col(r), s);
                sum += factors.lambda[r] * t[i] * t[torus.add(i, a)] * t[torus.add(i, b)] *
                       t[torus.add(i, c)];
              }
            BOOST_TEST(std::abs(factors(a, b, c) - sum) < rounding);
          }
  }
}

BOOST_AUTO_TEST_CASE(entries_do_not_depend_on_the_order_of_the_four_sites) {
  for (const TiledFactors& factors : many_factors()) {
    const Torus& torus = factors.torus;
    std::array<int, 4> sites{0, 1, 3, 6};
    const double entry = factors(1, 3, 6);
    do {
      const int back = torus.negate(sites[0]);
      BOOST_TEST(std::abs(factors(torus.add(sites[1], back), torus.add(sites[2], back),
                                  torus.add(sites[3], back)) -
                          entry) < rounding);
    } while (std::next_permutation(sites.begin(), sites.end()));
  }
}

BOOST_AUTO_TEST_CASE(contraction_is_the_naive_triple_sum) {
  for (const TiledFactors& factors : many_factors()) {
    const Torus& torus = factors.torus;
    FourierTransform fourier(torus);
    TiledCumulant cumulant(factors);
    BOOST_CHECK(cumulant.torus() == torus);
    const Field u = random_unit_vector(torus.sites(), 41),
                v = random_unit_vector(torus.sites(), 42),
                w = random_unit_vector(torus.sites(), 43);
    const Eigen::VectorXd tensor = table(factors);
    Spectrum out = Spectrum::Ones(torus.half_modes());
    cumulant.contract(fourier.forward(u), fourier.forward(v), fourier.forward(w), out);
    BOOST_TEST(largest_difference(fourier.backward(out),
                                  naive_contraction(torus, tensor, u, v, w)) < rounding);
    cumulant.contract(fourier.forward(u), out);
    BOOST_TEST(largest_difference(fourier.backward(out),
                                  naive_contraction(torus, tensor, u, u, u)) < rounding);
  }
}

BOOST_AUTO_TEST_CASE(contraction_moves_with_its_arguments) {
  for (const TiledFactors& factors : many_factors()) {
    const Torus& torus = factors.torus;
    FourierTransform fourier(torus);
    TiledCumulant cumulant(factors);
    const Field u = random_unit_vector(torus.sites(), 44);
    Spectrum out(torus.half_modes()), moved(out.size());
    cumulant.contract(fourier.forward(u), out);
    for (int shift : {1, 3, torus.sites() - 1}) {
      cumulant.contract(fourier.forward(shifted(torus, u, shift)), moved);
      BOOST_TEST(largest_difference(fourier.backward(moved),
                                    shifted(torus, fourier.backward(out), shift)) < rounding);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_templates_contract_to_zero) {
  TiledCumulant cumulant({Torus({5}), Eigen::VectorXd(0), Eigen::MatrixXd(5, 0)});
  Spectrum out = Spectrum::Ones(3);
  cumulant.contract(Spectrum::Ones(3), out);
  BOOST_TEST(out.norm() == 0.0);
}

BOOST_AUTO_TEST_CASE(inner_product_is_the_sum_over_all_entries) {
  for (const auto& shape : shapes) {
    const TiledFactors a = random_tiled_factors(shape, 2, 51),
                       b = random_tiled_factors(shape, 3, 52);
    // Sums of N^3 products, each at most of order N^2.
    const double tolerance = 1e-13 * table(a).norm() * table(b).norm();
    BOOST_TEST(std::abs(inner_product(a, b) - table(a).dot(table(b))) < tolerance);
    BOOST_TEST(std::abs(inner_product(a, a) - table(a).squaredNorm()) < tolerance * 10);
  }
}

BOOST_AUTO_TEST_CASE(normalising_keeps_the_tensor) {
  for (const TiledFactors& factors : many_factors()) {
    const TiledFactors unit = normalised(factors);
    BOOST_TEST(largest_difference(table(unit), table(factors)) < rounding);
    for (Eigen::Index r = 0; r < unit.rank(); ++r) {
      BOOST_TEST(std::abs(unit.templates.col(r).norm() - 1.0) < rounding);
      BOOST_TEST(unit.templates(0, r) == unit.templates.col(r).cwiseAbs().maxCoeff());
      if (r > 0) BOOST_TEST(std::abs(unit.lambda[r]) <= std::abs(unit.lambda[r - 1]));
    }
  }
}

BOOST_AUTO_TEST_CASE(normalising_orders_by_weight_and_keeps_zeros) {
  TiledFactors factors = random_tiled_factors({6}, 3, 53);
  factors.templates.colwise().normalize();
  factors.templates.col(0).setZero();
  factors.lambda << 5.0, -1.0, -2.0;
  const TiledFactors unit = normalised(factors);
  BOOST_TEST(largest_difference(unit.lambda, Eigen::Vector3d(-2.0, -1.0, 0.0)) < rounding);
  BOOST_TEST(unit.templates.col(2).isZero(0.0));
}

BOOST_AUTO_TEST_CASE(shapes_that_disagree_are_refused) {
  const TiledFactors good = random_tiled_factors({6}, 2, 54);
  TiledFactors sites = good, weights = good;
  sites.templates.resize(5, 2);
  weights.lambda.resize(3);
  for (const TiledFactors& bad : {sites, weights}) {
    BOOST_CHECK_THROW(normalised(bad), std::invalid_argument);
    BOOST_CHECK_THROW(inner_product(bad, good), std::invalid_argument);
    BOOST_CHECK_THROW(inner_product(good, bad), std::invalid_argument);
    BOOST_CHECK_THROW(TiledCumulant{bad}, std::invalid_argument);
  }
  BOOST_CHECK_THROW(inner_product(good, random_tiled_factors({2, 3}, 2, 54)),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(contraction_allocates_nothing_after_the_first,
                     *boost::unit_test::precondition(counting_allocations)) {
  for (const TiledFactors& factors : many_factors()) {
    FourierTransform fourier(factors.torus);
    TiledCumulant cumulant(factors);
    const Spectrum u = random_spectrum(fourier, 61), v = random_spectrum(fourier, 62);
    Spectrum out(u.size());
    const auto contract = [&] {
      cumulant.contract(u, out);
      cumulant.contract(u, v, u, out);
    };
    contract();
    const std::size_t before = allocation_count();
    contract();
    BOOST_TEST(allocation_count() - before == 0U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/empirical_field.hpp"
#include "popflow/input/input.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/moments/empirical_cumulant.hpp"

#include "random_values.hpp"
#include "reference_inputs.hpp"
#include "sampled_moments.hpp"

BOOST_AUTO_TEST_SUITE(empirical_field)

using namespace popflow;
using Eigen::Index;
using Eigen::MatrixXd;

namespace {

// Cubes are skewed, so that neither their sign nor their reflection comes out by chance.
MatrixXd random_fields(const Torus& torus, Index count, std::uint64_t seed) {
  return 3.0 + test::random_values(torus.sites() * count, seed)
                   .array()
                   .cube()
                   .reshaped(torus.sites(), count);
}

EmpiricalField empirical(const Torus& torus, Index count, std::uint64_t seed = 1) {
  return {torus, random_fields(torus, count, seed)};
}

// Every field that the law draws, each as often as the others, one a column.
MatrixXd all_draws(const EmpiricalField& law) {
  const Torus& torus = law.torus();
  MatrixXd draws(torus.sites(), 4 * torus.sites() * law.fields().cols());
  Index next = 0;
  for (const auto& field : law.fields().colwise())
    for (int d = 0; d < torus.sites(); ++d)
      for (const double sign : {1.0, -1.0}) {
        draws.col(next++) = sign * shifted(torus, field, d);
        draws.col(next++) = sign * shifted(torus, reflected(torus, field), d);
      }
  return draws;
}

}  // namespace

BOOST_AUTO_TEST_CASE(moments_are_those_of_all_that_it_draws) {
  for (const Torus& torus : {Torus({5}), Torus({6}), Torus({3, 4})}) {
    const EmpiricalField law = empirical(torus, 70);  // more than one block
    const MatrixXd draws = all_draws(law);
    const auto moment = [&draws](int a, int b, int c, int d) {
      return (draws.row(a).array() * draws.row(b).array() * draws.row(c).array() *
              draws.row(d).array())
          .mean();
    };
    BOOST_TEST(std::abs(law.fields().mean()) < 1e-14);
    BOOST_TEST(std::abs(law.covariance()[0] - 1.0) < 1e-14);
    double error = 0.0;
    for (int a = 0; a < torus.sites(); ++a) {
      error = std::max(error, std::abs(law.covariance()[a] -
                                       draws.row(0).dot(draws.row(a)) / double(draws.cols())));
      for (int b = 0; b <= a; ++b)
        for (int c = 0; c <= b; ++c)
          error = std::max(error, std::abs(law.four_point(a, c, b) - moment(0, a, b, c)));
    }
    BOOST_TEST(error < 1e-13);
  }
}

// 12 + 7 and 30 + 7 quantities, each off by chance with probability 6.3e-5 at another seed.
BOOST_AUTO_TEST_CASE(samples_have_the_stated_moments) {
  test::SampledMoments(empirical(Torus({24}), 5), test::ring_triples())
      .check(test::sample_count(50'000), 1);
  test::SampledMoments(empirical(Torus({5, 6}), 7), test::torus_triples())
      .check(test::sample_count(20'000), 2);
}

BOOST_AUTO_TEST_CASE(its_cumulant_operator_is_that_of_its_four_point_function) {
  for (const Torus& torus : {Torus({7}), Torus({8}), Torus({3, 4})}) {
    const EmpiricalField law = empirical(torus, 9);
    EmpiricalCumulant own(torus, law.fields());
    CumulantTable table(fourth_cumulant(law));
    FourierTransform fourier(torus);
    std::vector<Spectrum> u;
    for (std::uint64_t seed : {3, 4, 5})
      u.push_back(fourier.forward(test::random_values(torus.sites(), seed)));
    Spectrum found(torus.half_modes()), expected(torus.half_modes());
    own.contract(u[0], u[1], u[2], found);
    table.contract(u[0], u[1], u[2], expected);
    BOOST_TEST((found - expected).norm() < 1e-12 * expected.norm());
    own.contract(u[0], found);
    table.contract(u[0], expected);
    BOOST_TEST((found - expected).norm() < 1e-12 * expected.norm());
  }
}

BOOST_AUTO_TEST_CASE(an_input_made_of_it_passes_on_its_operator_and_errors) {
  const EmpiricalField law = empirical(Torus({64}), 40);
  const Input input = law;
  BOOST_TEST(input.cumulant_operator().has_value());
  BOOST_TEST(input.covariance_error(2) == law.covariance_error(2));
  BOOST_TEST(input.four_point_error(1, 2, 3) == law.four_point_error(1, 2, 3));
  BOOST_TEST(law.covariance_error(2) > 0.0);
  BOOST_TEST(!Input(empirical(Torus({63}), 2)).cumulant_operator().has_value());
  const Input exact = test::nlgp({64}, 3.0, 1.0);
  BOOST_TEST(!exact.cumulant_operator().has_value());
  BOOST_TEST(exact.covariance_error(2) == 0.0);
  BOOST_TEST(exact.four_point_error(1, 2, 3) == 0.0);
}

// Over 400 data sets of 100 fields the mean square error is that of the standard errors, up to
// sqrt(2 / 400) = 0.07 for normal errors; 0.3 is four times that. The scale to unit variance takes
// part: taken for known it would leave a third of the second ratio.
BOOST_AUTO_TEST_CASE(standard_errors_are_those_of_estimates_from_independent_fields) {
  NonlinearGaussianField nlgp = test::nlgp({10}, 3.0, 2.0);
  constexpr int fields = 100, sets = 400;
  const Eigen::Array2d exact(nlgp.covariance()[3], nlgp.four_point(1, 4, 6));
  Eigen::Array2d errors = Eigen::Array2d::Zero(), stated = Eigen::Array2d::Zero();
  std::uint64_t index = 0;
  for (int set = 0; set < sets; ++set) {
    MatrixXd drawn(10, fields);
    for (Index p = 0; p < fields; ++p) {
      RandomStream stream(1, Purpose::evaluation, index++);
      nlgp.sample(stream, drawn.col(p));
    }
    const EmpiricalField law(nlgp.torus(), drawn);
    const Eigen::Array2d found(law.covariance()[3], law.four_point(1, 4, 6)),
        error(law.covariance_error(3), law.four_point_error(1, 4, 6));
    errors += (found - exact).square();
    stated += error.square();
  }
  const Eigen::Array2d ratio = errors / stated;
  BOOST_TEST(std::abs(ratio[0] - 1.0) < 0.3, ratio[0]);
  BOOST_TEST(std::abs(ratio[1] - 1.0) < 0.3, ratio[1]);
}

BOOST_AUTO_TEST_CASE(a_common_number_and_a_common_factor_do_not_matter) {
  const Torus torus({8});
  const MatrixXd fields = random_fields(torus, 6, 1);
  const EmpiricalField law(torus, fields);
  for (const double factor : {1e-300, -2.0, 1e150}) {
    const EmpiricalField other(torus, factor * (fields.array() + 7.0).matrix());
    BOOST_TEST((law.covariance() - other.covariance()).norm() < 1e-13);
    BOOST_TEST(std::abs(law.four_point(1, 2, 4) - other.four_point(1, 2, 4)) < 1e-13);
  }
}

// Fields of two kinds, whose mean squares tell which they are. With the scale taken for known the
// ratio would be 3.6.
BOOST_AUTO_TEST_CASE(standard_errors_know_that_the_scale_is_an_estimate) {
  const Torus torus({4});
  Eigen::Matrix<double, 4, 2> kinds;
  kinds.col(0) << 2.0, 0.0, -2.0, 0.0;
  kinds.col(1) << 0.3, -0.3, 0.3, -0.3;
  constexpr int fields = 200, sets = 400;
  MatrixXd drawn(4, fields);
  double sum = 0.0, squares = 0.0, stated = 0.0;
  double four_sum = 0.0, four_squares = 0.0, four_stated = 0.0;
  for (int set = 0; set < sets; ++set) {
    const Eigen::VectorXd coin = test::random_values(fields, static_cast<std::uint64_t>(set));
    for (Index p = 0; p < fields; ++p) drawn.col(p) = kinds.col(coin[p] > 0.0 ? 0 : 1);
    const EmpiricalField law(torus, drawn);
    BOOST_TEST(law.covariance_error(0) < 1e-15);
    sum += law.covariance()[1] / sets;
    squares += std::pow(law.covariance()[1], 2) / sets;
    stated += std::pow(law.covariance_error(1), 2) / sets;
    four_sum += law.four_point(0, 1, 1) / sets;
    four_squares += std::pow(law.four_point(0, 1, 1), 2) / sets;
    four_stated += std::pow(law.four_point_error(0, 1, 1), 2) / sets;
  }
  const double ratio = (squares - sum * sum) / stated,
               four_ratio = (four_squares - four_sum * four_sum) / four_stated;
  BOOST_TEST(std::abs(ratio - 1.0) < 0.3, ratio);
  BOOST_TEST(std::abs(four_ratio - 1.0) < 0.3, four_ratio);
}

// Two kinds of skewed fields, the rarer of which are large, so that the mean tells how many there
// were. With the mean taken for known the ratio would be 8.6.
BOOST_AUTO_TEST_CASE(standard_errors_know_that_the_mean_is_an_estimate) {
  const Torus torus({4});
  Eigen::Matrix<double, 4, 2> kinds;
  kinds.col(0) << 3.0, 2.0, 1.0, 2.0;
  kinds.col(1) << 0.0, 0.3, -0.3, 0.0;
  constexpr int fields = 400, sets = 400;
  MatrixXd drawn(4, fields);
  test::SampleMeans found(1);
  double stated = 0.0;
  for (int set = 0; set < sets; ++set) {
    const Eigen::VectorXd coin = test::random_values(fields, static_cast<std::uint64_t>(set));
    for (Index p = 0; p < fields; ++p) drawn.col(p) = kinds.col(coin[p] > 0.6 ? 0 : 1);
    const EmpiricalField law(torus, drawn);
    found.add(Eigen::ArrayXd::Constant(1, law.four_point(0, 1, 2)));
    stated += std::pow(law.four_point_error(0, 1, 2), 2) / sets;
  }
  const double ratio = std::pow(found.standard_error()[0], 2) * sets / stated;
  BOOST_TEST(std::abs(ratio - 1.0) < 0.3, ratio);
}

// The cubes of these fields have a mean. 4 standard errors: a false alarm of 6e-5 at another seed.
BOOST_AUTO_TEST_CASE(odd_moments_vanish) {
  const EmpiricalField law = empirical(Torus({8}), 1);
  const double third = law.fields().array().cube().mean();
  test::SampleMeans mean(1);
  Field x(8);
  for (std::uint64_t n = 0; n < 2000; ++n) {
    RandomStream stream(1, Purpose::evaluation, n);
    law.sample(stream, x);
    mean.add(Eigen::ArrayXd::Constant(1, x.array().cube().mean()));
  }
  BOOST_TEST(std::abs(third) > 10.0 * mean.standard_error()[0]);
  test::check_means(mean, Eigen::ArrayXd::Zero(1));
}

BOOST_AUTO_TEST_CASE(fields_of_a_chain_have_larger_standard_errors) {
  const Torus torus({8});
  const MatrixXd fields = random_fields(torus, 30, 1);
  const EmpiricalField independent(torus, fields), chain(torus, fields, 2.0);
  BOOST_TEST(chain.four_point(1, 2, 4) == independent.four_point(1, 2, 4));
  BOOST_TEST(std::abs(chain.four_point_error(1, 2, 4) / independent.four_point_error(1, 2, 4) -
                      2.0) < 1e-14);
  BOOST_TEST(std::abs(chain.covariance_error(3) / independent.covariance_error(3) - 2.0) < 1e-14);
  BOOST_CHECK_THROW(EmpiricalField(torus, fields, 0.0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(one_field_is_enough_and_has_no_standard_error) {
  const EmpiricalField law = empirical(Torus({4, 4}), 1);
  for (int a = 0; a < 4; ++a) {
    BOOST_TEST(std::isnan(law.four_point_error(0, a, 1)));
    BOOST_TEST(std::isnan(law.covariance_error(a)));
  }
  BOOST_TEST(std::isfinite(law.four_point(0, 1, 1)));
}

BOOST_AUTO_TEST_CASE(what_is_no_set_of_fields_is_refused) {
  const Torus torus({4});
  const auto refused = [&torus](const MatrixXd& fields) {
    BOOST_CHECK_THROW(EmpiricalField(torus, fields), std::invalid_argument);
  };
  refused(MatrixXd::Random(5, 3));
  refused(MatrixXd(4, 0));
  refused(MatrixXd::Zero(4, 3));
  refused(MatrixXd::Constant(4, 3, 0.1));
  MatrixXd holed = MatrixXd::Random(4, 3);
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    holed(2, 1) = bad;
    refused(holed);
  }
}

BOOST_AUTO_TEST_SUITE_END()

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/random_stream.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/tensor/tiled_cp_from_entries.hpp"

#include "cumulant_tensor.hpp"
#include "reference_inputs.hpp"
#include "statistics.hpp"
#include "template_distance.hpp"
#include "thread_count.hpp"
#include "tiled_factors.hpp"

BOOST_AUTO_TEST_SUITE(entry_sample)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr LatticeSymmetry inversion{false, false}, all{true, true};

std::vector<NonlinearGaussianField> inputs() {
  return {nlgp({7}, 3.0, 1.5), nlgp({12}, 3.0, 2.0), nlgp({3, 4}, 3.0, 1.5),
          nlgp({4, 4}, 3.0, 1.0)};
}

bool same_entries(const EntrySample& a, const EntrySample& b) {
  return std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    [](const CumulantEntry& x, const CumulantEntry& y) {
                      return x.a == y.a && x.b == y.b && x.c == y.c && x.weight == y.weight &&
                             x.kappa == y.kappa;
                    });
}

// Whether the four sites are within one site of each other, along every axis.
bool is_compact(const Torus& torus, const std::array<int, 4>& sites) {
  for (int x : sites)
    for (int y : sites) {
      const auto [row, column] = torus.coordinates(torus.add(x, torus.negate(y)));
      if (std::abs(std::remainder(row, torus.rows())) > 1 ||
          std::abs(std::remainder(column, torus.columns())) > 1)
        return false;
    }
  return true;
}

// Functions of an entry that do not depend on the order of the four sites.
Eigen::Array4d functions_of(const Torus& torus, int a, int b, int c, double kappa) {
  return {1.0, kappa, kappa * kappa, is_compact(torus, {0, a, b, c}) ? kappa * kappa : 0.0};
}

// The sums of these functions over the whole tensor.
Eigen::Array4d exact_sums(const FourthCumulant& kappa) {
  Eigen::Array4d sums = Eigen::Array4d::Zero();
  const int n = kappa.torus().sites();
  for (int a = 0; a < n; ++a)
    for (int b = 0; b < n; ++b)
      for (int c = 0; c < n; ++c) sums += functions_of(kappa.torus(), a, b, c, kappa(a, b, c));
  return sums;
}

// The entries of a table. Faster than the closed form if many entries are drawn.
FourthCumulant looked_up(const CumulantTable& table) {
  return {table.torus(), Field::Zero(table.torus().sites()), table};
}

}  // namespace

BOOST_AUTO_TEST_CASE(entries_are_those_of_the_cumulant) {
  for (const auto& input : inputs()) {
    const FourthCumulant kappa = fourth_cumulant(input);
    const EntrySample sample = draw_entries(kappa, input.covariance(), 500, 1);
    BOOST_CHECK(sample.torus == input.torus());
    BOOST_TEST(sample.entries.size() == 500U);
    for (const CumulantEntry& entry : sample.entries) {
      BOOST_TEST(entry.kappa == kappa(entry.a, entry.b, entry.c));
      BOOST_TEST(entry.weight > 0.0);
    }
  }
}

// Four quantities on six samples: with other seeds, at least one fails by chance with probability
// 1.5e-3. Any reach is allowed; the asymmetric ones test other weights.
BOOST_AUTO_TEST_CASE(weighted_sums_are_unbiased) {
  const int count = sample_count(40000);
  const auto check = [&](const FourthCumulant& kappa, const Field& reach) {
    const EntrySample sample = draw_entries(kappa, reach, count, 2);
    SampleMeans means(4);
    for (const CumulantEntry& e : sample.entries)
      means.add(count * e.weight * functions_of(sample.torus, e.a, e.b, e.c, e.kappa));
    check_means(means, exact_sums(kappa));
  };
  for (const auto& input : inputs())
    check(looked_up(CumulantTable(fourth_cumulant(input))), input.covariance());
  for (const auto& shape : {std::vector{7}, std::vector{3, 4}}) {
    const TiledFactors factors = random_tiled_factors(shape, 2, 3);
    const Field reach = random_values(factors.torus.sites(), 4);
    check(fourth_cumulant_of(factors), reach);
  }
}

BOOST_AUTO_TEST_CASE(seed_and_run_choose_the_entries) {
  const auto input = nlgp({12}, 3.0, 2.0);
  const auto draw = [&](std::uint64_t seed, std::uint32_t run) {
    return draw_entries(fourth_cumulant(input), input.covariance(), 100, seed, run);
  };
  BOOST_TEST(same_entries(draw(1, 0), draw(1, 0)));
  BOOST_TEST(!same_entries(draw(1, 0), draw(2, 0)));
  BOOST_TEST(!same_entries(draw(1, 0), draw(1, 1)));
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const auto input = nlgp({4, 4}, 3.0, 1.0);
  std::vector<EntrySample> samples;
  std::vector<Eigen::MatrixXd> values;
  std::vector<std::vector<TiledCpFit>> fits;
  for (int threads : {1, 2}) {
    const ThreadCount count(threads);
    samples.push_back(draw_entries(fourth_cumulant(input), input.covariance(), 1000, 5));
    values.push_back(template_entries(input.torus(), random_tiled_factors({4, 4}, 2, 6).templates,
                                      samples.back().entries));
    fits.push_back(tiled_cp_from_entries(samples.back(), input.covariance(), {.rank = 2}));
  }
  BOOST_TEST(same_entries(samples[0], samples[1]));
  BOOST_CHECK(values[0] == values[1]);
  for (std::size_t r = 0; r < 2; ++r) {
    BOOST_TEST(fits[0][r].relative_error == fits[1][r].relative_error);
    BOOST_CHECK(fits[0][r].factors.templates == fits[1][r].factors.templates);
    BOOST_CHECK(fits[0][r].factors.lambda == fits[1][r].factors.lambda);
  }
}

// Windows of several sizes, the largest of which fill even and odd extents.
BOOST_AUTO_TEST_CASE(entries_of_templates_are_those_of_tiled_factors) {
  for (const auto& shape :
       std::vector<std::vector<int>>{{1}, {2}, {7}, {8}, {3, 4}, {4, 4}, {1, 5}})
    for (int radius : {0, 1, 2, 4}) {
      TiledFactors factors = random_tiled_factors(shape, 3, 7);
      const Torus& torus = factors.torus;
      const Eigen::MatrixXd window = window_basis(torus, radius, {});
      factors.templates = (window * (window.transpose() * factors.templates)).eval();
      std::vector<CumulantEntry> entries;
      for (int a = 0; a < torus.sites(); ++a)
        for (int b = 0; b < torus.sites(); ++b)
          for (int c = 0; c < torus.sites(); ++c) entries.push_back({a, b, c, 1.0, 0.0});
      const Eigen::MatrixXd values = template_entries(torus, factors.templates, entries);
      BOOST_TEST(values.rows() == std::ssize(entries));
      const Eigen::VectorXd sums = values * factors.lambda;
      // Sums of at most 48 products of numbers below 1.
      BOOST_TEST((sums - cumulant_tensor(fourth_cumulant_of(factors))).cwiseAbs().maxCoeff() <
                 1e-13);
    }
}

// A site beyond the window on one side only, which exists if an extent is even.
BOOST_AUTO_TEST_CASE(templates_of_one_site_are_read_where_they_stand) {
  for (const auto& shape : std::vector<std::vector<int>>{{8}, {7}, {4, 6}})
    for (int site = 0; site < Torus(shape).sites(); ++site) {
      const Torus torus(shape);
      Eigen::MatrixXd spike = Eigen::MatrixXd::Zero(torus.sites(), 1);
      spike(site, 0) = 2.0;
      const auto values =
          template_entries(torus, spike, {{0, 0, 0, 1.0, 0.0}, {1, 0, 0, 1.0, 0.0}});
      BOOST_TEST(values(0, 0) == 16.0);
      BOOST_TEST(values(1, 0) == 0.0);
    }
}

// Estimates from 50 independent samples. Each is within four standard errors of the true error.
// Their spread agrees with the stated standard error: 50 normal numbers give a standard deviation
// to 10 %, and the test allows four times this and a little for the error of the delta method.
BOOST_AUTO_TEST_CASE(estimated_errors_are_right_and_know_how_right) {
  constexpr int repetitions = 50;
  for (const auto& input : {nlgp({12}, 3.0, 2.0), nlgp({4, 4}, 3.0, 1.0)}) {
    const CumulantTable table(fourth_cumulant(input));
    const FourthCumulant kappa = looked_up(table);
    const TiledFactors factors = tiled_cp(table, table.squared_norm(), {.rank = 1}).back().factors;
    const double exact = error_of(factors, table.values());
    SampleMeans estimates(1);
    double stated = 0.0;
    for (std::uint32_t run = 0; run < repetitions; ++run) {
      const EstimatedError estimate =
          relative_error(factors, draw_entries(kappa, input.covariance(), 2000, 8, run));
      BOOST_TEST(std::abs(estimate.value - exact) <
                 allowed_standard_errors * estimate.standard_error);
      estimates.add(Eigen::Array<double, 1, 1>(estimate.value));
      stated += estimate.standard_error / repetitions;
    }
    const double spread = estimates.standard_error()[0] * std::sqrt(repetitions);
    BOOST_TEST_MESSAGE("error " << exact << ", estimated " << estimates.mean()[0] << ", spread "
                                << spread << ", stated " << stated);
    BOOST_TEST(spread > 0.55 * stated);
    BOOST_TEST(spread < 1.45 * stated);
    check_means(estimates, Eigen::Array<double, 1, 1>(exact));
  }
}

BOOST_AUTO_TEST_CASE(exact_factors_have_no_error) {
  const TiledFactors factors = random_tiled_factors({7}, 1, 9);
  Eigen::MatrixXd values;
  EntrySample sample = draw_entries(fourth_cumulant_of(factors), Field::Ones(7), 100, 10);
  values = template_entries(factors.torus, factors.templates, sample.entries) * factors.lambda;
  for (std::size_t n = 0; n < sample.entries.size(); ++n)
    sample.entries[n].kappa = values(static_cast<Eigen::Index>(n), 0);
  const EstimatedError error = relative_error(factors, sample);
  BOOST_TEST(error.value == 0.0);
  BOOST_TEST(error.standard_error == 0.0);
}

// A decomposition with so few terms is unique (see test_tiled_cp). The entries determine it, since
// they are many more than the unknowns.
BOOST_AUTO_TEST_CASE(planted_templates_are_found_from_entries) {
  struct Case {
    std::vector<int> shape;
    int radius;
    TemplateSymmetry symmetry;
  };
  for (const Case& c :
       {Case{{12}, 2, {}}, Case{{16}, 4, inversion}, Case{{3, 4}, 1, {}}, Case{{6, 6}, 2, all}})
    for (int rank : {1, 2}) {
      TiledFactors planted = random_tiled_factors(c.shape, rank, 11);
      const Eigen::MatrixXd basis = window_basis(planted.torus, c.radius, c.symmetry);
      planted.templates = (basis * (basis.transpose() * planted.templates)).eval();
      Field reach = basis.rowwise().norm();
      reach[0] = 1.0;
      const EntrySample sample = draw_entries(fourth_cumulant_of(planted), reach, 1000, 12);
      const TiledCpFit found =
          tiled_cp_from_entries(sample, reach,
                                {.rank = rank, .symmetry = c.symmetry, .radius = c.radius})
              .back();
      BOOST_TEST_CONTEXT("N " << planted.torus.sites() << ", R " << rank) {
        BOOST_TEST(found.relative_error < 1e-6);
        BOOST_TEST(template_distance(planted, found.factors) < 1e-4);
        const EntrySample fresh = draw_entries(fourth_cumulant_of(planted), reach, 1000, 12, 1);
        BOOST_TEST(relative_error(found.factors, fresh).value < 1e-5);
      }
    }
}

BOOST_AUTO_TEST_CASE(stated_errors_are_those_of_the_fitted_entries) {
  const auto input = nlgp({4, 4}, 3.0, 1.0);
  const EntrySample sample = draw_entries(fourth_cumulant(input), input.covariance(), 1000, 13);
  for (const TiledCpFit& found : tiled_cp_from_entries(sample, input.covariance(), {.rank = 3}))
    BOOST_TEST(std::abs(relative_error(found.factors, sample).value - found.relative_error) <
               1e-12);
}

// With about N^3 / 2 entries or more, the fit finds the same minimum. Its error over the whole
// tensor is at most 10 % larger.
BOOST_AUTO_TEST_CASE(fits_to_entries_are_about_as_good_as_fits_to_the_operator) {
  for (const auto& [input, symmetry] :
       {std::pair{nlgp({16}, 3.0, 2.0), inversion}, std::pair{nlgp({4, 4}, 3.0, 1.0), all}}) {
    const CumulantTable table(fourth_cumulant(input));
    const EntrySample sample = draw_entries(fourth_cumulant(input), input.covariance(), 4000, 14);
    const TiledCpOptions options{
        .rank = 2, .starts = 12, .symmetry = symmetry, .radius = input.torus().sites()};
    const auto whole = tiled_cp(table, table.squared_norm(), options);
    const auto sampled = tiled_cp_from_entries(sample, input.covariance(), options);
    for (std::size_t r = 0; r < whole.size(); ++r) {
      const double error = error_of(sampled[r].factors, table.values());
      BOOST_TEST_MESSAGE("R " << r + 1 << ": " << whole[r].relative_error << " from the operator, "
                              << error << " from entries");
      BOOST_TEST(error < 1.1 * whole[r].relative_error);
      BOOST_TEST(error > 0.9 * whole[r].relative_error);
    }
  }
}

BOOST_AUTO_TEST_CASE(fits_to_entries_work_on_a_torus) {
  const auto input = nlgp({12, 12}, 3.0, 2.0);
  const FourthCumulant kappa = fourth_cumulant(input);
  const EntrySample sample = draw_entries(kappa, input.covariance(), 3000, 15),
                    fresh = draw_entries(kappa, input.covariance(), 3000, 15, 1);
  const auto fits = tiled_cp_from_entries(sample, input.covariance(), {.rank = 2, .symmetry = all});
  for (const TiledCpFit& found : fits) {
    const EstimatedError error = relative_error(found.factors, fresh);
    BOOST_TEST_MESSAGE("fitted " << found.relative_error << ", fresh " << error.value << " +- "
                                 << error.standard_error);
    BOOST_TEST(std::abs(error.value - found.relative_error) < 6.0 * error.standard_error);
  }
  BOOST_TEST(fits[0].relative_error < 0.25);
  BOOST_TEST(fits[1].relative_error < fits[0].relative_error);
}

// Without a given radius, windows end where the covariance falls below 1 %. At xi = 1 and low gain
// C(r) ~ exp(-r^2), so that the window ends at two sites.
BOOST_AUTO_TEST_CASE(windows_follow_the_reach) {
  const auto input = nlgp({12}, 0.5, 1.0);
  const EntrySample sample = draw_entries(fourth_cumulant(input), input.covariance(), 1000, 16);
  const auto wide = tiled_cp_from_entries(sample, input.covariance(), {}),
             two = tiled_cp_from_entries(sample, input.covariance(), {.radius = 2}),
             one = tiled_cp_from_entries(sample, input.covariance(), {.radius = 1});
  BOOST_CHECK(wide[0].factors.templates == two[0].factors.templates);
  BOOST_CHECK(wide[0].factors.templates != one[0].factors.templates);
  BOOST_TEST((two[0].factors.templates.array() != 0.0).count() == 5);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  const auto input = nlgp({7}, 3.0, 1.5);
  const FourthCumulant kappa = fourth_cumulant(input);
  const Field& reach = input.covariance();
  BOOST_CHECK_THROW(draw_entries(kappa, reach, 1, 1), std::invalid_argument);
  Field infinite = reach;
  infinite[3] = std::numeric_limits<double>::infinity();
  for (const Field& bad : {Field(Field::Ones(6)), Field(Field::Zero(7)), infinite})
    BOOST_CHECK_THROW(draw_entries(kappa, bad, 10, 1), std::invalid_argument);

  const EntrySample sample = draw_entries(kappa, reach, 100, 1);
  for (const TiledCpOptions& bad :
       {TiledCpOptions{.rank = 0}, TiledCpOptions{.starts = 1}, TiledCpOptions{.radius = -2}})
    BOOST_CHECK_THROW(tiled_cp_from_entries(sample, reach, bad), std::invalid_argument);
  BOOST_CHECK_THROW(tiled_cp_from_entries(sample, Field::Ones(8), {}), std::invalid_argument);
  EntrySample zero = sample;
  for (CumulantEntry& entry : zero.entries) entry.kappa = 0.0;
  BOOST_CHECK_THROW(tiled_cp_from_entries(zero, reach, {}), std::invalid_argument);
  BOOST_CHECK_THROW(tiled_cp_from_entries({sample.torus, {}}, reach, {}), std::invalid_argument);

  TiledFactors weights = random_tiled_factors({7}, 2, 1);
  weights.lambda.resize(3);
  BOOST_CHECK_THROW(relative_error(weights, sample), std::invalid_argument);
  BOOST_CHECK_THROW(relative_error(random_tiled_factors({8}, 2, 1), sample), std::invalid_argument);
  BOOST_CHECK_THROW(template_entries(Torus({7}), Eigen::MatrixXd::Zero(8, 1), sample.entries),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/tensor/tiled_cp.hpp"

#include "cumulant_tensor.hpp"
#include "direct_fourier.hpp"
#include "reference_inputs.hpp"
#include "template_distance.hpp"
#include "thread_count.hpp"
#include "tiled_factors.hpp"

BOOST_AUTO_TEST_SUITE(tiled_cp_fits)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr LatticeSymmetry inversion{false, false}, all{true, true};

const std::vector<std::vector<int>> shapes{{7}, {8}, {12}, {3, 4}, {4, 4}};

// A good fit has |kappa - tiled| <= 1e-6 |kappa|. The cost is a difference of numbers of order 1,
// so that errors are known to the root of a few times 1e-16.
constexpr double exact = 1e-6, rounding_of_error = 1e-7;

// An operator times a factor.
struct Scaled {
  CumulantOperator op;
  double factor;

  const Torus& torus() const { return op.torus(); }
  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const {
    op.contract(u, v, w, out);
    out *= factor;
  }
  void contract(const Spectrum& u, Spectrum& out) const { contract(u, u, u, out); }
};

std::vector<TiledCpFit> fit(const TiledFactors& planted, const TiledCpOptions& options) {
  return tiled_cp(TiledCumulant(planted), inner_product(planted, planted), options);
}

std::vector<TiledCpFit> fit(const CumulantTable& table, const TiledCpOptions& options) {
  return tiled_cp(BandLimitedCumulant(table), table.squared_norm(), options);
}

// Averages the templates over the maps of the symmetry, which leave site 0 unchanged.
TiledFactors symmetrised(TiledFactors factors, const LatticeSymmetry& symmetry) {
  const Eigen::MatrixXd basis = window_basis(factors.torus, factors.torus.sites(), symmetry);
  factors.templates = (basis * (basis.transpose() * factors.templates)).eval();
  return factors;
}

// Whether the symmetry about some site leaves the template unchanged, to `tolerance`.
bool is_symmetric(const Torus& torus, const Field& field, const LatticeSymmetry& symmetry,
                  double tolerance) {
  const auto maps = displacement_maps(torus, symmetry);
  for (int shift = 0; shift < torus.sites(); ++shift) {
    const Field moved = shifted(torus, field, shift);
    if (std::all_of(maps.begin(), maps.end(), [&](const auto& map) {
          return (moved(map) - moved).cwiseAbs().maxCoeff() < tolerance;
        }))
      return true;
  }
  return false;
}

}  // namespace

// R N vectors in general position in N dimensions are fewer than a generic tensor of order 4 needs.
// The decomposition is therefore unique up to the order of its terms and, for unit templates, the
// shift and sign of each term. The mirror images of templates without symmetry make another tensor.
BOOST_AUTO_TEST_CASE(planted_templates_are_found) {
  for (const auto& shape : shapes)
    for (int rank : {1, 2, 3}) {
      const TiledFactors planted = random_tiled_factors(shape, rank, 71);
      const auto fits = fit(planted, {.rank = rank});
      BOOST_TEST_CONTEXT("N " << planted.torus.sites() << ", R " << rank) {
        BOOST_REQUIRE(fits.size() == static_cast<std::size_t>(rank));
        BOOST_TEST(fits.back().relative_error < exact);
        BOOST_TEST(error_of(fits.back().factors, cumulant_tensor(fourth_cumulant_of(planted))) <
                   exact + rounding_of_error);
        // The tensor is known to 1e-6, and templates that are far from parallel to a few times
        // 1e-6.
        BOOST_TEST(template_distance(planted, fits.back().factors) < 1e-4);
      }
    }
}

BOOST_AUTO_TEST_CASE(planted_symmetric_templates_are_found_with_their_symmetry) {
  const std::vector<std::pair<std::vector<int>, LatticeSymmetry>> cases{
      {{7}, inversion}, {{12}, inversion}, {{3, 4}, {true, false}}, {{4, 4}, all}};
  for (const auto& [shape, symmetry] : cases)
    for (int rank : {1, 2}) {
      const TiledFactors planted = symmetrised(random_tiled_factors(shape, rank, 72), symmetry);
      const TiledCpFit found = fit(planted, {.rank = rank, .symmetry = symmetry}).back();
      BOOST_TEST_CONTEXT("N " << planted.torus.sites() << ", R " << rank) {
        BOOST_TEST(found.relative_error < exact);
        BOOST_TEST(template_distance(planted, found.factors) < 1e-4);
      }
    }
}

BOOST_AUTO_TEST_CASE(planted_templates_of_a_band_are_found_within_it) {
  for (const auto& [shape, band] :
       {std::pair{std::vector{12}, 3}, std::pair{std::vector{4, 5}, 1}}) {
    TiledFactors planted = random_tiled_factors(shape, 2, 73);
    const Eigen::MatrixXd basis = wave_basis(planted.torus, band, {});
    planted.templates = (basis * (basis.transpose() * planted.templates)).eval();
    const TiledCpFit found = fit(planted, {.rank = 2, .band = band}).back();
    BOOST_TEST(found.relative_error < exact);
    const TiledCpFit narrow = fit(planted, {.rank = 2, .band = band - 1}).back();
    BOOST_TEST(narrow.relative_error > 0.01);
    const Torus& torus = planted.torus;
    for (Eigen::Index r = 0; r < 2; ++r) {
      const Eigen::VectorXcd modes = direct_transform(torus, narrow.factors.templates.col(r));
      for (int q = 0; q < torus.sites(); ++q) {
        const auto [row, column] = torus.coordinates(q);
        if (std::abs(std::remainder(row, torus.rows())) >= band ||
            std::abs(std::remainder(column, torus.columns())) >= band)
          BOOST_TEST(std::abs(modes[q]) < 1e-13);
      }
    }
  }
}

// With the true Gauss-Newton matrix the digits double at every step if the residual vanishes at the
// solution. The 12 iterations of the comparison of starts, and one more, are then enough. Without
// one of the terms of the matrix they are not.
BOOST_AUTO_TEST_CASE(convergence_to_a_vanishing_residual_is_fast) {
  for (const auto& shape : shapes) {
    const TiledFactors planted = random_tiled_factors(shape, 2, 74);
    BOOST_TEST(fit(planted, {.rank = 2, .iterations = 1}).back().relative_error < exact);
  }
}

// The fit knows its cost in closed form, from the templates alone. This test compares every entry.
BOOST_AUTO_TEST_CASE(stated_errors_are_those_of_all_entries) {
  for (const auto& input : {nlgp({12}, 3.0, 2.0), nlgp({3, 4}, 3.0, 1.5), nlgp({4, 4}, 3.0, 1.0)}) {
    const CumulantTable table(fourth_cumulant(input));
    for (const TemplateSymmetry& symmetry : {TemplateSymmetry{}, TemplateSymmetry{inversion}})
      for (const TiledCpFit& found : fit(table, {.rank = 3, .symmetry = symmetry}))
        BOOST_TEST(std::abs(error_of(found.factors, table.values()) - found.relative_error) <
                   rounding_of_error);
  }
}

// At the end of a long fit the squared error has no slope along any direction of the templates or
// weights: the gradient of the fit is the true one. Central differences with a step of 1e-4 are
// accurate to 1e-8. The fit ends where the rounding of the cost, 1e-16, hides the slope, also at
// about 1e-8. (For these inputs a best fit exists: no two weights of opposite sign grow without
// bound.)
BOOST_AUTO_TEST_CASE(fits_end_where_the_error_is_stationary) {
  for (const auto& [input, rank] :
       {std::pair{nlgp({9}, 3.0, 2.0), 2}, std::pair{nlgp({3, 4}, 3.0, 1.0), 1}}) {
    const CumulantTable table(fourth_cumulant(input));
    const TiledFactors found =
        fit(table, {.rank = rank, .iterations = 1000, .tolerance = 0.0}).back().factors;
    const auto squared_error = [&](const Eigen::VectorXd& weights, const Eigen::MatrixXd& step) {
      TiledFactors moved = found;
      moved.lambda += weights;
      moved.templates += step;
      const double error = error_of(moved, table.values());
      return error * error;
    };
    for (std::uint64_t seed : {75, 76, 77, 78}) {
      constexpr double h = 1e-4;
      const Eigen::Index n = table.torus().sites();
      const Eigen::VectorXd weights = h * random_unit_vector(rank, seed);
      const Eigen::MatrixXd step = h * random_unit_vector(rank * n, seed).reshaped(n, rank);
      const double slope =
          (squared_error(weights, step) - squared_error(-weights, -step)) / (2.0 * h);
      BOOST_TEST(std::abs(slope) < 1e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_never_rise_with_the_rank) {
  for (const auto& input : {nlgp({12}, 3.0, 2.0), nlgp({4, 4}, 3.0, 1.0)}) {
    const CumulantTable table(fourth_cumulant(input));
    for (const TemplateSymmetry& symmetry : {TemplateSymmetry{}, TemplateSymmetry{inversion}})
      for (std::uint64_t seed : {1, 2, 3, 4}) {
        const auto fits = fit(
            table, {.rank = 4, .starts = 2, .seed = seed, .symmetry = symmetry, .iterations = 5});
        for (std::size_t r = 1; r < fits.size(); ++r)
          BOOST_TEST(fits[r].relative_error <= std::max(fits[r - 1].relative_error, exact));
      }
  }
}

// More templates than planted leave the fit unchanged.
BOOST_AUTO_TEST_CASE(spare_templates_do_no_harm) {
  const auto fits = fit(random_tiled_factors({8}, 1, 79), {.rank = 3});
  for (const TiledCpFit& found : fits) {
    BOOST_TEST(found.relative_error < exact);
    BOOST_TEST(found.factors.templates.allFinite());
  }
}

BOOST_AUTO_TEST_CASE(a_fit_of_a_rank_is_that_of_any_higher_rank_on_its_way) {
  const CumulantTable table(fourth_cumulant(nlgp({10}, 3.0, 2.0)));
  const auto two = fit(table, {.rank = 2}), three = fit(table, {.rank = 3});
  for (std::size_t r = 0; r < two.size(); ++r)
    BOOST_CHECK(two[r].factors.templates == three[r].factors.templates);
}

// The factor is a power of two, so that no bit of the mantissa changes.
BOOST_AUTO_TEST_CASE(fits_do_not_depend_on_the_scale_of_the_cumulant) {
  const CumulantTable table(fourth_cumulant(nlgp({12}, 3.0, 2.0)));
  const double squared_norm = table.squared_norm();
  const TiledCpOptions options{.rank = 3};
  const auto fits = tiled_cp(table, squared_norm, options);
  for (double factor : {0x1p-40, 0x1p40}) {
    const auto scaled = tiled_cp(Scaled{table, factor}, factor * factor * squared_norm, options);
    for (std::size_t r = 0; r < fits.size(); ++r) {
      BOOST_TEST(scaled[r].relative_error == fits[r].relative_error);
      BOOST_CHECK(scaled[r].factors.templates == fits[r].factors.templates);
      BOOST_CHECK(scaled[r].factors.lambda == factor * fits[r].factors.lambda);
    }
  }
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const CumulantTable table(fourth_cumulant(nlgp({3, 4}, 3.0, 1.5)));
  std::vector<std::vector<TiledCpFit>> fits;
  for (int threads : {1, 2}) {
    const ThreadCount count(threads);
    fits.push_back(fit(table, {.rank = 3}));
  }
  for (std::size_t r = 0; r < 3; ++r) {
    BOOST_TEST(fits[0][r].relative_error == fits[1][r].relative_error);
    BOOST_CHECK(fits[0][r].factors.lambda == fits[1][r].factors.lambda);
    BOOST_CHECK(fits[0][r].factors.templates == fits[1][r].factors.templates);
  }
}

BOOST_AUTO_TEST_CASE(seeds_choose_the_starts) {
  const CumulantTable table(fourth_cumulant(nlgp({12}, 3.0, 2.0)));
  const auto template_of = [&](std::uint64_t seed) {
    return fit(table, {.starts = 2, .seed = seed, .iterations = 1}).back().factors.templates;
  };
  BOOST_CHECK(template_of(1) == template_of(1));
  BOOST_CHECK(template_of(1) != template_of(2));
}

// The symmetry is about the site to which the normalisation has moved the centre of the template.
BOOST_AUTO_TEST_CASE(templates_have_the_symmetry_asked_for) {
  const std::vector<std::pair<NonlinearGaussianField, LatticeSymmetry>> cases{
      {nlgp({9}, 3.0, 2.0), inversion},
      {nlgp({12}, 3.0, 1.0), inversion},
      {nlgp({4, 5}, 3.0, 1.0), {true, false}},
      {nlgp({4, 4}, 3.0, 1.0), all}};
  for (const auto& [input, symmetry] : cases) {
    const CumulantTable table(fourth_cumulant(input));
    for (const TiledCpFit& found : fit(table, {.rank = 3, .symmetry = symmetry})) {
      BOOST_CHECK(found.factors.torus == input.torus());
      for (Eigen::Index r = 0; r < found.factors.rank(); ++r)
        BOOST_TEST(is_symmetric(input.torus(), found.factors.templates.col(r), symmetry, 1e-13));
    }
  }
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  const TiledFactors planted = random_tiled_factors({4}, 1, 80);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const TiledCpOptions& bad :
       {TiledCpOptions{.rank = 0}, TiledCpOptions{.starts = 1}, TiledCpOptions{.band = -2},
        TiledCpOptions{.radius = -2}, TiledCpOptions{.iterations = 0},
        TiledCpOptions{.tolerance = -1.0}, TiledCpOptions{.tolerance = nan},
        TiledCpOptions{.good_enough = -1.0}, TiledCpOptions{.good_enough = nan},
        TiledCpOptions{.symmetry = LatticeSymmetry{false, true}}})
    BOOST_CHECK_THROW(fit(planted, bad), std::invalid_argument);
  BOOST_CHECK_THROW(fit(random_tiled_factors({1300}, 1, 80), {.rank = 2}), std::invalid_argument);
  for (double squared_norm : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()})
    BOOST_CHECK_THROW(tiled_cp(TiledCumulant(planted), squared_norm, {}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

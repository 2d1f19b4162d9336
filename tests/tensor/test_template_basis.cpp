#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/template_basis.hpp"

#include "direct_fourier.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(template_basis)

using namespace popflow;

namespace {

// Sums of at most 36 products of numbers below 1.
constexpr double rounding = 1e-13;

constexpr LatticeSymmetry inversion{false, false}, reflections{true, false}, exchange{false, true},
    both{true, true};

struct Case {
  std::vector<int> shape;
  TemplateSymmetry symmetry;
  int full;  // dimension of all templates of this symmetry
  int two;   // dimension for wave numbers, or sites, up to 2
};

// Without symmetry the dimension is the number of modes, or sites. Otherwise it is the number of
// classes of displacements, counted by hand. On the torus of 6 x 6, displacements have the
// magnitudes 0, 1, 2, 3 along each axis. Inversion leaves four displacements unchanged. Reflections
// make 4 x 4 classes, and with the exchange the classes are unordered pairs of magnitudes.
// Inversion and exchange generate a group of four maps, which leave 36, 4, 6 and 6 displacements
// unchanged.
std::vector<Case> cases() {
  return {{{1}, {}, 1, 1},           {{2}, {}, 2, 2},
          {{2}, inversion, 2, 2},    {{7}, {}, 7, 5},
          {{7}, inversion, 4, 3},    {{8}, {}, 8, 5},
          {{8}, inversion, 5, 3},    {{8}, reflections, 5, 3},
          {{5}, {}, 5, 5},           {{3, 4}, {}, 12, 12},
          {{3, 4}, inversion, 7, 7}, {{3, 4}, reflections, 6, 6},
          {{5, 7}, {}, 35, 25},      {{5, 7}, inversion, 18, 13},
          {{6, 6}, {}, 36, 25},      {{6, 6}, inversion, 20, 13},
          {{6, 6}, both, 10, 6},     {{6, 6}, reflections, 16, 9},
          {{6, 6}, exchange, 13, 9}, {{2, 5}, reflections, 6, 6}};
}

bool within(const Torus& torus, int displacement, int extent) {
  const auto [row, column] = torus.coordinates(displacement);
  return std::abs(std::remainder(row, torus.rows())) <= extent &&
         std::abs(std::remainder(column, torus.columns())) <= extent;
}

// The mean of all images of the field under the symmetry.
Field symmetrised(const Torus& torus, const Field& field, const TemplateSymmetry& symmetry) {
  if (!symmetry) return field;
  const auto maps = displacement_maps(torus, *symmetry);
  Field sum = Field::Zero(field.size());
  for (const auto& map : maps)
    for (int d = 0; d < torus.sites(); ++d) sum[d] += field[map[d]];
  return sum / static_cast<double>(maps.size());
}

Field band_limited(const Torus& torus, const Field& field, int band) {
  const Eigen::VectorXcd modes = test::direct_transform(torus, field);
  Field result = Field::Zero(field.size());
  for (int q = 0; q < torus.sites(); ++q)
    if (within(torus, q, band))
      for (int j = 0; j < torus.sites(); ++j)
        result[j] += (modes[q] * std::conj(test::plane_wave(torus, q, j))).real() / torus.sites();
  return result;
}

Field windowed(const Torus& torus, Field field, int radius) {
  for (int site = 0; site < torus.sites(); ++site)
    if (!within(torus, site, radius)) field[site] = 0.0;
  return field;
}

template <class Check>
void for_bases(const Check& check) {
  for (const Case& c : cases()) {
    const Torus torus(c.shape);
    for (int extent : {0, 1, 2, 3, torus.sites()})
      BOOST_TEST_CONTEXT("N " << torus.sites() << ", extent " << extent)
    check(torus, c.symmetry, extent);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(dimensions_are_known) {
  for (const Case& c : cases()) {
    const Torus torus(c.shape);
    BOOST_TEST_CONTEXT("N " << torus.sites() << ", full " << c.full) {
      BOOST_TEST(wave_basis(torus, torus.sites(), c.symmetry).cols() == c.full);
      BOOST_TEST(window_basis(torus, torus.sites(), c.symmetry).cols() == c.full);
      BOOST_TEST(wave_basis(torus, 2, c.symmetry).cols() == c.two);
      BOOST_TEST(window_basis(torus, 2, c.symmetry).cols() == c.two);
      BOOST_TEST(wave_basis(torus, 0, c.symmetry).cols() == 1);
      BOOST_TEST(window_basis(torus, 0, c.symmetry).cols() == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(bases_are_orthonormal) {
  for_bases([](const Torus& torus, const TemplateSymmetry& symmetry, int extent) {
    for (const Eigen::MatrixXd& basis :
         {wave_basis(torus, extent, symmetry), window_basis(torus, extent, symmetry)})
      BOOST_TEST((basis.transpose() * basis).isIdentity(rounding));
  });
}

// The projection onto the orthonormal basis equals the average over the symmetry with a cut-off
// band. The span is therefore neither smaller nor larger than it should be.
BOOST_AUTO_TEST_CASE(fourier_bases_span_symmetric_fields_within_the_band) {
  for_bases([](const Torus& torus, const TemplateSymmetry& symmetry, int band) {
    const Eigen::MatrixXd basis = wave_basis(torus, band, symmetry);
    const Field field = test::random_values(torus.sites(), 1);
    const Field expected = band_limited(torus, symmetrised(torus, field, symmetry), band);
    const Field projected = basis * (basis.transpose() * field);
    BOOST_TEST((projected - expected).cwiseAbs().maxCoeff() < rounding);
  });
}

BOOST_AUTO_TEST_CASE(window_bases_span_symmetric_fields_within_the_window) {
  for_bases([](const Torus& torus, const TemplateSymmetry& symmetry, int radius) {
    const Eigen::MatrixXd basis = window_basis(torus, radius, symmetry);
    const Field field = test::random_values(torus.sites(), 2);
    const Field expected = windowed(torus, symmetrised(torus, field, symmetry), radius);
    const Field projected = basis * (basis.transpose() * field);
    BOOST_TEST((projected - expected).cwiseAbs().maxCoeff() < rounding);
    for (int site = 0; site < torus.sites(); ++site)
      if (!within(torus, site, radius)) BOOST_TEST(basis.row(site).isZero(0.0));
  });
}

BOOST_AUTO_TEST_CASE(symmetric_bases_are_the_same_under_every_map) {
  for_bases([](const Torus& torus, const TemplateSymmetry& symmetry, int extent) {
    if (!symmetry) return;
    for (const Eigen::MatrixXd& basis :
         {wave_basis(torus, extent, symmetry), window_basis(torus, extent, symmetry)})
      for (const auto& map : displacement_maps(torus, *symmetry))
        for (int d = 0; d < torus.sites(); ++d)
          BOOST_TEST((basis.row(d) - basis.row(map[d])).cwiseAbs().maxCoeff() < rounding);
  });
}

// A translation-invariant form mixes only neighbours. tiled_cp relies on this.
BOOST_AUTO_TEST_CASE(sine_and_cosine_of_one_wave_number_are_neighbours) {
  for_bases([](const Torus& torus, const TemplateSymmetry& symmetry, int band) {
    const Eigen::MatrixXd basis = wave_basis(torus, band, symmetry);
    const Field f = symmetrised(torus, test::random_values(torus.sites(), 3), symmetry);
    Eigen::MatrixXd form(torus.sites(), torus.sites());
    for (int i = 0; i < torus.sites(); ++i)
      for (int j = 0; j < torus.sites(); ++j) form(i, j) = f[torus.add(j, torus.negate(i))];
    Eigen::MatrixXd mixed = basis.transpose() * form * basis;
    for (Eigen::Index p = 0; p < mixed.rows(); ++p)
      for (Eigen::Index q = 0; q < mixed.cols(); ++q)
        if (std::abs(p - q) > 1) BOOST_TEST(std::abs(mixed(p, q)) < 10 * rounding);
  });
}

// The products of wave number and site exceed 32 bits here.
BOOST_AUTO_TEST_CASE(modes_of_a_long_ring_are_right) {
  constexpr int n = 70000;
  for (const TemplateSymmetry& symmetry : {TemplateSymmetry{}, TemplateSymmetry{inversion}}) {
    const Eigen::MatrixXd basis = wave_basis(Torus({n}), 1, symmetry);
    double worst = 0.0;
    for (int j = 0; j < n; ++j)
      worst = std::max(worst, std::abs(basis(j, 1) - std::sqrt(2.0 / n) *
                                                         std::cos(2.0 * std::numbers::pi * j / n)));
    BOOST_TEST(worst < rounding);
  }
}

BOOST_AUTO_TEST_CASE(negative_extents_and_impossible_symmetries_are_refused) {
  BOOST_CHECK_THROW(wave_basis(Torus({7}), -1, {}), std::invalid_argument);
  BOOST_CHECK_THROW(window_basis(Torus({7}), -1, {}), std::invalid_argument);
  for (const Torus& torus : {Torus({7}), Torus({3, 4})}) {
    BOOST_CHECK_THROW(wave_basis(torus, 1, exchange), std::invalid_argument);
    BOOST_CHECK_THROW(window_basis(torus, 1, exchange), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/torus.hpp"

#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(torus)

using namespace popflow;

namespace {

// Rings and tori with odd and even extents, and with an extent of 1.
std::vector<Torus> lattices() {
  std::vector<Torus> result;
  for (const std::vector<int>& shape :
       std::vector<std::vector<int>>{{1}, {2}, {5}, {8}, {1, 6}, {6, 1}, {4, 6}, {3, 5}, {1, 1}})
    result.emplace_back(shape);
  return result;
}

int modulo(int coordinate, int extent) { return (coordinate % extent + extent) % extent; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_ring_is_one_row) {
  const Torus ring({7});
  BOOST_TEST(ring.dimensions() == 1);
  BOOST_TEST(ring.shape() == std::vector<int>{7}, boost::test_tools::per_element());
  BOOST_TEST(ring.rows() == 1);
  BOOST_TEST(ring.columns() == 7);
  BOOST_TEST(ring.sites() == 7);
  BOOST_TEST(ring.half_modes() == 4);
}

BOOST_AUTO_TEST_CASE(a_torus_has_rows_and_columns) {
  const Torus torus({4, 6});
  BOOST_TEST(torus.dimensions() == 2);
  BOOST_TEST(torus.rows() == 4);
  BOOST_TEST(torus.columns() == 6);
  BOOST_TEST(torus.sites() == 24);
  BOOST_TEST(torus.half_modes() == 16);
}

BOOST_AUTO_TEST_CASE(sites_are_numbered_row_major) {
  for (const Torus& torus : lattices()) {
    int site = 0;
    for (int row = 0; row < torus.rows(); ++row)
      for (int column = 0; column < torus.columns(); ++column, ++site) {
        BOOST_TEST(torus.site(row, column) == site);
        BOOST_TEST(torus.coordinates(site)[0] == row);
        BOOST_TEST(torus.coordinates(site)[1] == column);
      }
  }
}

BOOST_AUTO_TEST_CASE(coordinates_wrap_around) {
  for (const Torus& torus : lattices())
    for (int row = -2 * torus.rows(); row <= 2 * torus.rows(); ++row)
      for (int column = -2 * torus.columns(); column <= 2 * torus.columns(); ++column)
        BOOST_TEST(torus.site(row, column) ==
                   modulo(row, torus.rows()) * torus.columns() + modulo(column, torus.columns()));
}

BOOST_AUTO_TEST_CASE(displacements_add_coordinate_by_coordinate) {
  for (const Torus& torus : lattices())
    for (int a = 0; a < torus.sites(); ++a)
      for (int b = 0; b < torus.sites(); ++b) {
        const auto from = torus.coordinates(a), by = torus.coordinates(b);
        BOOST_TEST(torus.add(a, b) == torus.site(from[0] + by[0], from[1] + by[1]));
      }
}

BOOST_AUTO_TEST_CASE(a_displacement_and_its_opposite_cancel) {
  for (const Torus& torus : lattices())
    for (int a = 0; a < torus.sites(); ++a) {
      BOOST_TEST(torus.add(a, torus.negate(a)) == 0);
      BOOST_TEST(torus.negate(torus.negate(a)) == a);
    }
}

BOOST_AUTO_TEST_CASE(distances_are_the_least_of_all_ways_around) {
  for (const Torus& torus : lattices())
    for (int down = -torus.rows(); down <= torus.rows(); ++down)
      for (int right = -torus.columns(); right <= torus.columns(); ++right) {
        const auto [rows, columns] = torus.distances(torus.site(down, right));
        BOOST_TEST(rows <= std::abs(down));
        BOOST_TEST(columns <= std::abs(right));
        if (2 * std::abs(down) <= torus.rows()) BOOST_TEST(rows == std::abs(down));
        if (2 * std::abs(right) <= torus.columns()) BOOST_TEST(columns == std::abs(right));
      }
}

BOOST_AUTO_TEST_CASE(a_shift_moves_every_value_by_the_displacement) {
  for (const Torus& torus : lattices()) {
    const Field field = test::random_values(torus.sites(), 1);
    for (int d = 0; d < torus.sites(); ++d) {
      const Field moved = shifted(torus, field, d);
      for (int i = 0; i < torus.sites(); ++i) BOOST_TEST(moved[torus.add(i, d)] == field[i]);
      BOOST_CHECK(shifted(torus, moved, torus.negate(d)) == field);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reflection_exchanges_opposite_sites) {
  for (const Torus& torus : lattices()) {
    const Field field = test::random_values(torus.sites(), 2);
    const Field mirror = reflected(torus, field);
    for (int i = 0; i < torus.sites(); ++i) BOOST_TEST(mirror[torus.negate(i)] == field[i]);
    BOOST_CHECK(reflected(torus, mirror) == field);
  }
}

BOOST_AUTO_TEST_CASE(bad_shapes_are_refused) {
  BOOST_CHECK_THROW(Torus({}), std::invalid_argument);
  BOOST_CHECK_THROW(Torus({2, 3, 4}), std::invalid_argument);
  BOOST_CHECK_THROW(Torus({0}), std::invalid_argument);
  BOOST_CHECK_THROW(Torus({-5}), std::invalid_argument);
  BOOST_CHECK_THROW(Torus({4, 0}), std::invalid_argument);
  BOOST_CHECK_THROW(Torus({-1, 4}), std::invalid_argument);
  BOOST_CHECK_THROW(Torus({65536, 65536}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(lattices_are_equal_when_their_shapes_are) {
  BOOST_CHECK(Torus({3, 5}) == Torus({3, 5}));
  BOOST_CHECK(!(Torus({3, 5}) == Torus({5, 3})));
  BOOST_CHECK(!(Torus({15}) == Torus({3, 5})));
}

BOOST_AUTO_TEST_SUITE_END()

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/lattice/symmetry.hpp"

#include "reference_inputs.hpp"

BOOST_AUTO_TEST_SUITE(symmetry)

using namespace popflow;
using test::quadratic_correlation;

namespace {

using Map = std::vector<int>;

constexpr LatticeSymmetry none{false, false}, reflections{true, false}, exchange{false, true},
    both{true, true};

struct Case {
  std::vector<int> shape;
  LatticeSymmetry symmetry;
  std::size_t maps;
};

// Reflecting an axis of one or two sites moves nothing.
std::vector<Case> cases() {
  return {{{7}, none, 2},        {{8}, reflections, 2},    {{2}, none, 1},
          {{1}, reflections, 1}, {{3, 4}, none, 2},        {{3, 4}, reflections, 4},
          {{2, 5}, none, 2},     {{2, 5}, reflections, 2}, {{4, 4}, none, 2},
          {{4, 4}, exchange, 4}, {{4, 4}, reflections, 4}, {{4, 4}, both, 8},
          {{2, 2}, both, 2},     {{1, 1}, both, 1}};
}

Map composed(const Map& outer, const Map& inner) {
  Map result;
  for (int d : inner) result.push_back(outer[d]);
  return result;
}

struct Silent {};
struct Stating {
  LatticeSymmetry symmetry() const { return exchange; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(maps_are_a_group_of_the_known_size_that_holds_inversion) {
  for (const Case& c : cases()) {
    const Torus torus(c.shape);
    const std::vector<Map> maps = displacement_maps(torus, c.symmetry);
    const std::set<Map> group(maps.begin(), maps.end());
    BOOST_TEST(maps.size() == c.maps);
    BOOST_TEST(group.size() == c.maps);
    Map inversion;
    for (int d = 0; d < torus.sites(); ++d) inversion.push_back(torus.negate(d));
    BOOST_TEST(group.contains(inversion));
    BOOST_TEST(std::is_sorted(maps[0].begin(), maps[0].end()));
    for (const Map& f : maps)
      for (const Map& g : maps) BOOST_TEST(group.contains(composed(f, g)));
  }
}

BOOST_AUTO_TEST_CASE(maps_keep_sums_of_displacements) {
  for (const Case& c : cases()) {
    const Torus torus(c.shape);
    for (const Map& map : displacement_maps(torus, c.symmetry))
      for (int a = 0; a < torus.sites(); ++a)
        for (int b = 0; b < torus.sites(); ++b)
          BOOST_TEST(map[torus.add(a, b)] == torus.add(map[a], map[b]));
  }
}

BOOST_AUTO_TEST_CASE(each_flag_brings_its_own_map) {
  const Torus torus({4, 4});
  Map one_axis, transposition;
  for (int row = 0; row < 4; ++row)
    for (int column = 0; column < 4; ++column) {
      one_axis.push_back(torus.site(-row, column));
      transposition.push_back(torus.site(column, row));
    }
  for (const LatticeSymmetry& s : {none, reflections, exchange, both}) {
    const std::vector<Map> maps = displacement_maps(torus, s);
    BOOST_TEST(std::count(maps.begin(), maps.end(), one_axis) == s.axis_reflections);
    BOOST_TEST(std::count(maps.begin(), maps.end(), transposition) == s.axis_exchange);
  }
}

BOOST_AUTO_TEST_CASE(axes_that_are_not_two_equal_ones_are_not_exchanged) {
  for (const std::vector<int>& shape : {std::vector<int>{4}, {1}, {3, 4}, {1, 4}}) {
    BOOST_CHECK_THROW(displacement_maps(Torus(shape), exchange), std::invalid_argument);
    BOOST_CHECK_THROW(check_symmetry(Torus(shape), both), std::invalid_argument);
    BOOST_CHECK_NO_THROW(check_symmetry(Torus(shape), reflections));
  }
}

BOOST_AUTO_TEST_CASE(the_symmetries_of_a_covariance_are_found) {
  const auto found = [](const std::vector<int>& shape, double down, double right, double cross) {
    const Torus torus(shape);
    return symmetry_of(torus, quadratic_correlation(torus, down, right, cross));
  };
  BOOST_CHECK(found({4, 4}, 0.5, 0.5, 0.0) == both);
  BOOST_CHECK(found({4, 4}, 0.5, 0.8, 0.0) == reflections);
  BOOST_CHECK(found({4, 4}, 0.5, 0.5, 0.3) == exchange);
  BOOST_CHECK(found({4, 4}, 0.5, 0.8, 0.3) == none);
  BOOST_CHECK(found({4, 5}, 0.5, 0.5, 0.0) == reflections);
  BOOST_CHECK(found({4, 5}, 0.5, 0.5, 0.3) == none);
  BOOST_CHECK(found({9}, 0.5, 0.5, 0.0) == none);
}

// The sums over images come out in another order on the other side.
BOOST_AUTO_TEST_CASE(rounding_hides_no_symmetry_of_a_gaussian_correlation) {
  for (int extent : {3, 8, 20, 21})
    for (double xi : {0.1, 1.0, 4.0, 10.0, 100.0, 1000.0}) {
      const Torus torus({extent, extent}), oblong({extent, extent + 1});
      BOOST_CHECK(symmetry_of(torus, gaussian_correlation(torus, xi)) == both);
      BOOST_CHECK(symmetry_of(oblong, gaussian_correlation(oblong, xi)) == reflections);
    }
}

BOOST_AUTO_TEST_CASE(a_difference_above_rounding_is_no_symmetry) {
  const Torus torus({4, 4});
  Field covariance = gaussian_correlation(torus, 1.5);
  covariance[torus.site(0, 1)] += 1e-13;
  covariance[torus.site(0, -1)] += 1e-13;
  BOOST_CHECK(symmetry_of(torus, covariance) == reflections);
  covariance[torus.site(1, 1)] += 1e-13;
  covariance[torus.site(-1, -1)] += 1e-13;
  BOOST_CHECK(symmetry_of(torus, covariance) == none);
}

BOOST_AUTO_TEST_CASE(a_model_that_states_nothing_has_inversion_only) {
  BOOST_CHECK(stated_symmetry(Silent{}) == none);
  BOOST_CHECK(stated_symmetry(Stating{}) == exchange);
}

BOOST_AUTO_TEST_SUITE_END()

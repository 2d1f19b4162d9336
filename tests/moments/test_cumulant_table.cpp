#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/gaussian_field.hpp"
#include "popflow/moments/cumulant_table.hpp"

#include "cumulant_tensor.hpp"
#include "reference_inputs.hpp"

using namespace popflow;
using test::nlgp;

namespace {

// An entry may be computed at another member of its orbit: twice the accuracy of ErfFourPoint.
constexpr double tolerance = 2e-12;

using Triple = std::array<int, 3>;

std::vector<NonlinearGaussianField> fields() {
  return {nlgp({7}, 3.0, 1.5), nlgp({8}, 3.0, 2.0), nlgp({3, 4}, 3.0, 1.5), nlgp({1}, 3.0, 1.0)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cumulant_table)

BOOST_AUTO_TEST_CASE(every_entry_is_the_cumulant_computed_without_symmetries) {
  for (const NonlinearGaussianField& field : fields()) {
    const FourthCumulant kappa = fourth_cumulant(field);
    const CumulantTable table(kappa);
    const Eigen::VectorXd expected = test::cumulant_tensor(kappa);
    BOOST_TEST((table.values() - expected).cwiseAbs().maxCoeff() < tolerance);
  }
}

BOOST_AUTO_TEST_CASE(entries_are_row_major_in_the_three_displacements) {
  const CumulantTable table(fourth_cumulant(nlgp({3, 4}, 3.0, 1.5)));
  Eigen::Index entry = 0;
  for (int a = 0; a < 12; ++a)
    for (int b = 0; b < 12; ++b)
      for (int c = 0; c < 12; ++c) BOOST_TEST(table(a, b, c) == table.values()[entry++]);
  BOOST_TEST(table.values().size() == entry);
}

BOOST_AUTO_TEST_CASE(permutations_and_inversion_hold_to_the_last_bit) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    const CumulantTable table(fourth_cumulant(field));
    const int n = torus.sites();
    for (int a = 0; a < n; ++a)
      for (int b = 0; b < n; ++b)
        for (int c = 0; c < n; ++c) {
          const double value = table(a, b, c);
          BOOST_TEST(table(b, a, c) == value);
          BOOST_TEST(table(a, c, b) == value);
          const int back = torus.negate(a);  // sites 0 and a exchanged
          BOOST_TEST(table(back, torus.add(b, back), torus.add(c, back)) == value);
          BOOST_TEST(table(torus.negate(a), torus.negate(b), torus.negate(c)) == value);
        }
  }
}

BOOST_AUTO_TEST_CASE(the_table_of_the_gaussian_clone_is_exactly_zero) {
  for (const NonlinearGaussianField& field : fields()) {
    const CumulantTable table(fourth_cumulant(gaussian_clone(field)));
    BOOST_TEST(table.values().cwiseAbs().maxCoeff() == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(orbits_cover_every_sorted_triple_once) {
  for (const std::vector<int>& shape : {std::vector<int>{7}, {8}, {3, 4}, {1}}) {
    const Torus torus(shape);
    const int n = torus.sites();
    std::map<Triple, int> visits;
    for (const auto& [a, b, c] : cumulant_orbits(torus)) {
      const auto orbit = cumulant_orbit(torus, a, b, c);
      for (const Triple& member : std::set<Triple>(orbit.begin(), orbit.end())) ++visits[member];
    }
    const std::size_t sorted_triples = static_cast<std::size_t>(n * (n + 1) * (n + 2) / 6);
    BOOST_TEST(visits.size() == sorted_triples);
    for (const auto& [triple, count] : visits) {
      BOOST_TEST(count == 1);
      BOOST_TEST(std::is_sorted(triple.begin(), triple.end()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_table_beyond_the_memory_limit_is_refused_before_it_is_computed) {
  int calls = 0;
  const FourthCumulant kappa(Torus({10}), Field::Zero(10), [&calls](int, int, int) {
    ++calls;
    return 0.0;
  });
  const std::size_t bytes = 10 * 10 * 10 * sizeof(double);
  BOOST_CHECK_THROW(CumulantTable(kappa, bytes - 1), std::length_error);
  BOOST_TEST(calls == 0);
  BOOST_CHECK_NO_THROW(CumulantTable(kappa, bytes));
}

// 1 TB: more than the machine has, so that a limit that does not work is seen at once.
BOOST_AUTO_TEST_CASE(the_default_limit_refuses_the_table_of_a_large_lattice) {
  const FourthCumulant kappa(Torus({5000}), Field::Zero(5000), [](int, int, int) { return 0.0; });
  BOOST_CHECK_THROW(CumulantTable{kappa}, std::length_error);
}

BOOST_AUTO_TEST_SUITE_END()

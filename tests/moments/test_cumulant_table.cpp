#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/gaussian_field.hpp"
#include "popflow/moments/cumulant_table.hpp"

#include "allocation_precondition.hpp"
#include "cumulant_tensor.hpp"
#include "reference_inputs.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(cumulant_table)

using namespace popflow;
using test::nlgp;
using test::skew_nlgp;

namespace {

// An entry may be computed at another member of its orbit: twice the accuracy of ErfFourPoint.
constexpr double tolerance = 2e-12;

using Triple = std::array<int, 3>;

// With and without symmetries, on lattices that allow them and that do not.
std::vector<NonlinearGaussianField> fields() {
  return {nlgp({7}, 3.0, 1.5),
          nlgp({8}, 3.0, 2.0),
          nlgp({1}, 3.0, 1.0),
          nlgp({3, 4}, 3.0, 1.5),
          nlgp({4, 4}, 3.0, 1.5),
          nlgp({2, 2}, 3.0, 1.0),
          nlgp({5, 1}, 3.0, 1.0),
          skew_nlgp({4, 4}, 3.0, 0.5, 0.8, 0.0),
          skew_nlgp({4, 4}, 3.0, 0.5, 0.5, 0.3),
          skew_nlgp({4, 4}, 3.0, 0.5, 0.8, 0.3),
          skew_nlgp({3, 4}, 3.0, 0.5, 0.5, 0.3)};
}

constexpr LatticeSymmetry symmetries[] = {
    {false, false}, {true, false}, {false, true}, {true, true}};

std::vector<Triple> all_triples(const Torus& torus) {
  std::vector<Triple> result;
  const int n = torus.sites();
  for (int a = 0; a < n; ++a)
    for (int b = 0; b < n; ++b)
      for (int c = 0; c < n; ++c) result.push_back({a, b, c});
  return result;
}

// The maps that inversion and a symmetry generate, by what they do to coordinates; some are equal.
using PointMap = std::function<int(int)>;
std::vector<PointMap> point_maps(const Torus& torus, const LatticeSymmetry& symmetry) {
  std::vector<PointMap> maps;
  for (int down : {-1, 1})
    for (int right : {-1, 1}) {
      if (down * right < 0 && !symmetry.axis_reflections) continue;
      maps.emplace_back([torus, down, right](int d) {
        return torus.site(down * torus.coordinates(d)[0], right * torus.coordinates(d)[1]);
      });
      if (!symmetry.axis_exchange) continue;
      maps.emplace_back([torus, down, right](int d) {
        return torus.site(right * torus.coordinates(d)[1], down * torus.coordinates(d)[0]);
      });
    }
  return maps;
}

// How many orbits there are: every triple is replaced by the least of all 24 x maps that are equal
// to it, and the different ones are counted.
std::size_t orbit_count(const Torus& torus, const LatticeSymmetry& symmetry) {
  const std::vector<PointMap> maps = point_maps(torus, symmetry);
  std::set<Triple> least;
  for (const Triple& triple : all_triples(torus)) {
    Triple found = triple;
    for (const PointMap& map : maps) {
      std::array<int, 4> sites{0, map(triple[0]), map(triple[1]), map(triple[2])};
      std::sort(sites.begin(), sites.end());
      do {
        const int back = torus.negate(sites[0]);
        found = std::min(found, {torus.add(sites[1], back), torus.add(sites[2], back),
                                 torus.add(sites[3], back)});
      } while (std::next_permutation(sites.begin(), sites.end()));
    }
    least.insert(found);
  }
  return least.size();
}

}  // namespace

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

BOOST_AUTO_TEST_CASE(stated_symmetries_hold_to_the_last_bit) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    const FourthCumulant kappa = fourth_cumulant(field);
    const CumulantTable table(kappa);
    for (const PointMap& map : point_maps(torus, kappa.symmetry()))
      for (const Triple& t : all_triples(torus))
        BOOST_TEST(table(map(t[0]), map(t[1]), map(t[2])) == table(t[0], t[1], t[2]));
  }
}

BOOST_AUTO_TEST_CASE(the_closed_form_is_evaluated_once_an_orbit) {
  for (const LatticeSymmetry& symmetry : symmetries)
    for (const std::vector<int>& shape : {std::vector<int>{7}, {8}, {1}, {2}, {3, 4}, {4, 4}}) {
      const Torus torus(shape);
      if (symmetry.axis_exchange && shape != std::vector<int>{4, 4}) continue;
      std::atomic<std::size_t> calls = 0;
      const auto count = [&calls](int, int, int) {
        ++calls;
        return 0.0;
      };
      const CumulantTable table({torus, Field::Zero(torus.sites()), count, symmetry});
      BOOST_TEST(calls == orbit_count(torus, symmetry));
    }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  for (const NonlinearGaussianField& field :
       {nlgp({24}, 3.0, 3.0), nlgp({4, 4}, 3.0, 1.5), skew_nlgp({4, 5}, 3.0, 0.5, 0.8, 0.3)}) {
    const auto values_on = [&field](int threads) {
      const test::ThreadCount count(threads);
      return CumulantTable(fourth_cumulant(field)).values();
    };
    const Eigen::VectorXd alone = values_on(1);
    for (int threads : {2, 5}) BOOST_CHECK(values_on(threads) == alone);
  }
}

// Sums of N^3 < 5000 squares of numbers below 2.
BOOST_AUTO_TEST_CASE(the_squared_norm_is_the_sum_of_all_squares) {
  for (const NonlinearGaussianField& field : fields()) {
    const FourthCumulant kappa = fourth_cumulant(field);
    const double expected = test::cumulant_tensor(kappa).squaredNorm();
    BOOST_TEST(std::abs(CumulantTable(kappa).squared_norm() - expected) < 1e-12 * expected);
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

// Exactly 1 GiB with a byte too little allowed, and a little more than the 1 GiB that is allowed.
BOOST_AUTO_TEST_CASE(the_refusal_says_on_one_line_what_is_needed_and_allowed) {
  constexpr std::size_t gib = std::size_t{1} << 30;
  const auto check = [](int sites, std::size_t limit, const std::string& message) {
    const FourthCumulant kappa(Torus({sites}), Field(), [](int, int, int) { return 0.0; });
    BOOST_CHECK_EXCEPTION(CumulantTable(kappa, limit), std::length_error,
                          [&message](const auto& error) { return error.what() == message; });
  };
  check(512, gib - 1, "the cumulant table of 512 sites needs 1.0 GiB: at most 0.9 GiB are allowed");
  check(513, gib, "the cumulant table of 513 sites needs 1.1 GiB: at most 1.0 GiB are allowed");
}

// The message and the exception, but no transform, which has plans and scratch memory.
BOOST_AUTO_TEST_CASE(a_refused_table_allocates_nothing_of_its_own,
                     *boost::unit_test::precondition(test::counting_allocations)) {
  const FourthCumulant kappa(Torus({64, 64}), Field(), [](int, int, int) { return 0.0; });
  const auto refused = [&kappa] {
    try {
      CumulantTable table(kappa);
    } catch (const std::length_error&) {
      return true;
    }
    return false;
  };
  BOOST_TEST(refused());  // what the language's run time keeps for itself is allocated by now
  const std::size_t before = test::allocation_count();
  const bool again = refused();
  const std::size_t allocations = test::allocation_count() - before;
  BOOST_TEST(again);
  BOOST_TEST(allocations <= 4u);
}

// 1 TB: more than the machine has, so that a limit that does not work is seen at once.
BOOST_AUTO_TEST_CASE(the_default_limit_refuses_the_table_of_a_large_lattice) {
  const FourthCumulant kappa(Torus({5000}), Field::Zero(5000), [](int, int, int) { return 0.0; });
  BOOST_CHECK_THROW(CumulantTable{kappa}, std::length_error);
}

BOOST_AUTO_TEST_SUITE_END()

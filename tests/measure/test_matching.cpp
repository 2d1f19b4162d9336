#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>
#include <set>

#include <boost/test/unit_test.hpp>

#include "popflow/measure/alignment.hpp"
#include "popflow/measure/matching.hpp"

#include "random_values.hpp"
#include "random_weights.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(matching)

using namespace popflow;

namespace {

// Sums of at most a few hundred products of unit vectors' entries, and their transforms.
constexpr double rounding = 1e-13;

// best_assignment rounds similarities to 2^-40, at most seven of them in a sum.
constexpr double assignment_rounding = 1e-11;

const std::vector<std::vector<int>> shapes = {{24}, {25}, {6, 8}, {5, 7}, {6, 7}};

std::vector<MatchOptions> all_options() {
  return {{false, false}, {true, false}, {false, true}, {true, true}};
}

// All shifts, signs and reflections, one by one.
double largest_cosine(const Torus& torus, const Field& a, const Field& b, MatchOptions options) {
  double largest = 0.0;
  for (int shift = 0; shift < (options.shift ? torus.sites() : 1); ++shift) {
    largest = std::max(largest, std::abs(shifted(torus, a, shift).dot(b)));
    if (options.reflection)
      largest = std::max(largest, std::abs(shifted(torus, reflected(torus, a), shift).dot(b)));
  }
  return largest / (a.norm() * b.norm());
}

// All one-to-one maps of the rows or of the columns, whichever are fewer.
double largest_total(const Eigen::MatrixXd& similarity) {
  if (similarity.rows() > similarity.cols()) return largest_total(similarity.transpose());
  std::vector<int> column(static_cast<std::size_t>(similarity.cols()));
  std::iota(column.begin(), column.end(), 0);
  double largest = 0.0;
  do {
    double total = 0.0;
    for (Eigen::Index i = 0; i < similarity.rows(); ++i)
      total += similarity(i, column[static_cast<std::size_t>(i)]);
    largest = std::max(largest, total);
  } while (std::next_permutation(column.begin(), column.end()));
  return largest;
}

void check_assignment(const Eigen::MatrixXd& similarity) {
  const auto pairs = best_assignment(similarity);
  BOOST_TEST(pairs.size() == std::min(similarity.rows(), similarity.cols()));
  std::set<int> rows, columns;
  double total = 0.0;
  for (const auto& [row, column] : pairs) {
    rows.insert(row);
    columns.insert(column);
    total += similarity(row, column);
  }
  BOOST_TEST(rows.size() == pairs.size());
  BOOST_TEST(columns.size() == pairs.size());
  BOOST_TEST(std::is_sorted(pairs.begin(), pairs.end()));
  BOOST_TEST(std::abs(total - largest_total(similarity)) < assignment_rounding);
}

std::vector<int> random_permutation(int size, std::uint64_t seed) {
  std::vector<int> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 generator(seed);
  std::shuffle(order.begin(), order.end(), generator);
  return order;
}

// A set `a` of fields, and how each was hidden in the set `b`: match.b is where.
struct Planted {
  Weights a, b;
  std::vector<Match> matches;
};

// Random fields resemble each other up to shift by at most about 0.8 on these lattices; the noise
// leaves a cosine above 0.98.
Planted plant(const Torus& torus, int fields, const MatchOptions& options, std::uint64_t seed) {
  const int n = torus.sites();
  std::mt19937_64 generator(seed);
  const std::vector<int> order = random_permutation(fields, seed);
  Planted planted{test::random_weights(fields, n, seed), Weights(fields, n), {}};
  const Weights noise = test::random_weights(fields, n, seed + 1, 0.1);
  for (int k = 0; k < fields; ++k) {
    const Match match{k,
                      order[static_cast<std::size_t>(k)],
                      0.0,
                      options.shift ? static_cast<int>(generator() % n) : 0,
                      generator() % 2 ? 1 : -1,
                      options.reflection && generator() % 2 == 1};
    const double scale = 0.5 + k;
    planted.b.row(match.b) =
        scale * (aligned(torus, planted.a.row(k), match).transpose() + noise.row(k));
    planted.matches.push_back(match);
  }
  return planted;
}

bool same(const Match& x, const Match& y) {
  return x.a == y.a && x.b == y.b && x.shift == y.shift && x.sign == y.sign &&
         x.reflected == y.reflected && x.similarity == y.similarity;
}

Weights sinusoid(int n, int mode) {
  Weights u(1, n);
  for (int i = 0; i < n; ++i) u(0, i) = std::cos(2.0 * std::numbers::pi * mode * i / n + 0.3);
  return u;
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_shift_sign_or_reflection_is_more_similar) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    const Weights a = test::random_weights(6, torus.sites(), 1);
    const Weights b = test::random_weights(5, torus.sites(), 2);
    for (const MatchOptions& options : all_options()) {
      const Eigen::MatrixXd similarity = similarity_matrix(fourier, a, b, options);
      BOOST_TEST(similarity.rows() == 6);
      BOOST_TEST(similarity.cols() == 5);
      for (int k = 0; k < 6; ++k)
        for (int r = 0; r < 5; ++r)
          BOOST_TEST(std::abs(similarity(k, r) -
                              largest_cosine(torus, a.row(k), b.row(r), options)) < rounding);
    }
  }
}

BOOST_AUTO_TEST_CASE(planted_fields_are_found_in_noise) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    for (const MatchOptions& options : all_options())
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Planted planted = plant(torus, 5, options, 100 * seed);
        for (const Matching& found : {best_matching(fourier, planted.a, planted.b, options),
                                      nearest(fourier, planted.a, planted.b, options)}) {
          BOOST_TEST_REQUIRE(found.matches.size() == 5U);
          for (std::size_t k = 0; k < 5; ++k) {
            BOOST_TEST(found.matches[k].a == planted.matches[k].a);
            BOOST_TEST(found.matches[k].b == planted.matches[k].b);
            BOOST_TEST(found.matches[k].shift == planted.matches[k].shift);
            BOOST_TEST(found.matches[k].sign == planted.matches[k].sign);
            BOOST_TEST(found.matches[k].reflected == planted.matches[k].reflected);
          }
          BOOST_TEST(found.mean_similarity > 0.98);
          BOOST_TEST(found.mean_similarity < 0.9999);
        }
      }
  }
}

BOOST_AUTO_TEST_CASE(a_match_brings_the_field_onto_its_partner) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    const Weights a = test::random_weights(4, torus.sites(), 11);
    const Weights b = test::random_weights(4, torus.sites(), 12);
    for (const MatchOptions& options : all_options()) {
      const Matching found = best_matching(fourier, a, b, options);
      double sum = 0.0;
      for (const Match& match : found.matches) {
        const Field there = aligned(torus, a.row(match.a), match);
        const double cosine =
            there.dot(b.row(match.b)) / (a.row(match.a).norm() * b.row(match.b).norm());
        BOOST_TEST(std::abs(cosine - match.similarity) < rounding);
        sum += match.similarity;
      }
      BOOST_TEST(std::abs(found.mean_similarity - sum / 4.0) < rounding);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_asked_for_does_not_count) {
  const Torus torus({5, 8});
  FourierTransform fourier(torus);
  const Weights a = test::random_weights(1, 40, 3);
  const auto similarity = [&](const Field& b, MatchOptions options) {
    return similarity_matrix(fourier, a, b.transpose(), options)(0, 0);
  };
  const Field moved = shifted(torus, a.row(0), torus.site(2, 3));
  const Field turned = reflected(torus, a.row(0));
  BOOST_TEST(similarity(moved, {true, false}) > 1.0 - rounding);
  BOOST_TEST(similarity(moved, {false, true}) < 0.8);
  BOOST_TEST(similarity(turned, {false, true}) > 1.0 - rounding);
  BOOST_TEST(similarity(turned, {true, false}) < 0.8);
  BOOST_TEST(similarity(shifted(torus, turned, 1), {false, true}) < 0.8);
  BOOST_TEST(similarity(shifted(torus, turned, 1), {true, true}) > 1.0 - rounding);
}

BOOST_AUTO_TEST_CASE(of_equals_the_plain_field_and_the_smallest_shift_are_taken) {
  const Torus torus({60});
  FourierTransform fourier(torus);
  for (int period : {1, 4, 15, 20})
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const Field cell = test::random_values(period, seed);
      const Field even = cell + reflected(Torus({period}), cell);
      const Field u = even.replicate(60 / period, 1);
      const Weights set = u.transpose();
      for (const MatchOptions& options : all_options()) {
        const Match found = best_matching(fourier, set, 3.0 * set, options).matches[0];
        BOOST_TEST(found.shift == 0);
        BOOST_TEST(!found.reflected);
        BOOST_TEST(found.sign == 1);
      }
    }
}

BOOST_AUTO_TEST_CASE(similarity_is_symmetric_and_follows_no_scale_sign_or_shift) {
  const Torus torus({6, 7});
  FourierTransform fourier(torus);
  const Weights a = test::random_weights(3, 42, 21), b = test::random_weights(4, 42, 22);
  Weights moved = a;
  for (int k = 0; k < 3; ++k)
    moved.row(k) = -0.3 * shifted(torus, reflected(torus, a.row(k)), 5 * k + 2);
  for (const MatchOptions& options : all_options()) {
    const Eigen::MatrixXd similarity = similarity_matrix(fourier, a, b, options);
    const auto differs = [&](const Eigen::MatrixXd& other) {
      return (similarity - other).cwiseAbs().maxCoeff() > rounding;
    };
    BOOST_TEST(!differs(similarity_matrix(fourier, b, a, options).transpose()));
    // 1e-200 and 1e200, because their squares underflow and overflow.
    for (double scale : {-1.0, 7.0, 1e-200, 1e200}) {
      BOOST_TEST(!differs(similarity_matrix(fourier, scale * a, b, options)));
      BOOST_TEST(!differs(similarity_matrix(fourier, a, scale * b, options)));
    }
    const bool same_field = options.shift && options.reflection;
    BOOST_TEST(differs(similarity_matrix(fourier, moved, b, options)) == !same_field);
  }
}

BOOST_AUTO_TEST_CASE(similarity_never_exceeds_one) {
  for (int n = 1; n < 60; ++n) {
    FourierTransform fourier(Torus({n}));
    const Weights a = test::random_weights(4, n, static_cast<std::uint64_t>(n));
    for (const MatchOptions& options : all_options()) {
      const Eigen::MatrixXd similarity = similarity_matrix(fourier, a, -a, options);
      BOOST_TEST(similarity.maxCoeff() <= 1.0);
      BOOST_TEST(similarity.diagonal().minCoeff() > 1.0 - rounding);
    }
  }
}

BOOST_AUTO_TEST_CASE(zero_fields_resemble_nothing) {
  FourierTransform fourier(Torus({4, 3}));
  Weights a = test::random_weights(2, 12, 31);
  a.row(0).setZero();
  for (const MatchOptions& options : all_options()) {
    const Eigen::MatrixXd similarity = similarity_matrix(fourier, a, a, options);
    BOOST_TEST(similarity(0, 0) == 0.0);
    BOOST_TEST(similarity(0, 1) == 0.0);
    BOOST_TEST(similarity(1, 0) == 0.0);
    BOOST_TEST(similarity(1, 1) > 1.0 - rounding);
    const Matching found = best_matching(fourier, a, a, options);
    BOOST_TEST(same(found.matches[0], Match{0, 0, 0.0, 0, 1, false}));
    BOOST_TEST(std::abs(found.mean_similarity - 0.5) < rounding);
  }
}

BOOST_AUTO_TEST_CASE(no_assignment_has_a_larger_sum) {
  for (int rows = 1; rows <= 7; ++rows)
    for (int columns = 1; columns <= 7; ++columns)
      for (int seed = 0; seed < (rows * columns > 36 ? 3 : 10); ++seed)
        check_assignment(
            test::random_values(rows * columns, seed).cwiseAbs().reshaped(rows, columns));
}

// Few different values, and all or a whole row alike: where Boost.Graph's other algorithm fails.
BOOST_AUTO_TEST_CASE(no_assignment_has_a_larger_sum_among_ties) {
  for (int rows = 1; rows <= 6; ++rows)
    for (int columns = 1; columns <= 6; ++columns) {
      for (double value : {0.0, 0.5, 1.0})
        check_assignment(Eigen::MatrixXd::Constant(rows, columns, value));
      for (int seed = 0; seed < 10; ++seed)
        for (double levels : {1.0, 2.0}) {
          Eigen::MatrixXd tied =
              (levels * test::random_values(rows * columns, seed).cwiseAbs().array())
                  .round()
                  .matrix()
                  .reshaped(rows, columns) /
              levels;
          check_assignment(tied);
          tied.row(0).setOnes();
          check_assignment(tied);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_planted_assignment_of_many_is_found) {
  for (int size : {1, 40, 150})
    for (double gap : {0.5, 1e-10}) {
      const std::vector<int> order = random_permutation(size, 5);
      Eigen::MatrixXd similarity = Eigen::MatrixXd::Constant(size, size, 0.4);
      for (int i = 0; i < size; ++i) similarity(i, order[static_cast<std::size_t>(i)]) += gap;
      for (const auto& [row, column] : best_assignment(similarity))
        BOOST_TEST(column == order[static_cast<std::size_t>(row)]);
    }
}

// 0.9 + 0.1 < 0.8 + 0.7: the greedy choice is not the best.
BOOST_AUTO_TEST_CASE(partners_are_distinct_or_shared) {
  FourierTransform fourier(Torus({3}));
  const Weights b = Weights::Identity(2, 3);
  Weights a(2, 3);
  a << 0.9, 0.8, 0.0, 0.7, 0.1, 0.0;
  const auto partners = [](const Matching& found) {
    return std::array{found.matches[0].b, found.matches[1].b};
  };
  BOOST_TEST((partners(best_matching(fourier, a, b)) == std::array{1, 0}));
  BOOST_TEST((partners(nearest(fourier, a, b)) == std::array{0, 0}));
}

// Rounding makes any of a field's translates the most similar.
BOOST_AUTO_TEST_CASE(of_equal_partners_the_first_is_nearest) {
  const Torus torus({21});
  FourierTransform fourier(torus);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Weights a = test::random_weights(1, 21, seed);
    Weights translates(21, 21);
    for (int shift = 0; shift < 21; ++shift)
      translates.row(shift) = shifted(torus, a.row(0), shift);
    BOOST_TEST(nearest(fourier, a, translates, {.shift = true}).matches[0].b == 0);
  }
}

BOOST_AUTO_TEST_CASE(the_smaller_set_is_matched_whole) {
  const Torus torus({30});
  FourierTransform fourier(torus);
  const Weights many = test::random_weights(7, 30, 41);
  Weights few(3, 30);
  const int from[] = {5, 0, 3};
  for (int k = 0; k < 3; ++k) few.row(k) = -shifted(torus, many.row(from[k]), 4 * k + 1);
  const Matching forth = best_matching(fourier, few, many, {.shift = true});
  const Matching back = best_matching(fourier, many, few, {.shift = true});
  BOOST_TEST_REQUIRE(forth.matches.size() == 3U);
  BOOST_TEST_REQUIRE(back.matches.size() == 3U);
  for (std::size_t k = 0; k < 3; ++k) {
    BOOST_TEST(forth.matches[k].b == from[k]);
    BOOST_TEST(forth.matches[k].shift == 30 - 4 * static_cast<int>(k) - 1);
    BOOST_TEST(from[back.matches[k].b] == back.matches[k].a);
    BOOST_TEST(back.matches[k].shift == 4 * back.matches[k].b + 1);
  }
  BOOST_TEST(std::is_sorted(back.matches.begin(), back.matches.end(),
                            [](const Match& x, const Match& y) { return x.a < y.a; }));
  BOOST_TEST(std::abs(forth.mean_similarity - back.mean_similarity) < rounding);
  BOOST_TEST(nearest(fourier, many, few, {.shift = true}).matches.size() == 7U);
}

BOOST_AUTO_TEST_CASE(shuffled_sets_match_as_well) {
  FourierTransform fourier(Torus({5, 6}));
  const Weights a = test::random_weights(6, 30, 51), b = test::random_weights(4, 30, 52);
  Weights shuffled(6, 30);
  const std::vector<int> order = random_permutation(6, 53);
  for (int k = 0; k < 6; ++k) shuffled.row(order[static_cast<std::size_t>(k)]) = a.row(k);
  for (const MatchOptions& options : all_options()) {
    const Matching plain = best_matching(fourier, a, b, options);
    const Matching other = best_matching(fourier, shuffled, b, options);
    BOOST_TEST(std::abs(plain.mean_similarity - other.mean_similarity) < rounding);
    for (const Match& match : plain.matches)
      BOOST_TEST(std::count_if(other.matches.begin(), other.matches.end(), [&](const Match& m) {
                   return m.a == order[static_cast<std::size_t>(match.a)] && m.b == match.b;
                 }) == 1);
  }
}

BOOST_AUTO_TEST_CASE(phase_randomised_fields_keep_their_power_spectrum) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    const Weights a = test::random_weights(4, torus.sites(), 61);
    RandomStream stream(1, Purpose::matching, 0);
    const Weights random = random_fields(fourier, a, NullModel::phase_randomised, stream);
    for (int k = 0; k < 4; ++k) {
      const Field before = fourier.forward(a.row(k).transpose()).cwiseAbs2();
      const Field after = fourier.forward(random.row(k).transpose()).cwiseAbs2();
      BOOST_TEST((before - after).cwiseAbs().maxCoeff() < 1e-12);
      BOOST_TEST(relative_error(random.row(k), a.row(k)) > 0.1);
    }
  }
}

// Uniform phases: E exp(i phi) = 0, E exp(2 i phi) = 0 and 1 for the real modes; independent of
// each other and from field to field.
BOOST_AUTO_TEST_CASE(random_phases_are_uniform_and_independent) {
  const Torus torus({8});
  FourierTransform fourier(torus);
  const Weights a = Field::Unit(8, 0).transpose().replicate(2, 1);
  test::SampleMeans means(20);
  Eigen::ArrayXd exact = Eigen::ArrayXd::Zero(20);
  exact[5] = exact[9] = 1.0;
  for (int sample = 0; sample < test::sample_count(20000); ++sample) {
    RandomStream stream(2, Purpose::matching, static_cast<std::uint64_t>(sample));
    const Weights random = random_fields(fourier, a, NullModel::phase_randomised, stream);
    const Eigen::ArrayXcd x = fourier.forward(random.row(0).transpose());
    const Eigen::ArrayXcd y = fourier.forward(random.row(1).transpose());
    Eigen::ArrayXd values(20);
    values << x.real(), x.square().real(), (x * y.conjugate()).real(),
        (x.head(4) * x.tail(4).conjugate()).real(), x.imag().segment(1, 1);
    means.add(values);
  }
  check_means(means, exact);
}

BOOST_AUTO_TEST_CASE(white_fields_are_standard_normal_and_ignore_the_set) {
  const int n = 50;
  FourierTransform fourier(Torus({n}));
  const Weights a = 7.0 * test::random_weights(3, n, 71);
  test::SampleMeans means(2);
  for (int sample = 0; sample < 200; ++sample) {
    RandomStream stream(3, Purpose::matching, static_cast<std::uint64_t>(sample));
    const Weights fields = random_fields(fourier, a, NullModel::white, stream);
    for (double x : fields.reshaped()) means.add(Eigen::Array2d(x, x * x));
  }
  check_means(means, Eigen::Array2d(0.0, 1.0));
}

// E |cos| = Gamma(N/2) / (sqrt(pi) Gamma((N+1)/2)), and E cos^2 = 1/N.
BOOST_AUTO_TEST_CASE(one_white_pair_scores_what_a_random_direction_does) {
  for (int n : {1, 2, 15, 100}) {
    FourierTransform fourier(Torus({n}));
    const Weights a = Weights::Ones(1, n), b = test::random_weights(1, n, 81);
    const int trials = test::sample_count(20000);
    const Baseline found =
        random_baseline(fourier, a, b, {}, {.null = NullModel::white, .trials = trials, .seed = 4});
    const double exact =
        std::exp(std::lgamma(n / 2.0) - std::lgamma((n + 1) / 2.0)) / std::sqrt(std::numbers::pi);
    BOOST_TEST(std::abs(exact / std::sqrt(2.0 / (std::numbers::pi * n)) - 1.0 - 0.25 / n) <=
               0.1 / (n * n));
    BOOST_TEST(std::abs(found.mean - exact) <=
               test::allowed_standard_errors * found.standard_error + test::rounding_of_means);
    const double deviation = std::sqrt(std::max(1.0 / n - exact * exact, 0.0));
    // The relative standard error of a half-normal deviation is below 1 / sqrt(trials).
    BOOST_TEST(std::abs(found.standard_deviation - deviation) <=
               test::allowed_standard_errors * deviation / std::sqrt(trials) + 1e-7);
    BOOST_TEST(std::abs(found.standard_error - found.standard_deviation / std::sqrt(trials)) <
               test::rounding_of_means);
  }
}

BOOST_AUTO_TEST_CASE(more_freedom_scores_more_by_chance) {
  FourierTransform fourier(Torus({40}));
  const Weights a = test::random_weights(3, 40, 91), b = test::random_weights(5, 40, 92);
  const auto mean = [&](MatchOptions options, Partners partners) {
    return random_baseline(fourier, a, b, options,
                           {.null = NullModel::white, .partners = partners, .trials = 200})
        .mean;
  };
  const double plain = mean({}, Partners::distinct);
  BOOST_TEST(mean({.reflection = true}, Partners::distinct) > plain);
  BOOST_TEST(mean({.shift = true}, Partners::distinct) > plain);
  BOOST_TEST(mean({.shift = true, .reflection = true}, Partners::distinct) >
             mean({.shift = true}, Partners::distinct));
  BOOST_TEST(mean({}, Partners::shared) > plain);
}

// The baseline is what the functions that it is made of give.
BOOST_AUTO_TEST_CASE(a_baseline_is_the_matching_of_random_sets) {
  FourierTransform fourier(Torus({5, 6}));
  const Weights a = test::random_weights(3, 30, 93), b = test::random_weights(4, 30, 94);
  const MatchOptions options{.shift = true, .reflection = true};
  for (NullModel null : {NullModel::white, NullModel::phase_randomised})
    for (Partners partners : {Partners::distinct, Partners::shared}) {
      Eigen::ArrayXd scores(10);
      for (int trial = 0; trial < 10; ++trial) {
        RandomStream stream(9, Purpose::matching, static_cast<std::uint64_t>(trial));
        const Weights random = random_fields(fourier, a, null, stream);
        scores[trial] = (partners == Partners::distinct ? best_matching(fourier, random, b, options)
                                                        : nearest(fourier, random, b, options))
                            .mean_similarity;
      }
      const Baseline found = random_baseline(
          fourier, a, b, options, {.null = null, .partners = partners, .trials = 10, .seed = 9});
      BOOST_TEST(std::abs(found.mean - scores.mean()) < rounding);
      const double variance = (scores - scores.mean()).square().sum() / 9.0;
      BOOST_TEST(std::abs(found.standard_deviation - std::sqrt(variance)) < rounding);
      BOOST_TEST(std::abs(found.standard_error - std::sqrt(variance / 10.0)) < rounding);
    }
}

// Up to shift a sinusoid is its spectrum: the sharper null says that such a match means nothing.
BOOST_AUTO_TEST_CASE(a_sinusoid_matches_its_phase_randomised_copies) {
  const int n = 24;
  FourierTransform fourier(Torus({n}));
  const auto baseline = [&](NullModel null) {
    return random_baseline(fourier, sinusoid(n, 5), sinusoid(n, 5), {.shift = true},
                           {.null = null, .trials = 500});
  };
  // A shift of half a site or less along a sinusoid that all 24 phases resolve.
  BOOST_TEST(baseline(NullModel::phase_randomised).mean > std::cos(std::numbers::pi / n));
  BOOST_TEST(baseline(NullModel::white).mean < 0.5);
}

BOOST_AUTO_TEST_CASE(baselines_are_the_same_on_any_number_of_threads) {
  FourierTransform fourier(Torus({16, 15}));
  const Weights a = test::random_weights(3, 240, 95), b = test::random_weights(4, 240, 96);
  for (NullModel null : {NullModel::white, NullModel::phase_randomised}) {
    const auto on_threads = [&](int threads, std::uint64_t seed) {
      const test::ThreadCount count(threads);
      return random_baseline(fourier, a, b, {.shift = true},
                             {.null = null, .trials = 1001, .seed = seed});
    };
    const Baseline one = on_threads(1, 0), two = on_threads(4, 0), other = on_threads(1, 1);
    BOOST_TEST(one.mean == two.mean);
    BOOST_TEST(one.standard_error == two.standard_error);
    BOOST_TEST(one.standard_deviation == two.standard_deviation);
    BOOST_TEST(one.mean != other.mean);
  }
}

BOOST_AUTO_TEST_CASE(sets_that_cannot_be_matched_are_refused) {
  FourierTransform fourier(Torus({6}));
  const Weights good = Weights::Ones(2, 6);
  Weights infinite = good, undefined = good;
  infinite(1, 3) = std::numeric_limits<double>::infinity();
  undefined(0, 0) = std::numeric_limits<double>::quiet_NaN();
  for (const Weights& bad : {Weights(0, 6), Weights(Weights::Ones(2, 5)),
                             Weights(Weights::Ones(6, 2)), infinite, undefined}) {
    for (const auto& [a, b] : {std::pair{good, bad}, std::pair{bad, good}}) {
      BOOST_CHECK_THROW(similarity_matrix(fourier, a, b), std::invalid_argument);
      BOOST_CHECK_THROW(best_matching(fourier, a, b), std::invalid_argument);
      BOOST_CHECK_THROW(nearest(fourier, a, b), std::invalid_argument);
      BOOST_CHECK_THROW(random_baseline(fourier, a, b), std::invalid_argument);
    }
    RandomStream stream(1, Purpose::matching, 0);
    BOOST_CHECK_THROW(random_fields(fourier, bad, NullModel::white, stream), std::invalid_argument);
  }
  BOOST_CHECK_THROW(random_baseline(fourier, good, good, {}, {.trials = 1}), std::invalid_argument);
  BOOST_CHECK_THROW(aligned(fourier.torus(), Field::Ones(5), Match{}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(matrices_that_are_not_similarities_are_refused) {
  BOOST_CHECK_THROW(best_assignment(Eigen::MatrixXd(0, 3)), std::invalid_argument);
  for (double bad : {-1e-9, 1.0 + 1e-13, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    Eigen::MatrixXd similarity = Eigen::MatrixXd::Constant(2, 3, 0.5);
    similarity(1, 2) = bad;
    BOOST_CHECK_THROW(best_assignment(similarity), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()

#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/sample_cp.hpp"

#include "factor_distance.hpp"
#include "independent_sources.hpp"
#include "reference_inputs.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(sample_cp)

using namespace popflow;
using namespace popflow::test;
using Eigen::Index;
using Eigen::MatrixXd;

namespace {

const SymmetricCpOptions rank_four{.rank = 4, .starts = 6, .more_starts = {}};

FreshSampleCpOptions few_steps() {
  return {.start = rank_four, .first = 4096, .batch = 512, .steps = 40};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_fixed_set_gives_the_mixing_of_independent_sources) {
  const IndependentSources law(1);
  const auto fit = symmetric_cp_from_samples(law.draw(0, 40000), rank_four);
  BOOST_TEST(factor_distance(fit.factors, law.factors()) < 0.1);
  BOOST_TEST((fit.factors.lambda - law.factors().lambda).norm() < 0.05);
}

BOOST_AUTO_TEST_CASE(fresh_samples_give_it_too_and_better_than_the_first_fit) {
  const IndependentSources law(2);
  std::vector<double> distances;
  const auto fit = symmetric_cp_from_fresh_samples(
      law, IndependentSources::channels, few_steps(), [&](const FreshSampleCpState& state) {
        BOOST_TEST(state.samples == 4096 + 512 * distances.size());
        distances.push_back(factor_distance(state.factors, law.factors()));
      });
  BOOST_TEST(distances.size() == 41);
  BOOST_TEST(fit.samples == 4096 + 40 * 512);
  BOOST_TEST(distances.back() == factor_distance(fit.factors, law.factors()));
  BOOST_TEST(distances.back() < 0.12);
  BOOST_TEST(distances.back() < distances.front());
}

BOOST_AUTO_TEST_CASE(what_a_batch_says_of_unseen_factors_is_unbiased) {
  const IndependentSources law(3);
  const Factors exact = law.factors();
  Factors before;
  SampleMeans away(1);
  symmetric_cp_from_fresh_samples(
      law, IndependentSources::channels, few_steps(), [&](const FreshSampleCpState& state) {
        if (state.samples > 4096)
          away.add(Eigen::ArrayXd::Constant(1, state.explained -
                                                   2.0 * inner_product(exact, before) +
                                                   inner_product(before, before)));
        before = state.factors;
      });
  check_means(away, Eigen::ArrayXd::Zero(1));
}

BOOST_AUTO_TEST_CASE(samples_of_an_input_depend_on_their_number_alone) {
  const Input input = nlgp({10}, 3.0, 1.6);
  MatrixXd together(10, 8), apart(10, 3);
  {
    const ThreadCount scope(1);
    fresh_samples(input, 4)(5, together);
  }
  const ThreadCount scope(2);
  const SampleSource source = fresh_samples(input, 4);
  source(7, apart);
  BOOST_TEST((together.middleCols(2, 3).array() == apart.array()).all());
  fresh_samples(input, 5)(7, apart);
  BOOST_TEST((together.middleCols(2, 3).array() != apart.array()).all());
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const Input input = nlgp({10}, 3.0, 1.6);
  const auto on = [&](int threads) {
    const ThreadCount scope(threads);
    const FreshSampleCpOptions options{.start = {.rank = 2, .starts = 2, .more_starts = {}},
                                       .first = 1024,
                                       .batch = 256,
                                       .steps = 10};
    return symmetric_cp_from_fresh_samples(fresh_samples(input, 6), 10, options).factors;
  };
  const Factors one = on(1), two = on(2);
  BOOST_TEST((one.lambda.array() == two.lambda.array()).all());
  BOOST_TEST((one.vectors.array() == two.vectors.array()).all());
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  const IndependentSources law(7);
  const auto refused = [&](const FreshSampleCpOptions& options) {
    BOOST_CHECK_THROW(symmetric_cp_from_fresh_samples(law, IndependentSources::channels, options),
                      std::invalid_argument);
  };
  refused({.first = 10, .batch = 1});
  refused({.first = 10, .batch = 11});
  refused({.first = 10, .batch = 10, .steps = -1});
  refused({.first = 10, .batch = 10, .damping = -1.0});
  BOOST_CHECK_THROW(symmetric_cp_from_samples(MatrixXd::Ones(4, 1), {}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

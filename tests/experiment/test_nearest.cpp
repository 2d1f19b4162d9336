#include <string>

#include <boost/test/unit_test.hpp>

#include "popflow/experiment/nearest.hpp"

BOOST_AUTO_TEST_SUITE(nearest_word)

using namespace popflow;

BOOST_AUTO_TEST_CASE(a_slip_of_one_letter_finds_its_word) {
  const std::vector<std::string_view> words{"flow", "sgd", "fixed-point", "compare", "completion"};
  for (const auto& [slip, meant] : {std::pair{"flo", "flow"},
                                    {"folw", "flow"},
                                    {"fllow", "flow"},
                                    {"flaw", "flow"},
                                    {"sdg", "sgd"},
                                    {"fixedpoint", "fixed-point"},
                                    {"comapre", "compare"}})
    BOOST_TEST(nearest(slip, words) == meant, slip << " is " << nearest(slip, words));
}

BOOST_AUTO_TEST_CASE(what_is_far_from_all_words_finds_none) {
  const std::vector<std::string_view> words{"flow", "sgd"};
  const std::string long_one(100000, 'f');
  for (const std::string_view word : {"", "x", "weights", "flying", long_one.c_str()})
    BOOST_TEST(nearest(word, words).empty(), word);
  BOOST_TEST(nearest("flow", {}).empty());
}

BOOST_AUTO_TEST_CASE(the_hint_is_a_remark_or_nothing) {
  BOOST_TEST(did_you_mean("flwo", {"flow"}) == " (did you mean flow?)");
  BOOST_TEST(did_you_mean("sgd", {"flow"}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

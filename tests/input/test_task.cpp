#include <limits>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/task.hpp"

#include "reference_inputs.hpp"

BOOST_AUTO_TEST_SUITE(task)

using namespace popflow;
using test::nlgp;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Task two_classes(double probability, double other, double label = 1.0) {
  return {{label, probability, nlgp({8}, 3.0, 2.0)}, {-1.0, other, nlgp({8}, 3.0, 1.0)}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(good_tasks_are_accepted) {
  BOOST_CHECK_NO_THROW(check_task(two_classes(0.5, 0.5)));
  BOOST_CHECK_NO_THROW(check_task(two_classes(0.9, 0.1)));
  BOOST_CHECK_NO_THROW(check_task({{0.3, 1.0, nlgp({3, 4}, 3.0, 1.0)}}));
}

BOOST_AUTO_TEST_CASE(a_task_needs_a_class) {
  BOOST_CHECK_THROW(check_task({}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(all_classes_share_a_lattice) {
  Task task = two_classes(0.5, 0.5);
  task[1].input = nlgp({9}, 3.0, 1.0);
  BOOST_CHECK_THROW(check_task(task), std::invalid_argument);
  task[1].input = nlgp({2, 4}, 3.0, 1.0);
  BOOST_CHECK_THROW(check_task(task), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(labels_must_be_finite) {
  for (double label : {infinity, -infinity, not_a_number})
    BOOST_CHECK_THROW(check_task(two_classes(0.5, 0.5, label)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(probabilities_must_be_positive) {
  BOOST_CHECK_THROW(check_task(two_classes(1.0, 0.0)), std::invalid_argument);
  BOOST_CHECK_THROW(check_task(two_classes(1.5, -0.5)), std::invalid_argument);
  BOOST_CHECK_THROW(check_task(two_classes(not_a_number, 0.5)), std::invalid_argument);
  BOOST_CHECK_THROW(check_task(two_classes(0.5, infinity)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(probabilities_must_sum_to_one_within_1e_minus_9) {
  BOOST_CHECK_NO_THROW(check_task(two_classes(0.5, 0.5 + 1e-10)));
  BOOST_CHECK_THROW(check_task(two_classes(0.5, 0.5 + 1e-8)), std::invalid_argument);
  BOOST_CHECK_THROW(check_task(two_classes(0.5, 0.5 - 1e-8)), std::invalid_argument);
  BOOST_CHECK_THROW(check_task(two_classes(0.5, 0.4)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_lattice_of_a_task_is_that_of_its_inputs) {
  BOOST_CHECK(lattice_of(two_classes(0.5, 0.5)) == Torus({8}));
}

BOOST_AUTO_TEST_SUITE_END()

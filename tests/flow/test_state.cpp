#include <limits>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/state.hpp"

#include "random_weights.hpp"

BOOST_AUTO_TEST_SUITE(state)

using namespace popflow;
using namespace popflow::test;

namespace {

const std::vector<std::vector<int>> shapes{{7}, {8}, {3, 4}, {4, 3}, {1}};

// A transform and back of at most 12 numbers of order one: some ten roundings.
constexpr double rounding = 20 * std::numeric_limits<double>::epsilon();

}  // namespace

BOOST_AUTO_TEST_CASE(weights_and_state_are_inverse) {
  for (const auto& shape : shapes)
    for (const int neurons : {1, 3}) {
      FourierTransform fourier{Torus(shape)};
      const int n = fourier.torus().sites(), modes = fourier.torus().half_modes();
      const Weights u = random_weights(neurons, n, 1);
      const Eigen::VectorXd state = state_of(fourier, u);
      BOOST_TEST(state.size() == 2 * neurons * modes);
      const Weights back = weights_of(fourier, state);
      BOOST_TEST(back.rows() == neurons);
      BOOST_TEST(back.cols() == n);
      BOOST_TEST((back - u).cwiseAbs().maxCoeff() <= rounding);
      BOOST_TEST((state_of(fourier, back) - state).cwiseAbs().maxCoeff() <= n * rounding);
    }
}

BOOST_AUTO_TEST_CASE(each_neuron_owns_the_spectrum_of_its_row) {
  for (const auto& shape : shapes) {
    FourierTransform fourier{Torus(shape)};
    const int modes = fourier.torus().half_modes();
    const Weights u = random_weights(3, fourier.torus().sites(), 2);
    const Eigen::VectorXd state = state_of(fourier, u);
    for (int k = 0; k < 3; ++k)
      BOOST_TEST((spectrum_view(state, modes, k) == fourier.forward(u.row(k).transpose())));
  }
}

BOOST_AUTO_TEST_CASE(entries_are_real_and_imaginary_parts_in_turn) {
  FourierTransform fourier{Torus({4})};
  const Weights u{{0.0, 1.0, 0.0, 0.0}};  // the transform of a shifted delta is exp(-i pi q / 2)
  const Eigen::VectorXd state = state_of(fourier, u);
  const std::vector<double> expected{1, 0, 0, -1, -1, 0};
  BOOST_TEST(std::vector<double>(state.begin(), state.end()) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(writing_to_a_view_writes_to_the_state) {
  Eigen::VectorXd state = Eigen::VectorXd::Zero(12);
  spectrum_view(state, 3, 1)[2] = {5.0, -6.0};
  BOOST_TEST(state[10] == 5.0);
  BOOST_TEST(state[11] == -6.0);
  BOOST_TEST(state.head(10).isZero(0.0));
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit_the_lattice_throw) {
  FourierTransform ring{Torus({8})};  // 5 modes
  for (const int size : {0, 1, 5, 9, 11, 15})
    BOOST_CHECK_THROW(weights_of(ring, Eigen::VectorXd::Zero(size)), std::invalid_argument);
  BOOST_CHECK_NO_THROW(weights_of(ring, Eigen::VectorXd::Zero(20)));
  for (const int sites : {0, 5, 7, 9, 16})
    BOOST_CHECK_THROW(state_of(ring, Weights::Zero(1, sites)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

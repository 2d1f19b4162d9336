#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/fourier.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/moments/zero_cumulant.hpp"

#include "cumulant_tensor.hpp"
#include "random_values.hpp"
#include "reference_inputs.hpp"

BOOST_AUTO_TEST_SUITE(cumulant_operator)

using namespace popflow;
using test::nlgp;

namespace {

// Entries agree to 2e-12 (see test_cumulant_table); a contraction with unit vectors adds up at
// most N^(3/2) < 64 times that, and signs at random far less.
constexpr double tolerance = 1e-11;

std::vector<NonlinearGaussianField> fields() {
  return {nlgp({7}, 3.0, 1.5),     nlgp({8}, 3.0, 2.0),
          nlgp({9}, 1.0, 1.0),     nlgp({3, 4}, 3.0, 1.5),
          nlgp({4, 4}, 10.0, 1.0), test::skew_nlgp({4, 3}, 3.0, 0.5, 0.8, 0.3)};
}

// Every operator that contracts with the whole cumulant.
std::vector<CumulantOperator> operators(const CumulantTable& table) {
  return {table, BandLimitedCumulant(table, 0.0)};
}

// Contracts with a constant that it counts up at every call.
struct CountingOperator {
  Torus lattice;
  mutable int calls = 0;

  const Torus& torus() const { return lattice; }
  void contract(const Spectrum&, const Spectrum&, const Spectrum&, Spectrum& out) const {
    out.setConstant(++calls);
  }
  void contract(const Spectrum&, Spectrum& out) const { out.setConstant(++calls); }
};

double calls_after_one_more(const CumulantOperator& op) {
  const Spectrum u = Spectrum::Zero(op.torus().half_modes());
  Spectrum out(u.size());
  op.contract(u, out);
  return out[0].real();
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_operator_is_the_naive_triple_sum) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    const FourthCumulant kappa = fourth_cumulant(field);
    const Eigen::VectorXd tensor = test::cumulant_tensor(kappa);
    const CumulantTable table(kappa);
    FourierTransform fourier(torus);
    const Field u = test::random_unit_vector(torus.sites(), 61),
                v = test::random_unit_vector(torus.sites(), 62),
                w = test::random_unit_vector(torus.sites(), 63);
    const Field expected = test::naive_contraction(torus, tensor, u, v, w);
    Spectrum out(torus.half_modes());
    for (CumulantOperator& op : operators(table)) {
      op.contract(fourier.forward(u), fourier.forward(v), fourier.forward(w), out);
      BOOST_TEST((fourier.backward(out) - expected).cwiseAbs().maxCoeff() < tolerance);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_cube_of_every_operator_is_the_naive_triple_sum) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    const FourthCumulant kappa = fourth_cumulant(field);
    const Eigen::VectorXd tensor = test::cumulant_tensor(kappa);
    const CumulantTable table(kappa);
    FourierTransform fourier(torus);
    for (std::uint64_t seed : {71, 72, 73}) {
      const Field u = test::random_unit_vector(torus.sites(), seed);
      const Field expected = test::naive_contraction(torus, tensor, u, u, u);
      Spectrum out(torus.half_modes());
      for (CumulantOperator& op : operators(table)) {
        op.contract(fourier.forward(u), out);
        BOOST_TEST((fourier.backward(out) - expected).cwiseAbs().maxCoeff() < tolerance);
      }
    }
  }
}

// kappa_i[u, v, w] x_i summed over i does not care which of the four is left out.
BOOST_AUTO_TEST_CASE(the_fourth_argument_is_as_good_as_the_others) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    FourierTransform fourier(torus);
    const Field x = test::random_unit_vector(torus.sites(), 81),
                u = test::random_unit_vector(torus.sites(), 82);
    const Spectrum x_modes = fourier.forward(x), u_modes = fourier.forward(u);
    Spectrum out(torus.half_modes());
    for (CumulantOperator& op : operators(CumulantTable(fourth_cumulant(field)))) {
      op.contract(u_modes, out);
      const double left_out_x = x.dot(fourier.backward(out));
      op.contract(x_modes, u_modes, u_modes, out);
      const double left_out_u = u.dot(fourier.backward(out));
      BOOST_TEST(std::abs(left_out_x - left_out_u) < tolerance);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_second_call_gives_the_same_bits) {
  const NonlinearGaussianField field = nlgp({3, 4}, 3.0, 1.5);
  const Spectrum u = FourierTransform(field.torus()).forward(test::random_unit_vector(12, 91));
  Spectrum first(u.size()), second(u.size());
  for (CumulantOperator& op : operators(CumulantTable(fourth_cumulant(field)))) {
    op.contract(u, first);
    op.contract(u, second);
    BOOST_TEST((first - second).cwiseAbs().maxCoeff() == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(copies_of_an_operator_share_what_they_hold) {
  const CumulantOperator original{CountingOperator{Torus({5})}};
  BOOST_TEST(calls_after_one_more(original) == 1.0);
  const CumulantOperator copy = original;
  BOOST_TEST(calls_after_one_more(copy) == 2.0);
  BOOST_TEST(calls_after_one_more(copy) == 3.0);
  BOOST_TEST(calls_after_one_more(original) == 4.0);
  CumulantOperator assigned{ZeroCumulant(Torus({3}))};
  assigned = original;
  BOOST_TEST(calls_after_one_more(assigned) == 5.0);
  BOOST_TEST(calls_after_one_more(original) == 6.0);
  BOOST_CHECK(assigned.torus() == Torus({5}));
}

BOOST_AUTO_TEST_CASE(spectra_of_another_size_are_refused) {
  const CumulantOperator op{ZeroCumulant(Torus({4, 6}))};  // 16 modes
  Spectrum fits = Spectrum::Ones(16);
  for (const int size : {0, 15, 17, 24}) {
    Spectrum other = Spectrum::Ones(size);
    BOOST_CHECK_THROW(op.contract(other, fits), std::invalid_argument);
    BOOST_CHECK_THROW(op.contract(fits, other), std::invalid_argument);
    BOOST_CHECK_THROW(op.contract(other, fits, fits, fits), std::invalid_argument);
    BOOST_CHECK_THROW(op.contract(fits, other, fits, fits), std::invalid_argument);
    BOOST_CHECK_THROW(op.contract(fits, fits, other, fits), std::invalid_argument);
    BOOST_CHECK_THROW(op.contract(fits, fits, fits, other), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(an_operator_that_was_moved_from_says_so) {
  CumulantOperator op{ZeroCumulant(Torus({4}))};
  const CumulantOperator moved = std::move(op);
  BOOST_CHECK(moved.torus() == Torus({4}));
  BOOST_CHECK_THROW(op.torus(), std::logic_error);
}

BOOST_AUTO_TEST_CASE(the_zero_cumulant_contracts_to_zero) {
  CumulantOperator op{ZeroCumulant(Torus({4, 6}))};
  BOOST_CHECK(op.torus() == Torus({4, 6}));
  const Spectrum u = Spectrum::Ones(16);
  Spectrum out = Spectrum::Ones(16);
  op.contract(u, out);
  BOOST_TEST(out.cwiseAbs().maxCoeff() == 0.0);
  out.setOnes();
  op.contract(u, u, u, out);
  BOOST_TEST(out.cwiseAbs().maxCoeff() == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()

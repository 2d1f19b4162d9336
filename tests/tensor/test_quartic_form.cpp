#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/tensor/quartic_form.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

#include "reference_inputs.hpp"
#include "synthetic_tensors.hpp"

BOOST_AUTO_TEST_SUITE(quartic_form)

using namespace popflow;
using namespace popflow::test;

static_assert(QuarticForm<LatticeForm>);
static_assert(QuarticForm<SymmetricTensor>);

// The reference is the dense tensor, which has its own tests against the sum over all sites. The
// lattices have even, odd and unequal extents.
BOOST_AUTO_TEST_CASE(cumulant_operators_contract_as_the_dense_tensor) {
  for (const NonlinearGaussianField& field :
       {nlgp({8}, 3.0, 2.0), nlgp({9}, 1.0, 1.0), nlgp({3, 4}, 3.0, 1.5)}) {
    const CumulantTable table(fourth_cumulant(field));
    SymmetricTensor dense(table);
    const Eigen::MatrixXd X = random_directions(field.torus().sites(), 3, 1);
    Eigen::MatrixXd exact(X.rows(), 3), out(X.rows(), 3);
    dense.contract(X, exact);
    const std::vector<CumulantOperator> operators{table, BandLimitedCumulant(table)};
    for (const CumulantOperator& op : operators) {
      LatticeForm form(op);
      BOOST_TEST(form.dimension() == field.torus().sites());
      form.contract(X, out);
      BOOST_TEST((out - exact).norm() < 1e-11 * exact.norm());
      const QuarticAction action(form);
      BOOST_TEST(action.dimension == form.dimension());
      out.setZero();
      action.contract(X, out);
      BOOST_TEST((out - exact).norm() < 1e-11 * exact.norm());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

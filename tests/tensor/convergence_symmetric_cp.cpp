#include <utility>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/symmetric_cp.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

#include "reference_inputs.hpp"

BOOST_AUTO_TEST_SUITE(convergence_symmetric_cp)

using namespace popflow;
using namespace popflow::test;

// R = N, xi = 0.08 N, g = 3, from several seeds; about 1 s per fit for N = 40. A longer ring has a
// smaller error at the same number of factors per correlation length.
BOOST_AUTO_TEST_CASE(cumulants_of_rings_at_one_vector_a_site) {
  for (const auto& [sites, error] : {std::pair{20, 0.120}, {30, 0.102}, {40, 0.078}}) {
    SymmetricTensor tensor{CumulantTable(fourth_cumulant(nlgp({sites}, 3.0, 0.08 * sites)))};
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const SymmetricCpFit fit =
          symmetric_cp(tensor, tensor.squared_norm(), {.rank = sites, .seed = seed});
      BOOST_TEST(fit.relative_error <= error, sites << " sites, seed " << seed);
      BOOST_TEST_MESSAGE(sites << " sites, seed " << seed << ": " << fit.relative_error);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

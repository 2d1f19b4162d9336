#include <boost/test/unit_test.hpp>

#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"

#include "allocation_precondition.hpp"
#include "one_neuron_reference.hpp"
#include "scaled_cumulant.hpp"

using namespace popflow;
using namespace popflow::test;

namespace {

template <PopulationGradient Gradient>
void check_allocates_nothing(Gradient gradient, const Parameters& at, const std::string& where) {
  Parameters out = at;
  const std::size_t before = allocation_count();
  gradient(at, out);
  BOOST_TEST(allocation_count() == before, where);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(one_neuron_memory, *boost::unit_test::precondition(counting_allocations))

BOOST_AUTO_TEST_CASE(gradients_allocate_nothing) {
  for (const auto& shape : {std::vector{8}, {3, 4}}) {
    const Task task = lopsided_task(shape);
    for (const auto& [neuron_name, neuron] : neurons_with_relu())
      for (const Loss loss : {Loss::squared, Loss::correlation}) {
        const Network network{neuron.activation, loss};
        const Parameters at = one_neuron(lattice_of(task), neuron, 0.8, 1);
        check_allocates_nothing(ConditionalGradient(task, network), at, neuron_name);
        check_allocates_nothing(KurtosisGradient(task, network, scaled_cumulants(task)), at,
                                neuron_name);
      }
  }
}

BOOST_AUTO_TEST_SUITE_END()

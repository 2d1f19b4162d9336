#include <boost/test/unit_test.hpp>

#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"

#include "gradient_memory.hpp"
#include "one_neuron_reference.hpp"
#include "scaled_cumulant.hpp"

BOOST_AUTO_TEST_SUITE(one_neuron_memory,
                      *boost::unit_test::precondition(popflow::test::counting_allocations))

using namespace popflow;
using namespace popflow::test;

BOOST_AUTO_TEST_CASE(gradients_allocate_nothing) {
  const auto check = [](const Task& task, const NamedNeuron& named, Loss loss) {
    const Network network{named.neuron.activation, loss};
    const Parameters at = one_neuron(lattice_of(task), named.neuron, 0.8, 1);
    check_allocates_nothing(ConditionalGradient(task, network), at, named.name);
    check_allocates_nothing(KurtosisGradient(task, network, scaled_cumulants(task)), at,
                            named.name);
  };
  for (const auto& shape : {std::vector{8}, {3, 4}})
    for (const NamedNeuron& named : quick_neurons())
      check(lopsided_task(shape), named, Loss::squared);
  check({{1.0, 1.0, nlgp({2}, 3.0, 1.0)}}, {"tanh", {Tanh{}, 0.4, -1.3}}, Loss::logistic);
}

BOOST_AUTO_TEST_SUITE_END()

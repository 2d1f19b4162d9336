#pragma once

#include <string>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/population_gradient.hpp"

#include "allocation_precondition.hpp"

namespace popflow::test {

/// That neither the gradient nor the loss, where there is one, takes memory, from the first call
/// on.
template <PopulationGradient Gradient>
void check_allocates_nothing(Gradient gradient, const Parameters& at, const std::string& where) {
  Parameters out = at;
  const std::size_t before = allocation_count();
  gradient(at, out);
  if constexpr (PotentialGradient<Gradient>) gradient.loss(at);
  BOOST_TEST(allocation_count() == before, where);
}

}  // namespace popflow::test

#pragma once

#include <string>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/population_gradient.hpp"

#include "allocation_precondition.hpp"

namespace popflow::test {

/// That neither the gradient nor the loss, where there is one, takes memory after the first call.
template <PopulationGradient Gradient>
void check_allocates_nothing(const Gradient& gradient, const Parameters& at,
                             const std::string& where) {
  Parameters out = at;
  const auto call = [&] {
    gradient(at, out);
    if constexpr (PotentialGradient<Gradient>) gradient.loss(at);
  };
  call();
  const std::size_t before = allocation_count();
  call();
  BOOST_TEST(allocation_count() == before, where);
}

}  // namespace popflow::test

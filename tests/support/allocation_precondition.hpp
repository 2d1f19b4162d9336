#pragma once

#include <boost/test/unit_test.hpp>

#include "allocation_count.hpp"

namespace popflow::test {

/// The precondition of a test that counts allocations. (A lambda in its place sets off a false
/// -Wuninitialized of GCC 12 inside Boost.)
inline boost::test_tools::assertion_result counting_allocations(boost::unit_test::test_unit_id) {
  return allocations_are_counted();
}

}  // namespace popflow::test

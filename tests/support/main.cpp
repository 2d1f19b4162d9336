#define BOOST_TEST_MODULE popflow
#include <boost/test/unit_test.hpp>

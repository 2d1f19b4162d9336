#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/moments/cumulant_table.hpp"

#include "allocation_precondition.hpp"
#include "random_weights.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(quartic_flow_memory,
                      *boost::unit_test::precondition(popflow::test::counting_allocations))

using namespace popflow;
using namespace popflow::test;

namespace {

// How many blocks of memory a call takes.
template <class Call>
std::size_t allocations_in(const Call& call) {
  const std::size_t before = allocation_count();
  call();
  return allocation_count() - before;
}

// Allocates and frees, so that the compiler cannot tell that it comes to nothing.
template <class Allocate, class Free>
void take_and_free(const Allocate& allocate, const Free& free) {
  void* volatile block;
  block = allocate();
  free(block);
}

State random_state(const QuarticFlow& flow, std::uint64_t seed) {
  return flow.state(random_weights(1, flow.torus().sites(), seed));
}

}  // namespace

BOOST_AUTO_TEST_CASE(count_sees_every_way_to_allocate) {
  const auto count = [](const auto& allocate, const auto& free) {
    return allocations_in([&] { take_and_free(allocate, free); });
  };
  BOOST_TEST(allocations_in([] {}) == 0U);
  BOOST_TEST(count([] { return std::malloc(8); }, std::free) == 1U);
  BOOST_TEST(count([] { return std::calloc(8, 8); }, std::free) == 1U);
  BOOST_TEST(count([] { return std::realloc(nullptr, 8); }, std::free) == 1U);
  BOOST_TEST(count([] { return std::aligned_alloc(64, 64); }, std::free) == 1U);
  BOOST_TEST(count([] { return ::operator new(8); }, [](void* p) { ::operator delete(p); }) == 1U);
  BOOST_TEST(allocations_in([] { QuarticFlow(lopsided_task({7}), {}, Loss::squared); }) > 0U);
}

// The table operator transforms into fresh fields.
BOOST_AUTO_TEST_CASE(count_sees_an_operator_that_allocates) {
  const Task task = lopsided_task({7});
  std::vector<CumulantOperator> tables;
  for (const TaskClass& c : task) tables.push_back(CumulantTable(fourth_cumulant(c.input)));
  const QuarticFlow flow(task, {}, Loss::squared, tables);
  const State w = random_state(flow, 16);
  State rate = flow(w);
  BOOST_TEST(allocations_in([&] { flow(w, rate); }) > 0U);
}

BOOST_AUTO_TEST_CASE(rate_and_potential_allocate_nothing_after_the_first) {
  for (const Task& task : {lopsided_task({8}), lopsided_task({3, 4}),
                           gaussian_clones(two_lengths({1024}, 3.0, 8.0, 1.0))}) {
    const QuarticFlow flow(task, {Erf{}, -0.7, 0.8}, Loss::squared);
    const State w = random_state(flow, 17);
    State rate = flow(w);
    flow.potential(w);
    BOOST_TEST(allocations_in([&] { flow(w, rate); }) == 0U);
    BOOST_TEST(allocations_in([&] { flow.potential(w); }) == 0U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

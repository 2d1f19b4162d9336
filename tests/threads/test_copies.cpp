#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/threads/copies.hpp"

#include "allocation_count.hpp"
#include "allocation_precondition.hpp"

BOOST_AUTO_TEST_SUITE(copies_of_an_object)

using namespace popflow;

namespace {

// Counts how often it is copied.
struct Counted {
  explicit Counted(std::shared_ptr<std::atomic<int>> count) : made(std::move(count)) {}
  Counted(const Counted& other) : made(other.made), user(other.user) { ++*made; }
  Counted(Counted&&) = default;
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() = default;

  std::shared_ptr<std::atomic<int>> made;
  int user = -1;
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_user_has_a_copy_of_its_own) {
  const Copies copies(std::vector{1.0, 2.0});
  const auto a = copies.lend(), b = copies.lend();
  BOOST_TEST(a->data() != b->data());
  (*a)[0] = 3.0;
  BOOST_TEST((*b)[0] == 1.0);
  BOOST_TEST(copies.original()[0] == 1.0);
}

BOOST_AUTO_TEST_CASE(what_was_given_back_is_lent_again) {
  const Copies copies(Counted(std::make_shared<std::atomic<int>>(0)));
  const std::atomic<int>& made = *copies.original().made;
  {
    const auto first = copies.lend();
    first->user = 5;
  }
  BOOST_CHECK_THROW(
      {
        const auto second = copies.lend();
        BOOST_TEST(second->user == 5);
        throw std::runtime_error("in the middle");
      },
      std::runtime_error);
  BOOST_TEST(copies.lend()->user == 5);
  BOOST_TEST(made == 1);
  BOOST_TEST(copies.original().user == -1);
}

BOOST_AUTO_TEST_CASE(copied_they_lend_the_same) {
  const Copies original(Counted(std::make_shared<std::atomic<int>>(0)));
  original.lend()->user = 5;
  const Copies<Counted> copy = original;
  BOOST_TEST(copy.lend()->user == 5);
  const auto first = original.lend(), second = copy.lend();
  BOOST_TEST(first->user == 5);
  BOOST_TEST(second->user == -1);
  BOOST_TEST(*original.original().made == 2);
}

BOOST_AUTO_TEST_CASE(to_lend_again_allocates_nothing,
                     *boost::unit_test::precondition(test::counting_allocations)) {
  const Copies copies(std::vector{1.0, 2.0});
  const auto lend_two = [&copies] { const auto a = copies.lend(), b = copies.lend(); };
  lend_two();
  const std::size_t before = test::allocation_count();
  lend_two();
  BOOST_TEST(test::allocation_count() == before);
}

BOOST_AUTO_TEST_CASE(eight_threads_never_have_the_same_copy) {
  const Copies copies(Counted(std::make_shared<std::atomic<int>>(0)));
  std::atomic<int> shared = 0;
  const auto use = [&](int thread) {
    for (int n = 0; n < 200; ++n) {
      const auto own = copies.lend();
      own->user = thread;
      std::this_thread::yield();
      if (own->user != thread) ++shared;
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < 8; ++t) others.emplace_back(use, t);
  use(0);
  for (std::thread& other : others) other.join();
  BOOST_TEST(shared == 0);
  BOOST_TEST(*copies.original().made <= 8);
}

BOOST_AUTO_TEST_SUITE_END()

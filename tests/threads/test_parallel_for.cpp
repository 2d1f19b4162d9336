#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "popflow/threads/parallel_for.hpp"

#include "allocation_count.hpp"
#include "allocation_precondition.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(threads)

using namespace popflow;
using test::ThreadCount;

namespace {

void wait_until(const std::atomic<int>& count, int value) {
  while (count < value) std::this_thread::yield();
}

// The numbers of the threads that have one piece each: every piece waits for the last to begin.
std::set<int> workers_at_once(int threads) {
  const ThreadCount count(threads);
  std::vector<int> worker_of(static_cast<std::size_t>(threads), -1);
  std::atomic<int> begun = 0;
  parallel_for(threads, [&](int piece, int worker) {
    worker_of[static_cast<std::size_t>(piece)] = worker;
    ++begun;
    wait_until(begun, threads);
  });
  return {worker_of.begin(), worker_of.end()};
}

std::set<int> numbers_below(int end) {
  std::vector<int> numbers(static_cast<std::size_t>(end));
  std::iota(numbers.begin(), numbers.end(), 0);
  return {numbers.begin(), numbers.end()};
}

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void sleep_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

// Processor time of all threads of the process while f() runs.
template <class F>
double processor_seconds(const F& f) {
  const double before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  f();
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID) - before;
}

// The part of a second that waiting threads may take. They sleep, and take none. Threads that spin
// take most of a second each, however slow they are.
constexpr double most_of_a_second = 0.2;

// The status with which a child ends that does f(). The alarm ends one that hangs.
template <class F>
int status_of_child(const F& f) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(300);
    _exit(f() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_index_is_called_once_on_any_number_of_threads) {
  for (const int threads : {1, 2, 3, 7})
    for (const int count : {0, 1, 2, 7, 1000})
      for (const std::int64_t grain : {1, 3, 64}) {
        const ThreadCount limit(threads);
        std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
        parallel_for(calls.size(), [&](std::size_t k) { ++calls[k]; }, {.grain = grain});
        for (const std::atomic<int>& called : calls) BOOST_TEST(called == 1);
      }
}

BOOST_AUTO_TEST_CASE(threads_are_at_work_at_once_and_have_different_numbers) {
  for (const int threads : {1, 2, 3, 7})
    BOOST_TEST((workers_at_once(threads) == numbers_below(threads)));
}

BOOST_AUTO_TEST_CASE(no_more_threads_take_part_than_may) {
  const ThreadCount seven(7);
  std::atomic<int> most = 0;
  const auto note = [&](int, int worker) {
    int known = most;
    while (worker > known && !most.compare_exchange_weak(known, worker)) continue;
  };
  parallel_for(1000, note, {.threads = 2});
  BOOST_TEST(most == 1);
}

BOOST_AUTO_TEST_CASE(little_work_stays_in_the_thread_that_has_it) {
  const ThreadLimit three(3);
  const std::thread::id self = std::this_thread::get_id();
  int others = 0;
  for (int call = 0; call < 1000; ++call) {
    std::array<std::thread::id, 3> by;
    parallel_for(by.size(), [&](std::size_t k) { by[k] = std::this_thread::get_id(); });
    // Before anything is known of the work, or when the thread was held up for long, others help.
    for (const std::thread::id& one : by) others += one != self ? 1 : 0;
  }
  BOOST_TEST(others < 1000);
}

BOOST_AUTO_TEST_CASE(the_lowest_exception_of_several_threads_is_thrown_as_by_a_loop) {
  for (const int threads : {1, 2, 3, 7})
    for (int repeat = 0; repeat < 20; ++repeat) {
      const ThreadCount limit(threads);
      const auto fail_from_5 = [](int k) {
        if (k >= 5) throw std::runtime_error(std::to_string(k));
      };
      BOOST_CHECK_EXCEPTION(parallel_for(100, fail_from_5), std::runtime_error,
                            [](const auto& error) { return error.what() == std::string("5"); });
    }
  BOOST_TEST((workers_at_once(3) == numbers_below(3)));
}

BOOST_AUTO_TEST_CASE(threads_begin_nothing_after_an_exception) {
  const ThreadCount two(2);
  std::atomic<int> begun = 0;
  const auto fail = [&](int) {
    ++begun;
    throw std::runtime_error("");
  };
  BOOST_CHECK_THROW(parallel_for(1000, fail), std::runtime_error);
  BOOST_TEST(begun <= 2);  // one each
}

BOOST_AUTO_TEST_CASE(within_a_piece_of_several_threads_all_is_done_by_one) {
  const ThreadCount two(2);
  std::array<bool, 8> alone{};
  parallel_for(alone.size(), [&](std::size_t k) {
    const std::thread::id self = std::this_thread::get_id();
    alone[k] = thread_count() == 1;
    parallel_for(20, [&](int, int worker) {
      alone[k] = alone[k] && worker == 0 && std::this_thread::get_id() == self;
    });
  });
  for (const bool one : alone) BOOST_TEST(one);
  BOOST_TEST(thread_count() == 2);
}

BOOST_AUTO_TEST_CASE(several_threads_share_out_work_at_once) {
  std::array<long, 5> sums{};
  std::vector<std::thread> callers;
  for (long& sum : sums)
    callers.emplace_back([&sum] {
      const ThreadLimit three(3);
      for (int call = 0; call < 200; ++call) {
        std::array<long, 50> squares{};
        parallel_for(50L, [&](long k) { squares[static_cast<std::size_t>(k)] = k * k; });
        sum += std::accumulate(squares.begin(), squares.end(), 0L);
      }
    });
  for (std::thread& caller : callers) caller.join();
  for (const long sum : sums) BOOST_TEST(sum == 200L * 49 * 50 * 99 / 6);
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_threads_that_have_not_begun) {
  std::atomic<int> busy = 0, go = 0;
  std::thread other([&] {  // has the only helper in hand until it may go
    const ThreadCount two(2);
    parallel_for(2, [&](int) {
      ++busy;
      wait_until(go, 1);
    });
  });
  wait_until(busy, 2);
  const ThreadLimit two(2);
  int done = 0;
  parallel_for(100, [&](int) { ++done; });
  BOOST_TEST(done == 100);
  go = 1;
  other.join();
}

BOOST_AUTO_TEST_CASE(limits_are_those_of_a_thread_and_of_a_scope) {
  const int before = thread_count();
  {
    const ThreadLimit three(3);
    BOOST_TEST(thread_count() == 3);
    {
      const ThreadLimit one(1);
      BOOST_TEST(thread_count() == 1);
    }
    BOOST_TEST(thread_count() == 3);
    int elsewhere = 0;
    std::thread([&] { elsewhere = thread_count(); }).join();
    BOOST_TEST(elsewhere == before);
  }
  BOOST_TEST(thread_count() == before);
  BOOST_CHECK_THROW(ThreadLimit(0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(threads_between_two_calls_take_no_processor_time) {
  workers_at_once(2);
  const ThreadLimit two(2);
  // So often that also threads that go to sleep after a while would not.
  const auto often = [] {
    for (int call = 0; call < 100; ++call) {
      parallel_for(2, [](int) { sleep_for(2e-4); });
      sleep_for(1e-2);
    }
  };
  BOOST_TEST(processor_seconds(often) < most_of_a_second);
}

BOOST_AUTO_TEST_CASE(threads_that_wait_for_the_last_piece_take_no_processor_time) {
  const ThreadCount two(2);
  const auto one_is_long = [](int, int worker) {
    if (worker == 1) sleep_for(1.0);
  };
  BOOST_TEST(processor_seconds([&] { parallel_for(2, one_is_long); }) < most_of_a_second);
}

BOOST_AUTO_TEST_CASE(sharing_out_to_threads_allocates_nothing,
                     *boost::unit_test::precondition(popflow::test::counting_allocations)) {
  const ThreadCount three(3);
  std::array<int, 100> done{};
  const auto work = [&](std::size_t k) { ++done[k]; };
  parallel_for(done.size(), work);
  const std::size_t before = test::allocation_count();
  for (int call = 0; call < 50; ++call) parallel_for(done.size(), work);
  BOOST_TEST(test::allocation_count() == before);
}

// Not for the thread sanitizer, which allows no new threads after a fork.
BOOST_AUTO_TEST_CASE(a_forked_process_has_helpers_of_its_own) {
  BOOST_REQUIRE(workers_at_once(3) == numbers_below(3));
  const auto again = [] { return workers_at_once(3) == numbers_below(3); };
  for (int child = 0; child < 20; ++child) BOOST_TEST(status_of_child(again) == 0);
  BOOST_TEST(status_of_child([&] { return again() && status_of_child(again) == 0; }) == 0);
  BOOST_TEST(again());
}

BOOST_AUTO_TEST_CASE(a_process_may_be_forked_while_others_compute) {
  std::atomic<bool> stop = false;
  std::thread other([&stop] {
    const ThreadCount two(2);
    while (!stop) parallel_for(10, [](int) {});
  });
  const auto compute = [] { return workers_at_once(3) == numbers_below(3); };
  for (int child = 0; child < 50; ++child) BOOST_TEST(status_of_child(compute) == 0);
  stop = true;
  other.join();
}

BOOST_AUTO_TEST_SUITE_END()

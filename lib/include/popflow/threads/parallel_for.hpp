#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <type_traits>

namespace popflow {

/// How many threads work of the calling thread is shared out to, itself included: what its
/// ThreadLimit says, or else the environment variable OMP_NUM_THREADS, or else as many processors
/// as the process may use. The last two are read once, at first use. In a piece of shared work: 1.
int thread_count();

/// As long as it lives, work of the thread that made it is shared out to so many threads. Those of
/// one thread must end in the reverse order of their making.
class ThreadLimit {
 public:
  /// When helpers are woken. `always` is for tests: also for little work, and the calling thread
  /// begins when each of them has a piece, so that all of them take part.
  enum class Wake { where_it_pays, always };

  /// Throws std::invalid_argument for less than 1 thread.
  explicit ThreadLimit(int threads, Wake wake = Wake::where_it_pays);
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;
  ~ThreadLimit();

 private:
  int before_;
  Wake wake_before_;
};

/// How work is shared out.
struct Sharing {
  int threads = std::numeric_limits<int>::max();  ///< the most that take part; at least 1
  std::int64_t grain = 1;                         ///< so many indices at a time; at least 1
};

namespace detail {

// What one place in the code has seen of its work. It decides whether helpers are woken, and never
// what is computed.
struct Site {
  std::atomic<std::int64_t> nanoseconds{-1};  // of a piece, without helpers; -1: not known
  std::atomic<int> pause{0};                  // so many calls more do without helpers
  std::atomic<int> next_pause{1};             // after the next call in which helpers do not pay
};

struct Work {
  void (*run)(void* body, std::int64_t first, std::int64_t last, int worker);
  void* body;
  std::int64_t count, grain;
  int threads;
  Site* site;
};

void share_out(const Work& work);

}  // namespace detail

/// Calls body(index), or body(index, worker), for every index from 0 to count - 1, each by one of
/// thread_count() threads, in any order. `worker` is below the number of threads, 0 for the calling
/// thread, and different for threads that are at work at once: it chooses scratch memory.
///
///     parallel_for(blocks, [&](Eigen::Index b) { sums[b] = sum_of_block(b); });
///
/// Which thread computes which index depends on the moment: so results go where `index` says, and
/// are added up afterwards, in order. Then they are the same bits on any number of threads.
///
/// Nobody waits for a thread that has not begun: the calling thread goes through the indices
/// itself, helpers take what they come to, and at the end it waits only for pieces that others have
/// in hand. Waiting threads sleep. Where all the work takes less than waking helpers, or where they
/// came too late the last times, because the processors have other things to do, the calling thread
/// works alone.
///
/// If calls throw, no further ones begin, and the exception of the lowest index is thrown, as by a
/// loop. A parallel_for within a piece of another is a loop. Several threads may call at once. A
/// process that was forked has no helpers until it needs them. Allocates nothing, but for new
/// helpers.
template <std::integral Index, class Body>
void parallel_for(Index count, Body&& body, const Sharing& sharing = {}) {
  using Called = std::remove_reference_t<Body>;
  static detail::Site site;
  const auto run = [](void* called, std::int64_t first, std::int64_t last, int worker) {
    Called& f = *static_cast<Called*>(called);
    for (std::int64_t k = first; k < last; ++k)
      if constexpr (std::invocable<Called&, Index, int>)
        std::invoke(f, static_cast<Index>(k), worker);
      else
        std::invoke(f, static_cast<Index>(k));
  };
  auto* const called = const_cast<void*>(static_cast<const void*>(std::addressof(body)));
  detail::share_out(
      {run, called, static_cast<std::int64_t>(count), sharing.grain, sharing.threads, &site});
}

}  // namespace popflow

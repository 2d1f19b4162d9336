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

/// The number of threads that share the work of the calling thread, itself included. This is the
/// number of its ThreadLimit, or else of the environment variable OMP_NUM_THREADS, or else the
/// number of processors that the process may use. The last two are read once, at first use. Within
/// a piece of shared work it is 1.
int thread_count();

/// While it lives, this number of threads share the work of the thread that made it. Several limits
/// of one thread must be destroyed in the reverse order of their construction.
class ThreadLimit {
 public:
  /// When helpers are woken. `always` is for tests: helpers are woken also for little work, and the
  /// calling thread waits until each of them has a piece, so that all of them take part.
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
  std::int64_t grain = 1;                         ///< indices in one piece; at least 1
  bool alike = true;  ///< pieces take about as long at every call, so that earlier calls tell
};

namespace detail {

// Times of earlier calls from one place in the code. They decide whether helpers are woken, and
// never what is computed.
struct Site {
  std::atomic<std::int64_t> nanoseconds{-1};  // of a piece, without helpers; -1: not known
  std::atomic<int> pause{0};                  // number of next calls that do without helpers
  std::atomic<int> next_pause{1};             // the pause after a call in which helpers do not pay
};

struct Work {
  void (*run)(void* body, std::int64_t first, std::int64_t last, int worker);
  void* body;
  std::int64_t count, grain;
  int threads;
  bool alike;
  Site* site;
};

void share_out(const Work& work);

}  // namespace detail

/// Calls body(index), or body(index, worker), for every index from 0 to count - 1, each by one of
/// thread_count() threads, in any order. `worker` is less than the number of threads, is 0 for the
/// calling thread, and differs between threads that work at the same time: use it to choose scratch
/// memory.
///
///     parallel_for(blocks, [&](Eigen::Index b) { sums[b] = sum_of_block(b); });
///
/// An index may be computed by another thread in every call. To get the same bits on any number of
/// threads, store each result by its index, and add them up afterwards, in order.
///
/// The calling thread goes through the indices itself, and helpers take pieces as they come. At the
/// end it waits only for pieces that helpers have begun, never for a helper that has not begun.
/// Waiting threads sleep. The calling thread works alone if all the work takes less time than
/// waking helpers. It also does so if helpers did not pay in recent calls, because the processors
/// were busy with other work.
///
/// If a call throws, no further ones begin, and the exception of the lowest index is thrown, as by
/// a loop. A parallel_for within a piece of another is a loop. Several threads may call it at the
/// same time. A forked process has no helpers until it needs them. Allocates nothing, except for
/// new helpers.
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
  detail::share_out({run, called, static_cast<std::int64_t>(count), sharing.grain, sharing.threads,
                     sharing.alike, &site});
}

}  // namespace popflow

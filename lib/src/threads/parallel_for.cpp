#include "popflow/threads/parallel_for.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

#include <pthread.h>
#ifdef __linux__
#include <sched.h>
#endif

#include <fmt/core.h>

// Why not a library. Both were measured on two processors that were busy with other work. OpenMP
// (libgomp) took 15 times as long as one thread for pieces of 0.1 ms, since its threads wait for
// one another by spinning; and a child that is forked after its use hangs for ever. oneTBB 2021.8
// was as quick as the code below. But 5 of 2221 children that were forked after its use hung, and 5
// of 87 that were forked while another thread used it, because locks that its threads held stay
// locked.

namespace popflow {

namespace {

using Clock = std::chrono::steady_clock;
using detail::Site;
using detail::Work;

constexpr int most_threads = 1024;

// Work that takes one thread less than this is done before a sleeping helper is at work.
constexpr double least_nanoseconds = 60e3;

// Falling asleep and being woken takes as long: for a piece that ends sooner, sleep is no gain.
constexpr std::int64_t nanoseconds_awake = 20'000;

// A helper may lose its processor for a few of the scheduler's slices while it works on a piece.
// Work that takes longer than this is not affected much. For shorter work, helpers that cost more
// than they bring are left asleep for a while, and for longer each time this happens in a row.
constexpr double nanoseconds_of_waiting = 20e6;
constexpr int longest_pause = 64;

std::int64_t nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
}

// The data that the pieces of one call share, owned by the calling thread.
struct Call {
  const Work& work;
  std::mutex lock{};
  std::atomic<bool> failed{false};
  std::int64_t failed_at = std::numeric_limits<std::int64_t>::max();
  std::exception_ptr failure{};
};

// A call whose pieces are open to helpers. Its number and the next piece are one word, so that who
// takes a piece knows that it is one of this call's. Only who has taken a piece looks at the call,
// which lives until `unfinished` has counted all of them; the entry itself always does.
struct Entry {
  std::atomic<bool> used{false};
  std::atomic<std::uint64_t> next{0};  // number << 32 | next piece
  std::atomic<std::uint32_t> end{0};   // of the pieces; set last
  std::atomic<int> threads{0};         // helper number w serves calls for more than w threads
  std::atomic<Call*> call{nullptr};
  std::atomic<std::uint32_t> unfinished{0};
};

std::uint32_t piece_of(std::uint64_t next) { return static_cast<std::uint32_t>(next); }
std::uint64_t number_of(std::uint64_t next) { return next >> 32; }

// Atomics and sleep on them: a fork finds nothing locked but `hiring`, which it waits for.
std::array<Entry, 64> board;
std::array<std::atomic<std::uint32_t>, most_threads> bell;
std::atomic<int> hired = 0;
std::mutex hiring;

thread_local int limit = 0;  // 0: none
thread_local ThreadLimit::Wake wake = ThreadLimit::Wake::where_it_pays;
thread_local bool in_piece = false;

void run_piece(const Work& work, std::int64_t piece, int worker) {
  const std::int64_t first = piece * work.grain;
  work.run(work.body, first, std::min(first + work.grain, work.count), worker);
}

// Keeps the exception of the lowest piece. Pieces are taken in order: those below are all in
// somebody's hands.
void run_piece(Call& call, std::int64_t piece, int worker) noexcept {
  try {
    run_piece(call.work, piece, worker);
  } catch (...) {
    const std::lock_guard guard(call.lock);
    call.failed = true;
    if (piece >= call.failed_at) return;
    call.failed_at = piece;
    call.failure = std::current_exception();
  }
}

void count_finished(Entry& entry, std::uint32_t pieces) {
  if (entry.unfinished.fetch_sub(pieces) == pieces) entry.unfinished.notify_one();
}

// Drops the pieces of a failed call that no thread has taken.
void drop_rest(Entry& entry) {
  const std::uint32_t end = entry.end;
  std::uint64_t next = entry.next;
  while (piece_of(next) < end)
    if (entry.next.compare_exchange_weak(next, (number_of(next) << 32) + end))
      return count_finished(entry, end - piece_of(next));
}

// Whether there was a piece to do.
bool do_next(Entry& entry, int worker) {
  std::uint64_t next = entry.next;
  do
    if (piece_of(next) >= entry.end || worker >= entry.threads) return false;
  while (!entry.next.compare_exchange_weak(next, next + 1));
  Call& call = *entry.call;
  run_piece(call, piece_of(next), worker);
  if (call.failed) drop_rest(entry);
  count_finished(entry, 1);
  return true;
}

void help(int worker) {
  in_piece = true;
  std::atomic<std::uint32_t>& own = bell[static_cast<std::size_t>(worker)];
  for (;;) {
    const std::uint32_t heard = own;
    bool found = false;
    for (Entry& entry : board)
      while (do_next(entry, worker)) found = true;
    if (!found) own.wait(heard);
  }
}

// A forked child has only the thread that forked, and no work of other threads.
void start_as_child() {
  hired = 0;
  for (Entry& entry : board) {
    entry.end = 0;
    entry.used = false;
  }
  hiring.unlock();
}

// While the program is loaded, since a child must not find this half done.
const int for_children =
    pthread_atfork([] { hiring.lock(); }, [] { hiring.unlock(); }, start_as_child);

// Wakes helpers, up to `wanted`. If no more threads can be made, there are fewer.
int hire(int wanted) {
  if (hired >= wanted) return wanted;
  const std::lock_guard guard(hiring);
  if (for_children != 0) return 0;
  try {
    for (; hired < wanted; ++hired) std::thread(help, hired + 1).detach();
  } catch (const std::system_error&) {
  }
  return std::min<int>(hired, wanted);
}

Entry* free_entry() {
  for (Entry& entry : board)
    if (!entry.used && !entry.used.exchange(true)) return &entry;
  return nullptr;
}

void open(Entry& entry, Call& call, std::uint32_t first, std::uint32_t end, int threads) {
  entry.end = 0;
  entry.threads = threads;
  entry.call = &call;
  entry.unfinished = end - first;
  entry.next = ((number_of(entry.next) + 1) << 32) + first;
  entry.end = end;
  for (int worker = 1; worker < threads; ++worker) {
    ++bell[static_cast<std::size_t>(worker)];
    bell[static_cast<std::size_t>(worker)].notify_one();
  }
}

void wait_for_others(const Entry& entry) {
  const auto start = Clock::now();
  while (const std::uint32_t unfinished = entry.unfinished)
    if (nanoseconds_since(start) > nanoseconds_awake) entry.unfinished.wait(unfinished);
}

// Whether helpers pay for so many pieces, as far as is known.
bool worth_helpers(const Site& site, std::int64_t pieces, bool paused) {
  const double alone = static_cast<double>(site.nanoseconds) * static_cast<double>(pieces);
  return site.nanoseconds < 0 || alone > (paused ? nanoseconds_of_waiting : least_nanoseconds);
}

// Goes through the pieces for as long as helpers do not pay; returns the first that is left.
std::int64_t begin_alone(const Work& work, std::int64_t pieces) {
  Site& site = *work.site;
  const bool paused = site.pause > 0 && site.pause-- > 0;
  const auto start = Clock::now();
  std::int64_t done = 0;
  while (done < pieces && !worth_helpers(site, pieces - done, paused)) {
    run_piece(work, done++, 0);
    site.nanoseconds = nanoseconds_since(start) / done;
  }
  return done;
}

// Helpers paid if they saved a tenth of what the calling thread takes alone. Beside a helper a
// piece may take it longer, where the two share a core; it was alone at the latest in the last
// pause, and is in the call after the first.
void learn(Site& site, std::int64_t pieces, std::int64_t own, std::int64_t busy, std::int64_t all) {
  if (own == 0) return;
  const std::int64_t before = site.nanoseconds;
  const std::int64_t alone = before < 0 ? busy / own : std::min(before, busy / own);
  const bool paid = before >= 0 && all < alone * pieces / 10 * 9;
  site.nanoseconds = alone;
  if (!paid) site.pause = site.next_pause.load();
  site.next_pause = std::clamp(paid ? site.next_pause / 2 : 2 * site.next_pause, 1, longest_pause);
}

void share(const Work& work, std::int64_t first, std::int64_t pieces, int threads) {
  threads = 1 + hire(static_cast<int>(std::min<std::int64_t>(threads, pieces - first)) - 1);
  Entry* const entry = threads > 1 ? free_entry() : nullptr;
  if (!entry) return work.run(work.body, first * work.grain, work.count, 0);
  Call call{work};
  const auto start = Clock::now();
  open(*entry, call, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(pieces),
       threads);
  if (wake == ThreadLimit::Wake::always)
    while (piece_of(entry->next) < first + threads - 1)
      std::this_thread::sleep_for(std::chrono::microseconds(10));
  std::int64_t own = 0;
  in_piece = true;
  while (do_next(*entry, 0)) ++own;
  in_piece = false;
  const std::int64_t busy = nanoseconds_since(start);
  wait_for_others(*entry);
  entry->used = false;
  if (call.failure) std::rethrow_exception(call.failure);
  learn(*work.site, pieces - first, own, busy, nanoseconds_since(start));
}

// The first number of OMP_NUM_THREADS, which may be a list; 0 where there is none.
int asked_for() {
  const char* const value = std::getenv("OMP_NUM_THREADS");
  if (!value) return 0;
  std::string_view text(value);
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  int threads = 0;
  std::from_chars(text.data(), text.data() + text.size(), threads);
  return std::clamp(threads, 0, most_threads);
}

int usable_processors() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
#endif
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, most_threads);
}

}  // namespace

int thread_count() {
  static const int by_default = asked_for() > 0 ? asked_for() : usable_processors();
  if (in_piece) return 1;
  return limit > 0 ? limit : by_default;
}

ThreadLimit::ThreadLimit(int threads, Wake when) : before_(limit), wake_before_(wake) {
  if (threads < 1) throw std::invalid_argument(fmt::format("{} threads: at least 1", threads));
  limit = std::min(threads, most_threads);
  wake = when;
}

ThreadLimit::~ThreadLimit() {
  limit = before_;
  wake = wake_before_;
}

void detail::share_out(const Work& asked) {
  if (asked.count <= 0) return;
  Work work = asked;
  // Fewer than 2^32 pieces, and none of them empty.
  work.grain = std::max({asked.grain, std::int64_t{1}, (asked.count >> 31) + 1});
  const std::int64_t pieces = (work.count - 1) / work.grain + 1;
  const auto threads =
      static_cast<int>(std::min<std::int64_t>({thread_count(), work.threads, pieces}));
  if (threads <= 1) return work.run(work.body, 0, work.count, 0);
  const bool at_once = wake == ThreadLimit::Wake::always || !work.alike;
  const std::int64_t first = at_once ? 0 : begin_alone(work, pieces);
  if (pieces - first > 1) return share(work, first, pieces, threads);
  if (pieces > first) run_piece(work, first, 0);
}

}  // namespace popflow

#include "point_desk.hpp"

#include <atomic>
#include <exception>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/run/sweep_point.hpp"
#include "popflow/threads/parallel_for.hpp"

namespace popflow {

PointDesk::PointDesk(const Sweep& sweep, SweepJournal& journal, Progress& progress)
    : sweep_(sweep), journal_(journal), progress_(progress) {
  for (std::size_t n = 0; n < sweep.points(); ++n)
    if (journal.finished().count(n) == 0) open_.push_back(n);
}

std::optional<std::size_t> PointDesk::next(int rank) {
  const std::lock_guard guard(lock_);
  if (given_ == open_.size()) return {};
  const std::size_t n = open_[given_++];
  rank_of_[n] = rank;
  return n;
}

void PointDesk::finished(std::size_t number, SweepPoint point) {
  const std::lock_guard guard(lock_);
  journal_.add(number, std::move(point));
  rank_of_.erase(number);
  progress_.at(static_cast<double>(journal_.finished().size()) /
               static_cast<double>(sweep_.points()));
}

std::string PointDesk::in_hand() const {
  const std::lock_guard guard(lock_);
  std::vector<std::string> points;
  for (const auto& [n, rank] : rank_of_)
    points.push_back(fmt::format("rank {} had {}", rank, fmt::join(sweep_.overrides(n), " ")));
  return fmt::format("{}", fmt::join(points, ", "));
}

void compute_points(const Sweep& sweep, int threads,
                    const std::function<std::optional<std::size_t>()>& next,
                    const std::function<void(std::size_t, SweepPoint)>& finished,
                    const std::function<bool()>& stopped) {
  std::mutex lock;
  std::exception_ptr failure;
  std::atomic<bool> failed = false;
  const auto asked_to_stop = [&] { return failed || stopped(); };
  const auto work = [&] {
    const ThreadLimit one(1);
    try {
      while (!asked_to_stop()) {
        const std::optional<std::size_t> n = next();
        if (!n) return;
        SweepPoint point = sweep_point(sweep, *n, asked_to_stop);
        if (point.stop_reason == "interrupted") return;
        finished(*n, std::move(point));
      }
    } catch (...) {
      failed = true;
      const std::lock_guard guard(lock);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> workers;
  workers.reserve(static_cast<std::size_t>(threads));
  for (int t = 0; t < threads; ++t) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace popflow

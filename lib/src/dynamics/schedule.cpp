#include "popflow/dynamics/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/core.h>

#include "input/check_number.hpp"

namespace popflow {

namespace {

void check(double t_end, int snapshots, int fewest) {
  check_positive("end time", t_end);
  if (snapshots < fewest)
    throw std::invalid_argument(fmt::format("{} snapshots: at least {} needed", snapshots, fewest));
}

}  // namespace

std::vector<double> linear_schedule(double t_end, int snapshots) {
  check(t_end, snapshots, 2);
  std::vector<double> times(snapshots);
  const double intervals = snapshots - 1;
  for (int i = 0; i < snapshots; ++i) times[i] = t_end * i / intervals;
  times.back() = t_end;
  return times;
}

std::vector<double> log_schedule(double t_first, double t_end, int snapshots) {
  check(t_end, snapshots, 3);
  if (!(t_first > 0.0 && t_first < t_end))
    throw std::invalid_argument(
        fmt::format("first time {}: must lie between 0 and the end time {}", t_first, t_end));
  std::vector<double> times(snapshots);
  const double intervals = snapshots - 2;
  for (int i = 1; i < snapshots; ++i)
    times[i] = t_first * std::pow(t_end / t_first, (i - 1) / intervals);
  times.back() = t_end;
  return times;
}

void check_schedule(std::span<const double> times) {
  if (times.empty()) throw std::invalid_argument("no scheduled times: at least one needed");
  for (std::size_t i = 0; i < times.size(); ++i) {
    check_finite("scheduled time", times[i]);
    if (i > 0 && !(times[i] > times[i - 1]))
      throw std::invalid_argument(
          fmt::format("scheduled time {} after {}: must be increasing", times[i], times[i - 1]));
  }
}

double shortest_interval(std::span<const double> times) {
  double shortest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < times.size(); ++i)
    shortest = std::min(shortest, times[i] - times[i - 1]);
  return shortest;
}

double largest_learning_rate(std::span<const double> times) {
  return shortest_interval(times) * (1.0 + interval_rounding);
}

void detail::check_steps(std::span<const double> times, const char* what, double step) {
  // The number fits 64 bits, and a double that counts them.
  constexpr double most_steps = 1e15;
  for (std::size_t i = 1; i < times.size(); ++i)
    if (!((times[i] - times[i - 1]) / step <= most_steps))
      throw std::invalid_argument(
          fmt::format("{} {}: must be at least {:g}, for 1e15 steps from one scheduled time to the "
                      "next",
                      what, step, (times[i] - times[i - 1]) / most_steps));
}

std::uint64_t detail::steps_between(double from, double to, double step) {
  // The small allowance keeps rounding from adding a step to a whole number of them.
  const double steps = std::ceil((to - from) / step * (1.0 - interval_rounding));
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(steps));
}

}  // namespace popflow

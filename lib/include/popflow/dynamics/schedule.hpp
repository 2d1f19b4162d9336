#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace popflow {

/// `snapshots` equally spaced times from 0 to t_end, both included exactly.
/// Throws std::invalid_argument unless t_end is positive and finite and snapshots >= 2.
std::vector<double> linear_schedule(double t_end, int snapshots);

/// The time 0, and snapshots - 1 times from t_first to t_end in equal ratios, both included
/// exactly. This suits dynamics that start exponentially and end slowly. `snapshots` counts the 0.
/// Throws std::invalid_argument unless 0 < t_first < t_end < infinity and snapshots >= 3.
std::vector<double> log_schedule(double t_first, double t_end, int snapshots);

/// Throws std::invalid_argument unless there is at least one time, and all are finite and
/// increasing.
void check_schedule(std::span<const double> times);

/// Relative rounding of the times between scheduled times. An interval may differ from a whole
/// number of steps by this much.
inline constexpr double interval_rounding = 1e-9;

/// The shortest time between two neighbouring scheduled times; infinite for a single one.
double shortest_interval(std::span<const double> times);

/// The largest learning rate whose steps fit between all scheduled times (train): the shortest
/// interval, with an allowance for the rounding of the times.
double largest_learning_rate(std::span<const double> times);

namespace detail {

/// Throws std::invalid_argument unless steps of this length, which the message calls `what`, are so
/// few between scheduled times that they can be counted, and each of them changes the time.
void check_steps(std::span<const double> times, const char* what, double step);

/// The number of equal steps, at most `step` long, from one scheduled time to the next.
std::uint64_t steps_between(double from, double to, double step);

}  // namespace detail

}  // namespace popflow

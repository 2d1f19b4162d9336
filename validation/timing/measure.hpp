#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

/// Median over `runs` of the seconds that one call of f takes, each run long enough (at least
/// `least_seconds`) for the clock.
template <class F>
double median_seconds(F&& f, int runs = 9, double least_seconds = 2e-3) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_of = [&f](long calls) {
    const auto start = Clock::now();
    for (long k = 0; k < calls; ++k) f();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  long calls = 1;
  while (seconds_of(calls) < least_seconds) calls *= 2;
  std::vector<double> seconds;
  for (int run = 0; run < runs; ++run)
    seconds.push_back(seconds_of(calls) / static_cast<double>(calls));
  std::nth_element(seconds.begin(), seconds.begin() + runs / 2, seconds.end());
  return seconds[static_cast<std::size_t>(runs / 2)];
}

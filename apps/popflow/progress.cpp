#include "progress.hpp"

#include <cmath>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

namespace popflow {

namespace {

constexpr double refresh_seconds = 0.1;

std::string clock_time(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  const long long hours = whole / 3600, minutes = whole / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                   : fmt::format("{}:{:02}", minutes, whole % 60);
}

}  // namespace

Progress::Progress(bool wanted, std::string what, double done)
    : shown_(wanted && isatty(STDERR_FILENO) == 1), what_(std::move(what)), done_(done) {
  show(what_);
}

Progress::~Progress() { show(""); }

void Progress::start(const std::string& what) {
  what_ = what;
  done_ = 0.0;
  stopwatch_ = {};
  last_shown_ = 0.0;
  show(what_);
}

void Progress::at(double fraction) {
  const double elapsed = stopwatch_.seconds();
  if (!shown_ || fraction <= done_ || elapsed - last_shown_ < refresh_seconds) return;
  last_shown_ = elapsed;
  show(fmt::format("{}: {:3.0f} %, {} left", what_, 100.0 * fraction,
                   clock_time(elapsed * (1.0 - fraction) / (fraction - done_))));
}

void Progress::show(const std::string& line) {
  const char* wipe = "\033[K";
  if (shown_) fmt::print(stderr, "\r{}{}", line, wipe);
}

}  // namespace popflow

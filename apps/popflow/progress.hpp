#pragma once

#include <chrono>
#include <string>

namespace popflow {

/// Seconds since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One line on standard error that says how far a run is and how long it will still take; silent
/// unless `wanted` and standard error is a terminal. The line is wiped at the end.
class Progress {
 public:
  /// The fraction `done` of the work was done before.
  Progress(bool wanted, std::string what, double done = 0.0);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Names the current stage. The time left counts from here.
  void start(const std::string& what);

  /// `fraction` in [0, 1] of the work is done.
  void at(double fraction);

 private:
  void show(const std::string& line);

  bool shown_;
  std::string what_;
  double done_;
  Stopwatch stopwatch_;
  double last_shown_ = 0.0;  // on the stopwatch
};

}  // namespace popflow

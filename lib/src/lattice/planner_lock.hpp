#pragma once

#include <mutex>

namespace popflow {

// FFTW's planner is not thread-safe; its execution is.
inline std::mutex& planner_lock() {
  static std::mutex lock;
  return lock;
}

}  // namespace popflow

#pragma once

#include <mutex>

namespace popflow {

// FFTW's planner is not thread-safe; its execution is. A fork waits until the lock
// is free, so that the child finds it open, and the planner whole.
std::mutex& planner_lock();

}  // namespace popflow

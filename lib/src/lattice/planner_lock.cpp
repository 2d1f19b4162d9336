#include "lattice/planner_lock.hpp"

#include <pthread.h>

namespace popflow {

namespace {

std::mutex planning;

// While the program is loaded, before any plan is made.
[[maybe_unused]] const int at_forks =
    pthread_atfork([] { planning.lock(); }, [] { planning.unlock(); }, [] { planning.unlock(); });

}  // namespace

std::mutex& planner_lock() { return planning; }

}  // namespace popflow

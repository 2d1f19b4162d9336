#include "lattice/planner_lock.hpp"

#include <new>

#include <pthread.h>

namespace popflow {

namespace {

std::mutex planning;

// Registered when the library is loaded. 0, but where there is no memory for it.
const int not_registered =
    pthread_atfork([] { planning.lock(); }, [] { planning.unlock(); }, [] { planning.unlock(); });

}  // namespace

std::mutex& planner_lock() {
  if (not_registered != 0) throw std::bad_alloc();
  return planning;
}

}  // namespace popflow

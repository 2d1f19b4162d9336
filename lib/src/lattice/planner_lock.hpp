#pragma once

#include <memory>
#include <mutex>
#include <type_traits>

namespace popflow {

// FFTW's planner is not thread-safe; its execution is. A fork waits until the lock
// is free, so that the child finds it open, and the planner whole.
std::mutex& planner_lock();

// The plan that make() returns. The last copy destroys it.
template <class Make, class Destroy>
auto shared_plan(const Make& make, const Destroy& destroy) {
  std::unique_lock lock(planner_lock());
  const auto plan = make();
  lock.unlock();  // because destroying takes it, also where there is no memory for the pointer
  return std::shared_ptr<std::remove_pointer_t<decltype(make())>>(plan, [destroy](auto* held) {
    const std::lock_guard guard(planner_lock());
    destroy(held);
  });
}

}  // namespace popflow

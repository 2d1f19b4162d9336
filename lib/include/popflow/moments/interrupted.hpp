#pragma once

#include <exception>
#include <functional>

namespace popflow {

/// Thrown by a computation that was asked to stop and has no result to give.
struct Interrupted : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// Whether `interrupted` returns true. An empty function never interrupts.
inline bool is_interrupted(const std::function<bool()>& interrupted) {
  return interrupted && interrupted();
}

/// Throws Interrupted if `interrupted` returns true.
inline void check_interrupted(const std::function<bool()>& interrupted) {
  if (is_interrupted(interrupted)) throw Interrupted();
}

}  // namespace popflow

#pragma once

#include <exception>
#include <functional>

namespace popflow {

/// What ends a computation that was asked to stop and has no result to give.
struct Interrupted : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// Throws Interrupted where `interrupted` says so; empty is never.
inline void check_interrupted(const std::function<bool()>& interrupted) {
  if (interrupted && interrupted()) throw Interrupted();
}

}  // namespace popflow

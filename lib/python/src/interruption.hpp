#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "bindings.hpp"

namespace popflow::python {

/// Returns f(), computed without the interpreter lock.
template <class F>
auto released(F&& f) {
  const py::gil_scoped_release release;
  return f();
}

/// Whether the thread that asks should stop, because of Ctrl-C.
/// Asked without the interpreter lock, which it takes twenty times a second to see to signals.
class Interruption {
 public:
  bool operator()();

  /// With the lock: throws what it stopped for, if it did.
  void rethrow() const;

  /// Without the lock: throws where the thread should stop. For work that lets exceptions through.
  void check();

 private:
  std::chrono::steady_clock::time_point asked_ = std::chrono::steady_clock::now();
  std::exception_ptr error_;
};

/// Returns f(interruption), computed without the interpreter lock by this thread. Python functions
/// that f calls are then called by the thread that they expect.
template <class F>
auto interruptible(F&& f) {
  Interruption interruption;
  auto result = [&] {
    const py::gil_scoped_release release;
    return f(interruption);
  }();
  interruption.rethrow();
  return result;
}

/// Lets another thread do work(interrupted), while this thread waits for signals. It is meant for
/// work that several threads share, any of which may be the last. Returns the exception to throw if
/// it was interrupted, or nothing. Exceptions of the work pass through.
std::exception_ptr in_background(
    const std::function<void(const std::function<bool()>& interrupted)>& work);

/// Returns f(interrupted), computed in_background. If it was interrupted, its value or exception
/// has no meaning, and the exception of the interruption is thrown.
template <class F>
auto waited_for(F&& f) {
  using Result = std::invoke_result_t<F&, const std::function<bool()>&>;
  std::optional<Result> result;
  const std::exception_ptr interruption = in_background([&](const auto& interrupted) {
    try {
      result.emplace(f(interrupted));
    } catch (...) {
      if (!interrupted()) throw;
    }
  });
  if (interruption) std::rethrow_exception(interruption);
  return std::move(*result);
}

}  // namespace popflow::python

#include "interruption.hpp"

#include <atomic>
#include <future>

namespace popflow::python {

namespace {

constexpr std::chrono::milliseconds patience{50};

// With the interpreter lock: what the handlers of pending signals raised, if any.
std::exception_ptr signalled() {
  if (PyErr_CheckSignals() == 0) return {};
  return std::make_exception_ptr(py::error_already_set());
}

}  // namespace

bool Interruption::operator()() {
  if (error_) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now - asked_ < patience) return false;
  asked_ = now;
  const py::gil_scoped_acquire acquire;
  error_ = signalled();
  return error_ != nullptr;
}

void Interruption::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

void Interruption::check() {
  if (!(*this)()) return;
  const py::gil_scoped_acquire acquire;
  rethrow();
}

std::exception_ptr in_background(
    const std::function<void(const std::function<bool()>& interrupted)>& work) {
  std::atomic<bool> stop = false;
  std::exception_ptr error;
  const py::gil_scoped_release release;
  std::future<void> done =
      std::async(std::launch::async, [&] { work([&stop] { return stop.load(); }); });
  while (done.wait_for(patience) == std::future_status::timeout) {
    if (stop) continue;
    const py::gil_scoped_acquire acquire;
    error = signalled();
    stop = error != nullptr;
  }
  done.get();
  return error;
}

}  // namespace popflow::python

#include "checkpoints.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "popflow/results/output_file.hpp"

namespace popflow {

namespace {

// Long enough for a step of every run, so that the file has all of them as they are now.
constexpr double longest_lead = 1.0;

template <class Value>
void append_new(std::vector<Value>& copy, const std::vector<Value>& all) {
  copy.insert(copy.end(), all.begin() + static_cast<std::ptrdiff_t>(copy.size()), all.end());
}

}  // namespace

Checkpoints::Checkpoints(std::string path, RunIdentity identity, double interval,
                         std::vector<EnsembleRun> runs)
    : path_(std::move(path)),
      identity_(std::move(identity)),
      interval_(interval),
      lead_(std::min(interval, longest_lead)),
      due_(interval),
      copies_(std::move(runs)) {}

void Checkpoints::step_taken(int r, const EnsembleRun& run) {
  if (stopwatch_.seconds() < due_ - lead_) return;
  const std::lock_guard guard(lock_);
  keep(r, run);
  if (stopwatch_.seconds() >= due_) write();
}

void Checkpoints::run_ended(int r, const EnsembleRun& run) {
  // A run that diverged does so again from its last copy; where it stands there is no going on.
  if (run.result.reason == StopReason::not_finite) return;
  const std::lock_guard guard(lock_);
  keep(r, run);
}

void Checkpoints::write() try {
  write_checkpoint(path_, identity_, copies_);
  due_ = stopwatch_.seconds() + interval_;
} catch (const UnwritableOutput& failure) {
  // It was writable when the run began: this is no bad input.
  throw std::runtime_error(failure.what());
}

void Checkpoints::remove() const { remove_output(path_); }

void Checkpoints::keep(int r, const EnsembleRun& run) {
  EnsembleRun& copy = copies_[static_cast<std::size_t>(r)];
  copy.state = run.state;
  append_new(copy.time, run.time);
  append_new(copy.parameters, run.parameters);
}

}  // namespace popflow

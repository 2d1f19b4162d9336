#include "popflow/dynamics/ensemble.hpp"

#include <atomic>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/threads/parallel_for.hpp"

namespace popflow {

std::vector<EnsembleRun> new_ensemble(const Parameters& initial, int runs) {
  if (runs < 1) throw std::invalid_argument(fmt::format("{} runs: must be at least 1", runs));
  return std::vector<EnsembleRun>(static_cast<std::size_t>(runs), EnsembleRun{{initial}});
}

void train_ensemble(const TrainingProblem& problem, std::span<const double> times,
                    std::vector<EnsembleRun>& runs,
                    const std::function<void(int, const EnsembleRun&)>& after_step,
                    const std::function<void(int, const EnsembleRun&)>& ended) {
  std::atomic<bool> failed = false;
  const auto train_run = [&](int r) {
    EnsembleRun& run = runs[static_cast<std::size_t>(r)];
    TrainingProblem own = problem;
    own.options.schedule.run = static_cast<std::uint32_t>(r);
    own.options.interrupted = [&, &interrupted = problem.options.interrupted] {
      return failed || (interrupted && interrupted());
    };
    const auto observe = [&run](const Parameters& parameters, double tau) {
      run.time.push_back(tau);
      run.parameters.push_back(parameters);
    };
    const auto step_taken = [&](const TrainingState&) {
      if (after_step) after_step(r, run);
    };
    run.result = train(own, run.state, times, observe, step_taken);
    if (ended) ended(r, run);
  };

  parallel_for(static_cast<int>(runs.size()),
               [&](int r) {
                 try {
                   train_run(r);
                 } catch (...) {
                   failed = true;  // interrupts the runs of other threads
                   throw;
                 }
               },
               {.alike = false});
}

}  // namespace popflow

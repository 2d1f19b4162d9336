#include "popflow/dynamics/ensemble.hpp"

#include <exception>
#include <mutex>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

std::vector<EnsembleRun> train_ensemble(const Task& task, const Neuron& neuron, Loss loss,
                                        const Weights& initial, std::span<const double> times,
                                        int runs, const TrainingOptions& options,
                                        const std::function<void(int, double)>& progress) {
  if (runs < 1) throw std::invalid_argument(fmt::format("{} runs: must be at least 1", runs));
  std::vector<EnsembleRun> ensemble(static_cast<std::size_t>(runs));
  std::mutex lock;
  std::exception_ptr failure;

  const auto train_run = [&](int run) {
    EnsembleRun& own_run = ensemble[static_cast<std::size_t>(run)];
    TrainingOptions own = options;
    own.sgd.run = static_cast<std::uint32_t>(run);
    Weights u = initial;
    const auto observe = [&](const Weights& weights, double tau) {
      own_run.trajectory.time.push_back(tau);
      own_run.trajectory.weights.push_back(weights);
      const std::lock_guard guard(lock);
      if (progress) progress(run, tau);
    };
    own_run.result = train(task, neuron, loss, u, times, observe, own);
  };

  // An exception must not leave a parallel region; the first is thrown after it.
#pragma omp parallel for schedule(dynamic) if (runs > 1)
  for (int run = 0; run < runs; ++run) try {
      train_run(run);
    } catch (...) {
      const std::lock_guard guard(lock);
      if (!failure) failure = std::current_exception();
    }
  if (failure) std::rethrow_exception(failure);
  return ensemble;
}

}  // namespace popflow

#pragma once

#include <cstdint>
#include <vector>

#include "popflow/input/task.hpp"
#include "popflow/network/quartic_expansion.hpp"
#include "popflow/network/weights.hpp"
#include "popflow/training/minibatch.hpp"

namespace popflow {

/// Which loss a sample's gradient is taken of.
enum class SampleGradient {
  network,  ///< of the neuron itself: how far the expansion reaches
  quartic   ///< of its expansion A2/2 lambda^2 + A4/24 lambda^4: the sharp test of the quartic flow
};

/// Online stochastic gradient descent of one neuron, a fresh minibatch every step (Eq. 22).
///
/// The batch is cut into pieces of fixed size that threads share out and whose sums are added in
/// fixed order: the same seed gives the same bits on any number of threads.
class Sgd {
 public:
  struct Options {
    int batch = 1000;  ///< samples a step, at least 1
    SampleGradient gradient = SampleGradient::network;
    std::uint64_t seed = 1;
    std::uint32_t run = 0;  ///< which member of an ensemble: other samples, same everything else
  };

  /// Throws std::invalid_argument for a bad task or batch < 1.
  Sgd(const Task& task, const Neuron& neuron, Loss loss, const Options& options);

  /// Throws std::invalid_argument unless u is 1 x N.
  void check_shape(const Weights& u) const;

  /// The gradient of step number `step` at u (1 x N), averaged over its minibatch, N entries; valid
  /// until the next call. Throws as check_shape does.
  const Field& gradient(const Weights& u, std::uint64_t step);

 private:
  // What one thread needs to draw samples and turn them into slopes.
  struct Worker {
    Task task;
    Minibatch batch;
    Eigen::VectorXd slope;  // d loss / d lambda a sample
  };

  void piece_gradient(Worker& worker, const Weights& u, std::uint64_t step, int piece);
  void slopes(Worker& worker) const;

  Neuron neuron_;
  Loss loss_;
  Options options_;
  std::vector<double> labels_;
  std::vector<QuarticExpansion> expansions_;
  std::vector<Worker> workers_;
  Eigen::MatrixXd piece_gradients_;  // N x pieces
  Field gradient_;
};

}  // namespace popflow

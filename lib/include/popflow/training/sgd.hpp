#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "popflow/input/lane_batch.hpp"
#include "popflow/network/network_gradient.hpp"
#include "popflow/training/quartic_gradient.hpp"
#include "popflow/training/sample_schedule.hpp"

namespace popflow {

/// The loss whose gradient is taken.
enum class SampleGradient {
  network,  ///< of the network itself: how far an expansion reaches
  quartic   ///< of one neuron's expansion A2/2 lambda^2 + A4/24 lambda^4: tests the quartic flow
};

/// The gradient of stochastic gradient descent: the average over a minibatch of fresh samples, or
/// of a finite sample (Eq. 22). Real, float or double, is its precision.
///
/// The minibatch is cut into pieces of fixed size, which threads share out. Their sums are added in
/// fixed order and in double precision, so that the same seed gives the same bits on any number of
/// threads.
template <class Real>
class Sgd {
 public:
  /// The samples of every step, and the loss whose gradient is taken.
  struct Options {
    SampleSchedule::Options schedule = {};
    SampleGradient gradient = SampleGradient::network;
  };

  /// For parameters of this shape; with SampleGradient::quartic also of this bias and second layer.
  /// Throws std::invalid_argument for a bad task, labels that the loss does not take, a bad
  /// schedule or shape.
  Sgd(const Task& task, const Network& network, const Parameters& parameters,
      const Options& options);

  /// The gradient of step number `step`; valid until the next call. Allocates nothing.
  const Parameters& gradient(const Parameters& parameters, std::uint64_t step);

 private:
  using Gradient = std::variant<NetworkGradient<Real>, QuarticGradient<Real>>;

  // The memory with which one thread draws samples and takes their gradients.
  struct Worker {
    Task task;
    LaneBatch<Real> batch;
    Gradient gradient;
    std::vector<std::uint64_t> numbers;
  };

  void add_piece(Worker& worker, int first, int last, Parameters& sum);

  SampleSchedule schedule_;
  SampleKey key_;
  int piece_size_;
  std::vector<Worker> workers_;
  std::vector<Parameters> piece_sums_;
  Parameters gradient_;
};

extern template class Sgd<float>;
extern template class Sgd<double>;

}  // namespace popflow

#pragma once

#include <memory>

#include "popflow/flow/population_gradient.hpp"
#include "popflow/input/task.hpp"

namespace popflow {

/// The order of the closure, and how finely it is averaged.
struct LatentOptions {
  /// Number of latent directions of every neuron, from 1 to 4: the order of the closure. A field
  /// with fewer modes has as many directions as modes. Neurons of a pair have one direction each.
  ///
  /// Among 1, 2 and 3, 3 came closest to the population in nine of the ledger's fourteen
  /// experiments with inputs that are not Gaussian (validation/README.md). Its median error and its
  /// largest error are the smallest there. The errors do not fall with every direction: for
  /// one neuron at gains up to 1, on the torus and for four ReLU neurons, one direction came
  /// closer. Each further direction costs several times as much.
  int latents = 3;
  double tolerance = 1e-3;  ///< of the quadrature, as of LatentAverage
  int most_terms = 24;      ///< of the series, from 1 to LatentAverage::terms_limit
};

/// The population gradient of a fully connected network, by the closure that takes every neuron's
/// pre-activation as Gaussian given a few latent directions (Eq. 91): the most accurate closure of
/// the ladder of flows.
///
/// It takes erf fields of any gain, and Gaussian inputs, for which it is exact without any
/// direction. Classes whose field is rough, sum_j C_j^2 < 2 of the latent covariance, have one
/// direction, because the central limit theorem holds well there. A call allocates what
/// LatentDirections allocates. Copies share all memory. Each thread that evaluates at the same time
/// has a copy of the tables.
class LatentGradient {
 public:
  /// For K = hidden neurons. Throws std::invalid_argument for a bad task, inputs that do not state
  /// from which Gaussian field they are made, a convolution, K < 1, and options out of their
  /// ranges. If K > 1, also for the logistic loss, and with the squared loss for activations other
  /// than erf, relu and polynomials.
  LatentGradient(const Task& task, const Network& network, Eigen::Index hidden,
                 const LatentOptions& options = {});

  const Torus& torus() const;

  /// The gradient at `at`, both of K neurons and N sites; std::invalid_argument if `at` is not.
  void operator()(const Parameters& at, Parameters& out) const;

 private:
  struct Shared;
  std::shared_ptr<const Shared> shared_;
};

}  // namespace popflow

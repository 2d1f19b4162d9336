#pragma once

#include <optional>
#include <vector>

#include "popflow/flow/latent_average.hpp"
#include "popflow/flow/latent_directions.hpp"
#include "popflow/flow/population_gradient.hpp"
#include "popflow/input/task.hpp"
#include "popflow/network/gaussian_pair.hpp"
#include "popflow/network/neuron_average.hpp"

namespace popflow {

struct LatentOptions {
  /// Latent directions of every neuron, from 1 to 4: the closure's order. Pairs of neurons have one
  /// each.
  int latents = 2;
  double tolerance = 1e-3;  ///< of the quadrature, as of LatentAverage
};

/// The population gradient of a fully connected network, its inputs conditioned on what a few
/// latent directions tell of every neuron's pre-activation (Eq. 91): the most accurate rung
/// of the ladder of flows.
///
/// For erf fields of any gain, and Gaussian fields, for which it is exact. Classes whose field is
/// rough, sum_j C_j^2 < 2 of the latent covariance, have one direction: there the central limit
/// theorem does the rest. A call allocates what LatentDirections does.
class LatentGradient {
 public:
  /// For K = hidden neurons. Throws std::invalid_argument for a bad task, inputs that do not state
  /// what Gaussian field they are made from, a convolution, options out of their ranges, and where
  /// K > 1 for the logistic loss, and for activations other than erf, relu and polynomials.
  LatentGradient(const Task& task, const Network& network, Eigen::Index hidden,
                 const LatentOptions& options = {});

  void operator()(const Parameters& at, Parameters& out);

 private:
  struct ClassTerm {
    double label, probability;
    LatentDirections directions;
    LatentAverage single;
    std::optional<LatentAverage> pair;
    NeuronAverage neuron;
    Eigen::MatrixXd c;  // modes x r K: the directions of every neuron
    Eigen::MatrixXd m;  // N x r: E[z|s] = m s
  };

  static ClassTerm class_term(const TaskClass& c, const Network& network, Eigen::Index hidden,
                              const LatentOptions& options);
  void add_neuron(ClassTerm& term, Eigen::Index k, const Parameters& at, Parameters& out);
  void add_pair(ClassTerm& term, Eigen::Index k, Eigen::Index l, const Parameters& at,
                Parameters& out);

  bool pairs_;  // whether the gradient has terms of two neurons
  std::vector<ClassTerm> terms_;
  std::vector<GaussianPair> pair_averages_;  // of every part of a LatentAverage
  Eigen::MatrixXd u_, gradient_;             // N x 2
};

}  // namespace popflow

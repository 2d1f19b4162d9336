#pragma once

#include <vector>

#include "popflow/flow/population_gradient.hpp"
#include "popflow/flow/weight_spectra.hpp"
#include "popflow/input/task.hpp"
#include "popflow/network/gaussian_pair.hpp"

namespace popflow {

/// The population gradient of a fully connected network for Gaussian inputs, in closed form, with
/// any biases and second layer (Eq. 63 to 65): the first closure of the ladder of flows.
///
/// Of every class it knows the covariance only. For Gaussian inputs it is exact; others are treated
/// as if they were their Gaussian clones. Costs K pairs of Fourier transforms and, a class, of the
/// order of K^2 (N + 1) operations.
class GaussianGradient {
 public:
  /// For K = hidden neurons. Throws std::invalid_argument for a bad task, a convolution, the
  /// logistic loss, an activation other than erf, relu and polynomials, and hidden < 1.
  GaussianGradient(const Task& task, const Network& network, Eigen::Index hidden);

  /// The gradient at `at`, both of K neurons and N sites; std::invalid_argument if `at` is not.
  void operator()(const Parameters& at, Parameters& out);

  /// The population loss.
  double loss(const Parameters& at);

 private:
  struct ClassTerm {
    double label, probability;
    Field spectrum;
  };

  PreActivation neuron(const Parameters& at, Eigen::Index k) const {
    return {Q_(k, k), at.bias()[k]};
  }

  double class_loss(const ClassTerm& term, const Parameters& at);
  void add_class(const ClassTerm& term, const Parameters& at, Parameters& out);

  bool squared_;  // or the correlation loss
  std::vector<ClassTerm> terms_;
  GaussianPair average_;
  WeightSpectra weights_;
  // Of one class: covariances of the pre-activations, and what multiplies C u_l in the gradient by
  // u_k; K x K.
  Eigen::MatrixXd Q_, W_;
};

/// Throws std::invalid_argument unless the network is fully connected and its loss squared or
/// correlation: those of which closed forms are known.
void check_closed_form(const Network& network);

}  // namespace popflow

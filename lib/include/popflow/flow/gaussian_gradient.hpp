#pragma once

#include <vector>

#include "popflow/flow/population_gradient.hpp"
#include "popflow/input/task.hpp"
#include "popflow/lattice/fourier_basis.hpp"
#include "popflow/network/gaussian_pair.hpp"

namespace popflow {

/// The population gradient of a fully connected network for Gaussian inputs, in closed form, with
/// any biases and second layer (Eq. 63 to 65): the first closure of the ladder of flows.
///
/// It uses only the covariance of every class. It is exact for Gaussian inputs, and treats other
/// inputs as if they were their Gaussian clones. It costs K pairs of Fourier transforms, and of the
/// order of K^2 (N + 1) operations for each class.
class GaussianGradient {
 public:
  /// For K = hidden neurons. Throws std::invalid_argument for a bad task, a convolution, the
  /// logistic loss, an activation other than erf, relu and polynomials, and hidden < 1.
  GaussianGradient(const Task& task, const Network& network, Eigen::Index hidden);

  const Torus& torus() const { return basis_.torus(); }

  /// The gradient at `at`, both of K neurons and N sites; std::invalid_argument if `at` is not.
  void operator()(const Parameters& at, Parameters& out) const;

  /// The population loss.
  double loss(const Parameters& at) const;

 private:
  struct ClassTerm {
    double label, probability;
    Field C;  // of the covariance: its diagonal in the real Fourier basis
  };

  // K x K: the covariances Q of the pre-activations, and the factors W of C u_l in the gradient
  // with respect to u_k.
  double class_loss(const ClassTerm& term, const Parameters& at, const Eigen::MatrixXd& Q) const;
  void add_class(const ClassTerm& term, const Parameters& at, const Eigen::MatrixXd& Q,
                 Eigen::MatrixXd& W, Parameters& out) const;

  bool squared_;  // or the correlation loss
  Eigen::Index hidden_;
  std::vector<ClassTerm> terms_;
  GaussianPair average_;
  FourierBasis basis_;
};

}  // namespace popflow

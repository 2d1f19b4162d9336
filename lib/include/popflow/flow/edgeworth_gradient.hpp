#pragma once

#include <array>
#include <vector>

#include "popflow/flow/cumulant_term.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/lattice/scratch.hpp"

namespace popflow {

/// The population gradient of a fully connected network to first order in the inputs' fourth
/// cumulant (Eq. 66 to 70). It is the gradient of the Edgeworth expansion of the loss,
///
///     L = E loss + 1/24 sum_abcd kappa[u_a, u_b, u_c, u_d] E d_a d_b d_c d_d loss
///
/// averaged over Gaussian pre-activations and over classes. It is exact for Gaussian inputs, and
/// for losses of fourth degree in the pre-activations. Its error is of second order in kappa, and
/// of first order in the sixth cumulant. If kappa is not small, it may be worse than
/// GaussianGradient.
///
/// It costs as much as GaussianGradient, and K^2 contractions of the cumulant for each class.
class EdgeworthGradient {
 public:
  /// With one cumulant operator a class, in the task's order. Throws std::invalid_argument where
  /// GaussianGradient does, for relu, and for operators of another number or lattice.
  EdgeworthGradient(const Task& task, const Network& network, Eigen::Index hidden,
                    std::vector<CumulantOperator> cumulants);

  /// The gradient at `at`, both of K neurons and N sites; std::invalid_argument if `at` is not.
  void operator()(const Parameters& at, Parameters& out) const;

  const Torus& torus() const { return gaussian_.torus(); }

  /// The loss above. Costs K (K + 1) / 2 contractions a class.
  double loss(const Parameters& at) const;

  /// The terms in kappa in the first layer, relative to the gradient, or relative to its derivative
  /// by the size of the weights if that is larger (Eq. 116): 0 for Gaussian inputs. The terms of
  /// the next order, which the expansion neglects, are about as large if kappa is not small. Above
  /// a tenth (largest_neglected_terms) the flow is not that of the network. Costs four gradients.
  double neglected_terms(const Parameters& at) const;

 private:
  // Values for one class, in the real Fourier basis. N x K: the weights u, the cubes
  // kappa[u_k, u_k, u_k], and the sum of the fields of the gradient. K x K: the covariances Q of
  // the pre-activations, and the factors W of C u_l in the gradient with respect to u_k. Further
  // kappa[u_k, u_k, u_l] and kappa[u_k, u_l, u_l].
  struct Work {
    Eigen::MatrixXd &u, &Cu, &cubes, &sum, &Q, &W;
    Field &kkl, &kll;
  };
  // kappa[u_k, .., u_k, u_l, ..] with m times k, at index m.
  using PairCumulants = std::array<double, 5>;

  Work work(Scratch& scratch) const;
  void add_correction(const Parameters& at, Parameters& out) const;
  void load_class(const CumulantTerm& term, Work& work) const;
  PairCumulants pair_cumulants(const CumulantTerm& term, Eigen::Index k, Eigen::Index l,
                               Work& work) const;
  double class_loss(const CumulantTerm& term, const Parameters& at, Work& work) const;
  void add_class(const CumulantTerm& term, const Parameters& at, Work& work, Parameters& out) const;
  void add_neuron(const CumulantTerm& term, Eigen::Index k, const Parameters& at, Work& work,
                  Parameters& out) const;
  void add_pair(const CumulantTerm& term, std::array<Eigen::Index, 2> pair, const Parameters& at,
                Work& work, Parameters& out) const;

  bool squared_;  // or the correlation loss
  Eigen::Index hidden_;
  GaussianGradient gaussian_;
  GaussianPair average_;
  FourierBasis basis_;
  std::vector<CumulantTerm> terms_;
};

}  // namespace popflow

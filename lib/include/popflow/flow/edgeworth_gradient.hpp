#pragma once

#include <array>
#include <vector>

#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// The population gradient of a fully connected network to first order in the inputs' fourth
/// cumulant (Eq. 66 to 70). It is the gradient of the Edgeworth expansion of the loss,
///
///     L = E loss + 1/24 sum_abcd kappa[u_a, u_b, u_c, u_d] E d_a d_b d_c d_d loss
///
/// averaged over Gaussian pre-activations and over classes. Exact for Gaussian inputs, and for
/// losses of fourth degree in the pre-activations. Its error is of second order in kappa and first
/// in the sixth cumulant; where kappa is not small it need not be better than GaussianGradient.
///
/// Costs, beside what GaussianGradient costs, K^2 contractions of the cumulant a class.
class EdgeworthGradient {
 public:
  /// With one cumulant operator a class, in the task's order. Throws std::invalid_argument where
  /// GaussianGradient does, for relu, and for operators of another number or lattice.
  EdgeworthGradient(const Task& task, const Network& network, Eigen::Index hidden,
                    std::vector<CumulantOperator> cumulants);

  /// The gradient at `at`, both of K neurons and N sites; std::invalid_argument if `at` is not.
  void operator()(const Parameters& at, Parameters& out);

  /// The loss above. Costs K (K + 1) / 2 contractions a class.
  double loss(const Parameters& at);

  /// The terms in kappa in the first layer, relative to the gradient, or relative to its derivative
  /// by the size of the weights if that is larger (Eq. 116): 0 for Gaussian inputs. The terms of
  /// the next order, which the expansion neglects, are about as large if kappa is not small. Above
  /// a tenth (largest_neglected_terms) the flow is not that of the network. Costs four gradients.
  double neglected_terms(const Parameters& at);

 private:
  struct ClassTerm {
    double label, probability;
    Field spectrum;
    CumulantOperator cumulant;
  };

  // kappa[u_k, .., u_k, u_l, ..] with m times k, at index m.
  using PairCumulants = std::array<double, 5>;

  PreActivation neuron(const Parameters& at, Eigen::Index k) const {
    return {Q_(k, k), at.bias()[k]};
  }
  const Spectrum& cube(Eigen::Index k) const { return cubes_[static_cast<std::size_t>(k)]; }

  void add_correction(const Parameters& at, Parameters& out);
  void load_class(ClassTerm& term);
  PairCumulants pair_cumulants(ClassTerm& term, Eigen::Index k, Eigen::Index l);
  double class_loss(ClassTerm& term, const Parameters& at);
  void add_class(ClassTerm& term, const Parameters& at, Parameters& out);
  void add_neuron(const ClassTerm& term, Eigen::Index k, const Parameters& at, Parameters& out);
  void add_pair(ClassTerm& term, Eigen::Index k, Eigen::Index l, const Parameters& at,
                Parameters& out);

  bool squared_;  // or the correlation loss
  GaussianGradient gaussian_;
  GaussianPair average_;
  WeightSpectra weights_;
  std::vector<ClassTerm> terms_;
  // Of one class: covariances of the pre-activations, and what multiplies C u_l in the gradient by
  // u_k; K x K.
  Eigen::MatrixXd Q_, W_;
  std::vector<Spectrum> cubes_;  // kappa[u_k, u_k, u_k]
  Spectrum kkl_, kll_;           // kappa[u_k, u_k, u_l], kappa[u_k, u_l, u_l]
};

}  // namespace popflow

#pragma once

#include <functional>
#include <vector>

#include "popflow/flow/state.hpp"
#include "popflow/input/task.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/network/neuron_average.hpp"
#include "popflow/network/quartic_expansion.hpp"

namespace popflow {

/// Growth rate mu(q) of every Fourier mode of one neuron's weights at u = 0 (Eq. 21), as a
/// half-spectrum of half_modes() real entries. Learning starts where the largest is positive.
Field growth_rate(const Task& task, const Neuron& neuron, Loss loss);

/// The fourth cumulant of an input, as its exact operator: zero for a Gaussian input, the model's
/// own where it states one (Input::cumulant_operator), and otherwise in Fourier space, band-limited
/// to a relative truncation error of at most `truncation`.
/// The last starts from a table of N^3 numbers, up to 1 GiB (N = 512), and takes up to 2.3 times
/// that much memory on the way. Throws std::length_error for larger lattices. Of an
/// `interrupted` table, see interruptible(), the operator means nothing.
CumulantOperator exact_cumulant(const Input& input, double truncation = 0.0,
                                const std::function<bool()>& interrupted = {});

/// The population-gradient flow of one neuron whose loss is expanded to fourth order in its weights
/// (Eq. 18 to 20). Exact for that quartic loss at all times; the third-order gradient of the real
/// neuron while u is small. The state is the half-spectrum of u (flow/state.hpp).
class QuarticFlow {
 public:
  /// With one cumulant operator a class, in the task's order. Throws std::invalid_argument for a
  /// bad task, or operators of another number or lattice.
  QuarticFlow(const Task& task, const Neuron& neuron, Loss loss,
              std::vector<CumulantOperator> cumulants);

  /// With every class's exact_cumulant.
  QuarticFlow(const Task& task, const Neuron& neuron, Loss loss, double truncation = 1e-9);

  const Torus& torus() const { return torus_; }

  /// 2 half_modes().
  Eigen::Index dimension() const { return Eigen::Index{2} * torus_.half_modes(); }

  /// dw/dtau (Eq. 20). Allocates nothing.
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau);

  /// The quartic loss (Eq. 18), up to its constant.
  double potential(const Eigen::VectorXd& w);

  /// How large the terms are that the expansion neglects, relative to those that it keeps, order by
  /// order (Eq. 115): 0 where it is exact, of order |u|^4 for small u, about 1 where it means
  /// nothing. Above a tenth (largest_neglected_terms) the flow is not that of the neuron. Costs
  /// about two evaluations of the flow. Allocates nothing.
  double neglected_terms(const Eigen::VectorXd& w);

 private:
  struct ClassTerm {
    double probability;
    double p_A2;  // probability times expansion coefficient
    double p_A4;
    Field spectrum;
    CumulantOperator cumulant;
    NeuronAverage average;
  };

  void load(const Eigen::VectorXd& w);
  double norm(const Spectrum& field) const;

  // Q = u . C u, the variance of the pre-activation.
  double variance(const ClassTerm& term) const;

  Torus torus_;
  Neuron neuron_;
  Field multiplicity_;
  std::vector<ClassTerm> terms_;
  Spectrum u_, kappa_;  // scratch
  Spectrum first_, third_, rest_;
  Field rate_;
};

}  // namespace popflow

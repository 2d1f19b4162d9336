#pragma once

#include <vector>

#include <Eigen/Core>

#include "popflow/input/task.hpp"
#include "popflow/network/quartic_expansion.hpp"

#include "cumulant_tensor.hpp"

namespace popflow::test {

/// The quartic loss and the flow down it as theory.md writes them (Eq. 18, 20), by sums over the
/// sites of the lattice: O(N^4), no Fourier transform, no symmetry used.
class NaiveQuarticFlow {
 public:
  NaiveQuarticFlow(const Task& task, const Neuron& neuron, Loss loss) : torus_(lattice_of(task)) {
    for (const TaskClass& c : task) {
      const auto [A2, A4] = quartic_expansion(neuron, loss, c.label);
      terms_.push_back({c.probability, A2, A4, covariance_matrix(c.input),
                        cumulant_tensor(fourth_cumulant(c.input))});
    }
  }

  double potential(const Field& u) const {
    double loss = 0.0;
    for (const Term& term : terms_) {
      const double Q = u.dot(term.C * u), kappa4 = u.dot(cube(term, u));
      loss += term.p * (0.5 * term.A2 * Q + term.A4 / 24.0 * (3.0 * Q * Q + kappa4));
    }
    return loss;
  }

  /// du/dtau.
  Field rate(const Field& u) const {
    Field rate = Field::Zero(u.size());
    for (const Term& term : terms_) {
      const Field Cu = term.C * u;
      rate -= term.p * (term.A2 * Cu + term.A4 / 6.0 * (3.0 * u.dot(Cu) * Cu + cube(term, u)));
    }
    return rate;
  }

 private:
  struct Term {
    double p, A2, A4;
    Eigen::MatrixXd C;
    Eigen::VectorXd kappa;
  };

  Field cube(const Term& term, const Field& u) const {
    return naive_contraction(torus_, term.kappa, u, u, u);
  }

  static Eigen::MatrixXd covariance_matrix(const Input& input) {
    const Torus& torus = input.torus();
    const Field covariance = input.covariance();
    Eigen::MatrixXd C(torus.sites(), torus.sites());
    for (int i = 0; i < torus.sites(); ++i)
      for (int a = 0; a < torus.sites(); ++a) C(i, torus.add(i, a)) = covariance[a];
    return C;
  }

  Torus torus_;
  std::vector<Term> terms_;
};

}  // namespace popflow::test

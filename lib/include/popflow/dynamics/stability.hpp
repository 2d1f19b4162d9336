#pragma once

#include <vector>

#include <Eigen/Core>

#include "popflow/dynamics/jacobian.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The flow linearised at a fixed point, d dw/dtau = J dw: a perturbation along direction m grows
/// as exp((growth + i frequency) tau).
struct Stability {
  Eigen::VectorXd growth;     ///< real parts of J's eigenvalues, in 1/tau, descending
  Eigen::VectorXd frequency;  ///< imaginary parts; 0 where J is symmetric
  Eigen::MatrixXcd
      direction;  ///< eigenvectors, a column each, of norm 1; real where J is symmetric
  /// Whether |J - J^T| <= 1e-8 |J| (Frobenius), as of every gradient flow whose
  /// parameters all learn at one rate; J is then symmetrised.
  bool symmetric = false;

  /// How many directions grow at more than null_rate, in 1/tau, below which growth is not told from
  /// rounding.
  int unstable(double null_rate = 1e-8) const {
    return static_cast<int>((growth.array() > null_rate).count());
  }
};

/// Of a Jacobian. Throws std::invalid_argument unless it is square, not empty and finite.
Stability stability(const Eigen::MatrixXd& jacobian);

/// stability(jacobian).growth[0], without the directions.
double largest_growth(const Eigen::MatrixXd& jacobian);

/// Of a flow at `w`, by its four-point Jacobian, to which belongs `scale`.
template <Flow F>
Stability stability(F&& flow, const StateOf<F>& w, double scale = 1.0) {
  return stability(jacobian(flow, w, Differences::four_point, scale));
}

/// How a state changes under translation: its derivative along every axis of the lattice (Eq. 97),
/// a column each. Biases and second layer do not move.
Eigen::MatrixXd translations(const State& w);

/// The same of a state of one's own, whose first K N entries are the weights of K neurons over the
/// sites, row-major. Throws std::invalid_argument when the state has fewer.
Eigen::MatrixXd translations(const Torus& torus, int neurons, const Eigen::VectorXd& w);

/// A direction of a fixed point's spectrum that is a translation.
struct TranslationMode {
  Eigen::Index index;  ///< in Stability::growth
  double growth;       ///< 0 if the flow did not know of the lattice's sites
  double overlap;      ///< norm of its projection on the translations, at most 1
};

/// The directions that overlap most with the translations: as many as there are independent ones,
/// so none for weights that are uniform. By falling overlap. Throws std::invalid_argument for
/// translations of another dimension.
std::vector<TranslationMode> translation_modes(const Stability& stability,
                                               const Eigen::MatrixXd& translations);

}  // namespace popflow

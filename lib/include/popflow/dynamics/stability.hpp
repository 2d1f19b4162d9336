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
  /// Whether |J - J^T| <= 1e-8 |J| (Frobenius); J is then symmetrised. It holds for every gradient
  /// flow whose parameters all learn at one rate.
  bool symmetric = false;

  /// The number of directions that grow at more than null_rate, in 1/tau. Smaller rates cannot be
  /// distinguished from rounding.
  int unstable(double null_rate = 1e-8) const {
    return static_cast<int>((growth.array() > null_rate).count());
  }
};

/// The stability that a Jacobian means. Throws std::invalid_argument unless it is square, not empty
/// and finite.
Stability stability(const Eigen::MatrixXd& jacobian);

/// stability(jacobian).growth[0], without the directions.
double largest_growth(const Eigen::MatrixXd& jacobian);

/// The stability of a flow at `w`, from jacobian(flow, w, Differences::four_point, scale).
template <class F>
Stability stability(F&& flow, const StateOf<F>& w, double scale = 1.0) {
  return stability(jacobian(flow, w, Differences::four_point, scale));
}

/// The derivatives of a state when its weights are translated along each axis of the lattice
/// (Eq. 97), one in each column. Biases and second layer do not move.
Eigen::MatrixXd translations(const State& w);

/// The same derivatives of a state of your own flow, whose first K N entries are the weights of K
/// neurons over the sites, row-major. Throws std::invalid_argument if the state has fewer entries.
Eigen::MatrixXd translations(const Torus& torus, int neurons, const Eigen::VectorXd& w);

/// A direction of a fixed point's spectrum that is a translation.
struct TranslationMode {
  Eigen::Index index;  ///< in Stability::growth
  double growth;       ///< 0 if the flow did not know of the lattice's sites
  double overlap;      ///< norm of its projection on the translations, at most 1
};

/// The directions that overlap most with the translations, by falling overlap. There are as many as
/// there are independent translations, and none for uniform weights. Throws std::invalid_argument
/// for translations of another dimension.
std::vector<TranslationMode> translation_modes(const Stability& stability,
                                               const Eigen::MatrixXd& translations);

}  // namespace popflow

#pragma once

#include <cstdint>
#include <functional>

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The action of the lattice phi^4 field in the form of [MontvayMunster1994] (Eq. 108): P(x) ~
/// exp(-S), S = sum_i [ -2 kappa sum_mu x_i x_{i+mu} + x_i^2 + lambda (x_i^2 - 1)^2 ]. Gaussian at
/// lambda = 0; the Ising model with beta J = 2 kappa as lambda -> infinity.
struct Phi4Action {
  double hopping;   ///< kappa, from 0 to 1e6
  double coupling;  ///< lambda, from 0 to 1e6
};

/// Fields of a Markov chain in equilibrium, far enough apart to count as independent. All is Monte
/// Carlo: a mean over the fields, of an observable with variance var, has the standard error
/// sqrt(var 2 tau / P) (Eq. 112).
struct FieldChain {
  Eigen::MatrixXd fields;  ///< N x P, one configuration a column

  /// tau of the slowest observable over the fields, in columns: about 1/2, and no less. It is
  /// the largest of five estimates, hence too large rather than too small if P is small.
  double autocorrelation_time;
  double autocorrelation_error;  ///< its standard error

  int sweeps_between;    ///< from one configuration to the next
  int sweeps_discarded;  ///< before the first
  double sweep_time;     ///< tau of the slowest observable over the later half of these, in sweeps

  /// Whether the chain is too slow: its discarded sweeps are fewer than 1000 `sweep_time`, though
  /// as many as are allowed. Then there are no fields, and no autocorrelation time of them.
  bool slow;
};

/// Samples the field at P = `samples` >= 1 points of a chain. A sweep is one Metropolis proposal
/// for every site (Eq. 109), and as many flips of single clusters [Wolff1989, BrowerTamayo1989]
/// (Eq. 110) as turn about N sites. The first 400 sweeps tune both; then they are fixed.
/// The observables whose autocorrelation is measured are the squared mean of the field, the means
/// of x_i x_{i+mu}, x^2 and x^4, and the power of the lowest mode along the longest axis.
///
/// An axis of extent 1 ties each site to itself, one of extent 2 to the same neighbour twice. The
/// same seed gives the same bits.
///
/// `interrupted` is asked before every sweep; true throws Interrupted.
/// Throws std::invalid_argument for parameters out of range, fewer samples than 1, and where S has
/// no minimum or one that is far out: with d = torus.dimensions(), 2 kappa d < 1 at lambda = 0, and
/// 1 + (2 kappa d - 1) / (2 lambda) <= 1e6 otherwise, the square of the field that minimises S.
FieldChain phi4_chain(const Torus& torus, const Phi4Action& action, int samples, std::uint64_t seed,
                      const std::function<bool()>& interrupted = {});

}  // namespace popflow

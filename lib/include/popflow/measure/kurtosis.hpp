#pragma once

#include <cstdint>
#include <functional>

#include <Eigen/Core>

#include "popflow/input/input.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/network/weights.hpp"

namespace popflow {

// Excess kurtosis of the pre-activations lambda_k = u_k . x of K neurons, over the inputs of one
// class,
//
//     E lambda^4 / (E lambda^2)^2 - 3 = kappa[u, u, u, u] / Q^2,      Q = u . C u          (Eq. 50)
//
// which is at least -2, for two values of equal magnitude, and 0 for Gaussian inputs. It depends on
// neither the scale of u_k nor its place on the lattice. Inputs are even, hence lambda has mean
// zero: it is not estimated, nor subtracted.

/// In closed form, with the fourth cumulant of the inputs as `kappa`: K values, for weights u, K x
/// N. NaN for u_k = 0. An error of `kappa`, be it of truncation or of rounding, is divided by the
/// square of the variance u_k . C u_k: fields to which the inputs have next to no component come
/// out inaccurate. One contraction and a Fourier transform a neuron.
/// Throws std::invalid_argument unless the three are of one lattice.
Eigen::VectorXd preactivation_kurtosis(const Input& input, const CumulantOperator& kappa,
                                       const Weights& u);

/// Excess kurtosis of K quantities of mean zero, with standard errors, from sums over P independent
/// samples (Eq. 51). Quantities of one sample may depend on each other. Values should lie within
/// 1e-38 and 1e38 in magnitude, because the sums hold their eighth powers.
class KurtosisEstimator {
 public:
  /// Throws std::invalid_argument unless `neurons`, K, is at least 1.
  explicit KurtosisEstimator(Eigen::Index neurons);

  Eigen::Index neurons() const { return sums_.cols(); }

  /// P.
  Eigen::Index samples() const { return samples_; }

  /// Adds one sample, K entries. Throws std::invalid_argument for any other number of them.
  void add(const Eigen::Ref<const Eigen::VectorXd>& lambda);

  /// Adds the samples of another estimator. Throws std::invalid_argument unless it has K too.
  void merge(const KurtosisEstimator& other);

  /// K values, in [-2, P - 3]. The bias is of order 1/P, -6 / (P + 2) for Gaussian lambda, and so
  /// below the standard error by the order of sqrt(P). NaN for P = 0 and where lambda = 0
  /// throughout.
  Eigen::VectorXd excess_kurtosis() const;

  /// K standard errors, of leading order in 1/P: sqrt(24 / P) for Gaussian lambda. NaN for P < 2.
  Eigen::VectorXd standard_error() const;

 private:
  Eigen::ArrayXXd means() const;

  Eigen::Array4Xd sums_;  // of lambda^2, lambda^4, lambda^6 and lambda^8, one neuron a column
  Eigen::Index samples_ = 0;
};

/// The fresh samples of an estimate.
struct KurtosisSampling {
  Eigen::Index samples = 100000;  ///< P, at least 2
  std::uint64_t seed = 0;
  /// Classes whose estimates are to be independent must not share it.
  std::uint32_t run = 0;
};

/// From fresh samples: sample n is that of the key (seed, Purpose::evaluation, run). Samples share
/// out the threads; the same bits on any number of them. Throws std::invalid_argument unless u is K
/// x N, with K >= 1 and the lattice's N, and samples >= 2; and Interrupted where `interrupted`,
/// asked by any thread, says so.
KurtosisEstimator preactivation_kurtosis(const Input& input, const Weights& u,
                                         const KurtosisSampling& sampling,
                                         const std::function<bool()>& interrupted = {});

}  // namespace popflow

#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include <Eigen/Core>

#include "popflow/flow/latent_rule.hpp"
#include "popflow/flow/latent_series.hpp"
#include "popflow/input/pointwise_field.hpp"
#include "popflow/lattice/lanes.hpp"
#include "popflow/lattice/quadrature.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

struct LatentBlock;

/// The law of the pre-activations of one neuron, or of two, given s: Gaussian.
struct ConditionalGaussian {
  std::array<double, 2> mean{};
  std::array<double, 2> variance{};
  double covariance = 0.0;  ///< of the two
};

/// Averages over this law of functions g_o, one for each neuron.
struct ConditionalSlopes {
  std::array<double, 2> value{};                 ///< E g_o
  std::array<std::array<double, 2>, 2> slope{};  ///< E dg_o / d lambda_p
};

/// Averages E[x_i g(lambda)] over an erf field x, of functions g of one pre-activation lambda = u .
/// x, or of two. The field is conditioned on latent directions s, and given s the pre-activations
/// are taken as Gaussian (Eq. 89 to 92):
///
///     E[x_i g] = E_s[ E[x_i|s] E g + sum_p Cov[x_i, lambda_p|s] E dg/dlambda_p ]
///
/// The average is the more accurate, the larger the part of the variance of lambda that the
/// directions explain. It is exact for as many directions as sites. The integral over s is a
/// trapezoid rule, and covariances are tetrachoric series. The tolerance and the steepest E[x_i|s]
/// set how fine both are, up to 1e5 values of s and `most_terms`. These limits leave errors above
/// the tolerance on long rings at high gain. Example: a ring of 100 sites with xi = 8, white-noise
/// weights and one direction. With 24 terms, E[x lambda] is off by 3e-4 at gain 3 and by 8e-3 at
/// gain 10; with 150 terms, by 2e-5 and 1.3e-3.
///
/// parallel_for shares out the values of s, in as many parts as the class says. Parts are added up
/// in their order, so that results have the same bits for any number of threads.
///
/// An object owns scratch memory: every thread that calls needs a copy of its own. Nothing is
/// allocated after construction, except for new threads.
class LatentAverage {
 public:
  /// The largest number of terms of the series: their factorials are finite.
  static constexpr int terms_limit = 150;

  /// The order of the closure, and how finely it is averaged.
  struct Options {
    int neurons = 1;          ///< 1 or 2
    int latents = 2;          ///< the most directions, from 1 to 4
    double tolerance = 1e-3;  ///< relative, of the rule and the series; above 0, below 0.1
    /// Whether g has a kink or a step, as for a ReLU. The average over lambda makes it smooth, and
    /// the rule is made as fine as the law of lambda is narrow.
    bool kink = false;
    int most_terms = 24;  ///< of the series; from 1 to 150, memory and time grow with it
  };

  /// Throws std::invalid_argument unless the field has unit latent variance and a gain above 0, and
  /// for options out of their ranges.
  LatentAverage(const Torus& torus, const PointwiseField& field, const Options& options);

  static constexpr int parts = 16;

  /// g at one s, with the weight of s in the rule. Weights sum up to 1, so that g may average other
  /// quantities as well. It needs separate sums for each part, from 0 to parts - 1: only values of
  /// s of one part come one after another. g must not throw.
  using Function =
      std::function<ConditionalSlopes(int part, double weight, const ConditionalGaussian&)>;

  /// Writes E[x g] into `out`, for weights u, both N x neurons, and latent directions m, N x r,
  /// with E[z|s] = m s.
  void operator()(const Eigen::Ref<const Eigen::MatrixXd>& u,
                  const Eigen::Ref<const Eigen::MatrixXd>& m, const Function& g,
                  Eigen::Ref<Eigen::MatrixXd> out);

  /// Values of s, and terms of the series, of the last call.
  int nodes() const { return rule_.nodes(); }
  int terms() const { return series_.terms(); }

 private:
  using Lanes = Eigen::Matrix<double, lanes, Eigen::Dynamic>;  // a column a site: contiguous lanes
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  // The memory of one thread: see LatentBlock.
  struct Scratch {
    Scratch(Eigen::Index sites, Eigen::Index neurons);

    Lanes mean, covariance, h, hermite, previous, right;
    Lanes M, V;  // neurons columns; all pairs of neurons
    Lanes value, slope;
  };

  void condition(const Eigen::Ref<const Eigen::MatrixXd>& u,
                 const Eigen::Ref<const Eigen::MatrixXd>& m);
  void choose_active(const Eigen::Ref<const Eigen::MatrixXd>& u);
  void expand_covariances();
  double effective_correlation(int p);
  double variance_at_zero(int p);
  void expand_variances();
  void choose_rule(const Eigen::Ref<const Eigen::MatrixXd>& u);
  LatentBlock block(int b, Scratch& scratch) const;
  void add_part(const Eigen::Ref<const Eigen::MatrixXd>& u, const Function& g, int part,
                Scratch& scratch);
  void average_block(const Function& g, int part, int b, Scratch& scratch) const;

  Options options_;
  Torus torus_;
  double noise_;              // 1 / g^2, what smoothing adds to the variance of z
  double height_;             // of E[x|s]
  RowMajor C_;                // N x N
  QuadratureRule unit_rule_;  // Gauss-Legendre on [0, 1], for variances

  std::ptrdiff_t active_ = 0;  // sites that have weights
  std::vector<std::ptrdiff_t> site_;
  Eigen::VectorXd u_;          // neurons x active, row-major
  RowMajor m_, slope_;         // r x N
  Eigen::VectorXd residual_;   // N: variance of z_i given s
  Eigen::VectorXd deviation_;  // N: its standard deviation, smoothed
  Eigen::VectorXd weight_;     // active: |u|, relative to the neuron's largest, of all neurons
  LatentSeries series_;
  Eigen::VectorXd rate_, rate_weight_;  // see LatentBlock

  int latents_ = 1;
  Eigen::MatrixXd steep_;  // r x (N + neurons): the slopes that the rule is for
  LatentRule rule_;
  std::vector<Scratch> scratch_;      // of every thread
  std::vector<Eigen::MatrixXd> sum_;  // of every part: N x neurons
};

}  // namespace popflow

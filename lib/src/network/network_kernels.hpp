#pragma once

#include <cstddef>

// Arithmetic of a network on sixteen samples side by side: the inner loops of training, compiled
// once for each instruction set (lanes/dispatch.hpp). Arguments are raw pointers, because no inline
// function of Eigen may be compiled here for one processor and linked for all. Arrays are
// row-major, and their last index is the lane: entry z[g][k] is sixteen numbers, one for each
// sample. There are G groups of samples, K neurons or channels, N sites, and kernels of M sites.
namespace popflow {

enum class SigmaKind { erf, tanh, logistic, polynomial, relu };

template <class Real>
struct LaneSigma {
  SigmaKind kind;
  const Real* coefficients;  ///< of a polynomial, from the constant up
  int terms;
};

/// Weights and biases of K neurons that see `sites` sites, or of K channels with kernels of as
/// many: u[i * K + k] and b[k].
template <class Real>
struct LaneLayer {
  int K, sites;
  const Real *u, *b;
};

/// Numbers of groups, of neurons, and of entries of each: G x K x S.
struct LaneShape {
  int G, K, S;
};

/// The sites that a kernel of M sites covers at each of N positions: site[s * M + r].
struct LaneNeighbours {
  int N, M;
  const int* site;
};

/// Second-layer weights, all times `scale`.
template <class Real>
struct LaneSecondLayer {
  Real scale;
  const Real* v;
};

template <class Real>
struct NetworkKernels {
  /// z[g][k] = b_k + sum_i u[i * K + k] x[g][i], in G groups.
  void (*preactivations)(int G, const LaneLayer<Real>& layer, const Real* x, Real* z);

  /// first[k * N + i] = sum over samples of delta[g][k] x[g][i]; shape.S is N.
  void (*first_gradient)(const LaneShape& shape, const Real* delta, const Real* x, Real* first);

  /// z[k][s] = b_k + sum_r u[r * K + k] x[site[s * M + r]].
  void (*convolved)(const LaneLayer<Real>& kernels, const LaneNeighbours& neighbours, const Real* x,
                    Real* z);

  /// first[k * M + r] = sum over samples and s of delta[k][s] x[site[s * M + r]].
  void (*convolved_gradient)(int K, const LaneNeighbours& neighbours, const Real* delta,
                             const Real* x, Real* first);

  /// Replaces z by sigma(z) and writes sigma'(z), for `count` groups of lanes.
  void (*activate)(const LaneSigma<Real>& sigma, std::size_t count, Real* z, Real* slope);

  /// a[k] = mean over s of z[k][s].
  void (*pool_average)(int K, int N, const Real* z, Real* a);

  /// a[k] = max over s of z[k][s]. Sets slope[k][s] to 0 except at the first maximum.
  void (*pool_maximum)(int K, int N, const Real* z, Real* a, Real* slope);

  /// phi[g] = sum_k v_k a[g][k].
  void (*outputs)(int G, int K, const Real* v, const Real* a, Real* phi);

  /// tail[g] = 1 / (1 + exp(z[g])). `tail` may be z.
  void (*logistic_tail)(int G, const Real* z, Real* tail);

  /// second[k] = sum over samples of a[g][k] e[g].
  void (*second_gradient)(int G, int K, const Real* a, const Real* e, Real* second);

  /// slope[g][k][s] *= scale v_k e[g], at S positions s. bias[k] is the sum of the products over
  /// samples and positions.
  void (*backpropagate)(const LaneShape& shape, const LaneSecondLayer<Real>& second, const Real* e,
                        Real* slope, Real* bias);
};

/// The kernels for the best instruction set of this processor, for float and double.
template <class Real>
const NetworkKernels<Real>& network_kernels();

/// Makes the kernels for one instruction set.
struct MakeNetworkKernels {
  template <class Arch, class Real>
  NetworkKernels<Real> operator()(Arch, Real) const;
};

}  // namespace popflow

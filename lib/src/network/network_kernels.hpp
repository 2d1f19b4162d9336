#pragma once

#include <cstddef>

// Arithmetic of a network on sixteen samples side by side: the inner loops of training, compiled
// once an instruction set (lanes/dispatch.hpp). Raw pointers, because no inline function of Eigen
// may be compiled here for one processor and linked for all. Arrays are row-major, and end with the
// lanes: entry z[g][k] is sixteen numbers, one a sample. G groups of samples, K neurons or
// channels, N sites, kernels of M sites.
namespace popflow {

enum class SigmaKind { erf, tanh, logistic, polynomial, relu };

template <class Real>
struct LaneSigma {
  SigmaKind kind;
  const Real* coefficients;  ///< of a polynomial, from the constant up
  int terms;
};

template <class Real>
struct NetworkKernels {
  /// z[g][k] = b_k + sum_i u[i * K + k] x[g][i].
  void (*preactivations)(int G, int K, int N, const Real* u, const Real* b, const Real* x, Real* z);

  /// first[k * N + i] = sum over samples of delta[g][k] x[g][i].
  void (*first_gradient)(int G, int K, int N, const Real* delta, const Real* x, Real* first);

  /// z[k][s] = b_k + sum_r u[r * K + k] x[neighbour[s * M + r]].
  void (*convolved)(int K, int N, int M, const int* neighbour, const Real* u, const Real* b,
                    const Real* x, Real* z);

  /// first[k * M + r] = sum over samples and s of delta[k][s] x[neighbour[s * M + r]].
  void (*convolved_gradient)(int K, int N, int M, const int* neighbour, const Real* delta,
                             const Real* x, Real* first);

  /// Replaces z by sigma(z) and writes sigma'(z); `count` lanes of them.
  void (*activate)(const LaneSigma<Real>& sigma, std::size_t count, Real* z, Real* slope);

  /// a[k] = mean over s of z[k][s].
  void (*pool_average)(int K, int N, const Real* z, Real* a);

  /// a[k] = max over s of z[k][s]; slope[k][s] = 0 but where z[k][s] is the first maximum.
  void (*pool_maximum)(int K, int N, const Real* z, Real* a, Real* slope);

  /// phi[g] = sum_k v_k a[g][k].
  void (*outputs)(int G, int K, const Real* v, const Real* a, Real* phi);

  /// logistic[g] = 1 / (1 + exp(z[g])).
  void (*logistic_tail)(int G, const Real* z, Real* tail);

  /// second[k] = sum over samples of a[g][k] e[g].
  void (*second_gradient)(int G, int K, const Real* a, const Real* e, Real* second);

  /// slope[g][k][s] *= scale v_k e[g], for S positions s, and bias[k] = its sum over all but k.
  void (*backpropagate)(int G, int K, int S, Real scale, const Real* v, const Real* e, Real* slope,
                        Real* bias);
};

/// Those for the best instruction set of this processor, for float and double.
template <class Real>
const NetworkKernels<Real>& network_kernels();

/// Makes them for one instruction set.
struct MakeNetworkKernels {
  template <class Arch, class Real>
  NetworkKernels<Real> operator()(Arch, Real) const;
};

}  // namespace popflow

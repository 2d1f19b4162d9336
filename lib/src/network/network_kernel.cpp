#include "popflow/lattice/lanes.hpp"

#include "lanes/instruction_sets.hpp"
#include "network/network_kernels.hpp"

namespace popflow {

namespace {

// The kernels for one instruction set and precision. A group of lanes is V vectors.
template <class Arch, class Real>
struct Kernels {
  using Batch = xsimd::batch<Real, Arch>;
  static constexpr int B = static_cast<int>(Batch::size), V = lanes / B;

  // As many neurons at a time as keep about eight sums in registers: enough to hide the latency of
  // multiply-add.
  static constexpr int block = V >= 8 ? 1 : 8 / V;

  static Batch load(const Real* from, int v) { return Batch::load_unaligned(from + v * B); }
  static void store(const Batch& batch, Real* to, int v) { batch.store_unaligned(to + v * B); }

  // Rows k to k + n of a product with the sites listed by `site(i)`.
  template <int n, class Site>
  static void products(int K, int sites, const Real* u, const Real* b, const Site& site, Real* z,
                       int stride) {
    Batch sum[n][V];
    for (int k = 0; k < n; ++k)
      for (int v = 0; v < V; ++v) sum[k][v] = Batch(b[k]);
    for (int i = 0; i < sites; ++i) {
      const Real* x = site(i);
      for (int v = 0; v < V; ++v) {
        const Batch xv = load(x, v);
        for (int k = 0; k < n; ++k)
          sum[k][v] = xsimd::fma(Batch(u[std::size_t(i) * K + k]), xv, sum[k][v]);
      }
    }
    for (int k = 0; k < n; ++k)
      for (int v = 0; v < V; ++v) store(sum[k][v], z + std::size_t(k) * stride, v);
  }

  template <class Site>
  static void all_products(int K, int sites, const Real* u, const Real* b, const Site& site,
                           Real* z, int stride) {
    int k = 0;
    for (; k + block <= K; k += block)
      products<block>(K, sites, u + k, b + k, site, z + std::size_t(k) * stride, stride);
    for (; k < K; ++k)
      products<1>(K, sites, u + k, b + k, site, z + std::size_t(k) * stride, stride);
  }

  static void preactivations(int G, int K, int N, const Real* u, const Real* b, const Real* x,
                             Real* z) {
    for (int g = 0; g < G; ++g) {
      const Real* group = x + std::size_t(g) * N * lanes;
      all_products(
          K, N, u, b, [group](int i) { return group + std::size_t(i) * lanes; },
          z + std::size_t(g) * K * lanes, lanes);
    }
  }

  static void convolved(int K, int N, int M, const int* neighbour, const Real* u, const Real* b,
                        const Real* x, Real* z) {
    for (int s = 0; s < N; ++s) {
      const int* near = neighbour + std::size_t(s) * M;
      all_products(
          K, M, u, b, [near, x](int r) { return x + std::size_t(near[r]) * lanes; },
          z + std::size_t(s) * lanes, N * lanes);
    }
  }

  // Sums over `terms` groups of lanes of n rows, `delta(term)` apart by `stride`, with x(term).
  template <int n, class Delta, class X>
  static void correlations(int terms, int stride, const Delta& delta, const X& x, Real* out,
                           std::size_t out_stride) {
    Batch sum[n][V];
    for (int k = 0; k < n; ++k)
      for (int v = 0; v < V; ++v) sum[k][v] = Batch(Real(0));
    for (int t = 0; t < terms; ++t)
      for (int v = 0; v < V; ++v) {
        const Batch xv = load(x(t), v);
        for (int k = 0; k < n; ++k)
          sum[k][v] = xsimd::fma(load(delta(t) + std::size_t(k) * stride, v), xv, sum[k][v]);
      }
    for (int k = 0; k < n; ++k) {
      Batch total = sum[k][0];
      for (int v = 1; v < V; ++v) total += sum[k][v];
      out[k * out_stride] = sum_of_lanes(total);
    }
  }

  static void first_gradient(int G, int K, int N, const Real* delta, const Real* x, Real* first) {
    for (int i = 0; i < N; ++i) {
      const auto site = [x, i, N](int g) { return x + (std::size_t(g) * N + i) * lanes; };
      int k = 0;
      const auto row = [&k, delta, K](int g) { return delta + (std::size_t(g) * K + k) * lanes; };
      for (; k + block <= K; k += block)
        correlations<block>(G, lanes, row, site, first + std::size_t(k) * N + i, N);
      for (; k < K; ++k) correlations<1>(G, lanes, row, site, first + std::size_t(k) * N + i, N);
    }
  }

  static void convolved_gradient(int K, int N, int M, const int* neighbour, const Real* delta,
                                 const Real* x, Real* first) {
    for (int r = 0; r < M; ++r) {
      const auto site = [x, r, M, neighbour](int s) {
        return x + std::size_t(neighbour[std::size_t(s) * M + r]) * lanes;
      };
      int k = 0;
      const auto row = [&k, delta, N](int s) { return delta + (std::size_t(k) * N + s) * lanes; };
      for (; k + block <= K; k += block)
        correlations<block>(N, N * lanes, row, site, first + std::size_t(k) * M + r, M);
      for (; k < K; ++k)
        correlations<1>(N, N * lanes, row, site, first + std::size_t(k) * M + r, M);
    }
  }

  // Applies f: z -> (sigma, sigma') to every vector.
  template <class F>
  static void transform(std::size_t count, Real* z, Real* slope, const F& f) {
    for (std::size_t i = 0; i < count * lanes; i += B) {
      Batch derivative;
      const Batch value = f(Batch::load_unaligned(z + i), derivative);
      value.store_unaligned(z + i);
      derivative.store_unaligned(slope + i);
    }
  }

  static Batch horner(const LaneSigma<Real>& sigma, const Batch& z, Batch& slope) {
    Batch value(Real(0));
    slope = value;
    for (int n = sigma.terms - 1; n >= 0; --n) {
      slope = xsimd::fma(slope, z, value);
      value = xsimd::fma(value, z, Batch(sigma.coefficients[n]));
    }
    return value;
  }

  static void activate(const LaneSigma<Real>& sigma, std::size_t count, Real* z, Real* slope) {
    constexpr Real root_half = Real(0.70710678118654752440), peak = Real(0.79788456080286535588);
    const Batch one(Real(1)), half(Real(0.5));
    switch (sigma.kind) {
      case SigmaKind::erf:
        return transform(count, z, slope, [half](const Batch& x, Batch& derivative) {
          derivative = Batch(peak) * xsimd::exp(-half * x * x);
          return xsimd::erf(Batch(root_half) * x);
        });
      case SigmaKind::tanh:
        return transform(count, z, slope, [one](const Batch& x, Batch& derivative) {
          const Batch t = xsimd::tanh(x);
          derivative = one - t * t;
          return t;
        });
      case SigmaKind::logistic:
        return transform(count, z, slope, [one](const Batch& x, Batch& derivative) {
          const Batch s = one / (one + xsimd::exp(-x));
          derivative = s * (one - s);
          return s;
        });
      case SigmaKind::polynomial:
        return transform(count, z, slope, [&sigma](const Batch& x, Batch& derivative) {
          return horner(sigma, x, derivative);
        });
      case SigmaKind::relu:
        return transform(count, z, slope, [one](const Batch& x, Batch& derivative) {
          const Batch none(Real(0));
          derivative = xsimd::select(x > none, one, none);
          return xsimd::max(x, none);
        });
    }
  }

  static void pool_average(int K, int N, const Real* z, Real* a) {
    for (int k = 0; k < K; ++k)
      for (int v = 0; v < V; ++v) {
        Batch sum(Real(0));
        for (int s = 0; s < N; ++s) sum += load(z + (std::size_t(k) * N + s) * lanes, v);
        store(sum / Batch(Real(N)), a + std::size_t(k) * lanes, v);
      }
  }

  static void pool_maximum(int K, int N, const Real* z, Real* a, Real* slope) {
    for (int k = 0; k < K; ++k)
      for (int v = 0; v < V; ++v) {
        const std::size_t row = std::size_t(k) * N * lanes;
        Batch largest = load(z + row, v), position(Real(0));
        for (int s = 1; s < N; ++s) {
          const Batch here = load(z + row + std::size_t(s) * lanes, v);
          position = xsimd::select(here > largest, Batch(Real(s)), position);
          largest = xsimd::max(here, largest);
        }
        store(largest, a + std::size_t(k) * lanes, v);
        for (int s = 0; s < N; ++s) {
          Real* at = slope + row + std::size_t(s) * lanes;
          store(xsimd::select(position == Batch(Real(s)), load(at, v), Batch(Real(0))), at, v);
        }
      }
  }

  static void outputs(int G, int K, const Real* v, const Real* a, Real* phi) {
    for (int g = 0; g < G; ++g)
      for (int w = 0; w < V; ++w) {
        Batch sum(Real(0));
        for (int k = 0; k < K; ++k)
          sum = xsimd::fma(Batch(v[k]), load(a + (std::size_t(g) * K + k) * lanes, w), sum);
        store(sum, phi + std::size_t(g) * lanes, w);
      }
  }

  static void logistic_tail(int G, const Real* z, Real* tail) {
    const Batch one(Real(1));
    for (int i = 0; i < G * lanes; i += B)
      (one / (one + xsimd::exp(Batch::load_unaligned(z + i)))).store_unaligned(tail + i);
  }

  static void second_gradient(int G, int K, const Real* a, const Real* e, Real* second) {
    for (int k = 0; k < K; ++k)
      correlations<1>(
          G, 0, [a, k, K](int g) { return a + (std::size_t(g) * K + k) * lanes; },
          [e](int g) { return e + std::size_t(g) * lanes; }, second + k, 1);
  }

  static void backpropagate(int G, int K, int S, Real scale, const Real* v, const Real* e,
                            Real* slope, Real* bias) {
    for (int k = 0; k < K; ++k) {
      const Batch factor(scale * v[k]);
      Batch total(Real(0));
      for (int g = 0; g < G; ++g)
        for (int w = 0; w < V; ++w) {
          const Batch error = factor * load(e + std::size_t(g) * lanes, w);
          for (int s = 0; s < S; ++s) {
            Real* at = slope + ((std::size_t(g) * K + k) * S + s) * lanes;
            const Batch delta = load(at, w) * error;
            store(delta, at, w);
            total += delta;
          }
        }
      bias[k] = sum_of_lanes(total);
    }
  }
};

}  // namespace

template <class Arch, class Real>
NetworkKernels<Real> MakeNetworkKernels::operator()(Arch, Real) const {
  using K = Kernels<Arch, Real>;
  return {K::preactivations, K::first_gradient,  K::convolved,    K::convolved_gradient,
          K::activate,       K::pool_average,    K::pool_maximum, K::outputs,
          K::logistic_tail,  K::second_gradient, K::backpropagate};
}

template NetworkKernels<float> MakeNetworkKernels::operator()(KernelArch, float) const;
template NetworkKernels<double> MakeNetworkKernels::operator()(KernelArch, double) const;

}  // namespace popflow

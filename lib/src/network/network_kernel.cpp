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

  // Number of neurons at a time. It keeps about eight sums in registers, which is enough to hide
  // the latency of multiply-add.
  static constexpr int block = V >= 8 ? 1 : 8 / V;

  static Batch load(const Real* from, int v) { return Batch::load_unaligned(from + v * B); }
  static void store(const Batch& batch, Real* to, int v) { batch.store_unaligned(to + v * B); }

  // Rows k to k + n of z = b + u x, `stride` apart; site(i) is x of the layer's i-th site.
  template <int n, class Site>
  static void products(const LaneLayer<Real>& layer, int first, const Site& site, Real* z,
                       int stride) {
    const Real *u = layer.u + first, *b = layer.b + first;
    Batch sum[n][V];
    for (int k = 0; k < n; ++k)
      for (int v = 0; v < V; ++v) sum[k][v] = Batch(b[k]);
    for (int i = 0; i < layer.sites; ++i) {
      const Real* x = site(i);
      for (int v = 0; v < V; ++v) {
        const Batch xv = load(x, v);
        for (int k = 0; k < n; ++k)
          sum[k][v] = xsimd::fma(Batch(u[std::size_t(i) * layer.K + k]), xv, sum[k][v]);
      }
    }
    for (int k = 0; k < n; ++k)
      for (int v = 0; v < V; ++v) store(sum[k][v], z + std::size_t(first + k) * stride, v);
  }

  template <class Site>
  static void all_products(const LaneLayer<Real>& layer, const Site& site, Real* z, int stride) {
    int k = 0;
    for (; k + block <= layer.K; k += block) products<block>(layer, k, site, z, stride);
    for (; k < layer.K; ++k) products<1>(layer, k, site, z, stride);
  }

  static void preactivations(int G, const LaneLayer<Real>& layer, const Real* x, Real* z) {
    for (int g = 0; g < G; ++g) {
      const Real* group = x + std::size_t(g) * layer.sites * lanes;
      all_products(
          layer, [group](int i) { return group + std::size_t(i) * lanes; },
          z + std::size_t(g) * layer.K * lanes, lanes);
    }
  }

  static void convolved(const LaneLayer<Real>& kernels, const LaneNeighbours& neighbours,
                        const Real* x, Real* z) {
    const auto [N, M, neighbour] = neighbours;
    for (int s = 0; s < N; ++s) {
      const int* near = neighbour + std::size_t(s) * M;
      all_products(
          kernels, [near, x](int r) { return x + std::size_t(near[r]) * lanes; },
          z + std::size_t(s) * lanes, N * lanes);
    }
  }

  // Sums over `terms` groups of lanes: out[k * stride] = sum of delta(term, k) x(term), for n rows.
  template <int n, class Delta, class X>
  static void correlations(int terms, const Delta& delta, const X& x, Real* out,
                           std::size_t stride) {
    Batch sum[n][V];
    for (int k = 0; k < n; ++k)
      for (int v = 0; v < V; ++v) sum[k][v] = Batch(Real(0));
    for (int t = 0; t < terms; ++t)
      for (int v = 0; v < V; ++v) {
        const Batch xv = load(x(t), v);
        for (int k = 0; k < n; ++k) sum[k][v] = xsimd::fma(load(delta(t, k), v), xv, sum[k][v]);
      }
    for (int k = 0; k < n; ++k) {
      Batch total = sum[k][0];
      for (int v = 1; v < V; ++v) total += sum[k][v];
      out[k * stride] = sum_of_lanes(total);
    }
  }

  // K sums over as many terms, to be written `stride` apart.
  struct Sums {
    int K, terms;
    std::size_t stride;
  };

  // Correlations of all K rows.
  template <class Delta, class X>
  static void all_correlations(const Sums& sums, const Delta& delta, const X& x, Real* out) {
    int first = 0;
    const auto row = [&first, &delta](int t, int k) { return delta(t, first + k); };
    for (; first + block <= sums.K; first += block)
      correlations<block>(sums.terms, row, x, out + std::size_t(first) * sums.stride, sums.stride);
    for (; first < sums.K; ++first)
      correlations<1>(sums.terms, row, x, out + std::size_t(first) * sums.stride, sums.stride);
  }

  static void first_gradient(const LaneShape& shape, const Real* delta, const Real* x,
                             Real* first) {
    const auto [G, K, N] = shape;
    const auto row = [delta, K = K](int g, int k) {
      return delta + (std::size_t(g) * K + k) * lanes;
    };
    for (int i = 0; i < N; ++i)
      all_correlations(
          {.K = K, .terms = G, .stride = std::size_t(N)}, row,
          [x, i, N = N](int g) { return x + (std::size_t(g) * N + i) * lanes; }, first + i);
  }

  static void convolved_gradient(int K, const LaneNeighbours& neighbours, const Real* delta,
                                 const Real* x, Real* first) {
    const auto [N, M, neighbour] = neighbours;
    const auto row = [delta, N = N](int s, int k) {
      return delta + (std::size_t(k) * N + s) * lanes;
    };
    for (int r = 0; r < M; ++r)
      all_correlations(
          {.K = K, .terms = N, .stride = std::size_t(M)}, row,
          [x, near = neighbour + r, M = M](int s) {
            return x + std::size_t(near[std::size_t(s) * M]) * lanes;
          },
          first + r);
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
    all_correlations(
        {.K = K, .terms = G, .stride = 1},
        [a, K](int g, int k) { return a + (std::size_t(g) * K + k) * lanes; },
        [e](int g) { return e + std::size_t(g) * lanes; }, second);
  }

  static void backpropagate(const LaneShape& shape, const LaneSecondLayer<Real>& second,
                            const Real* e, Real* slope, Real* bias) {
    const auto [G, K, S] = shape;
    for (int k = 0; k < K; ++k) {
      const Batch factor(second.scale * second.v[k]);
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
  return {.preactivations = K::preactivations,
          .first_gradient = K::first_gradient,
          .convolved = K::convolved,
          .convolved_gradient = K::convolved_gradient,
          .activate = K::activate,
          .pool_average = K::pool_average,
          .pool_maximum = K::pool_maximum,
          .outputs = K::outputs,
          .logistic_tail = K::logistic_tail,
          .second_gradient = K::second_gradient,
          .backpropagate = K::backpropagate};
}

template NetworkKernels<float> MakeNetworkKernels::operator()(KernelArch, float) const;
template NetworkKernels<double> MakeNetworkKernels::operator()(KernelArch, double) const;

}  // namespace popflow

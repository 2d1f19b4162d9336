#include "flow/latent_kernel.hpp"

#include "popflow/lattice/lanes.hpp"

#include "lanes/instruction_sets.hpp"

namespace popflow {

namespace {

constexpr double sqrt_half = 0.70710678118654752440;
constexpr double inv_sqrt_2pi = 0.39894228040143267794;

template <class Arch>
using Batch = xsimd::batch<double, Arch>;

template <class Arch>
constexpr int registers = lanes / static_cast<int>(Batch<Arch>::size);

// One row of lanes.
template <class Arch>
struct Row {
  using Value = Batch<Arch>;

  static Row load(const double* from) {
    Row row;
    for (int k = 0; k < registers<Arch>; ++k)
      row.value[k] = Value::load_unaligned(from + std::ptrdiff_t{k} *
                                                      static_cast<std::ptrdiff_t>(Value::size));
    return row;
  }

  void store(double* to) const {
    for (int k = 0; k < registers<Arch>; ++k)
      value[k].store_unaligned(to + std::ptrdiff_t{k} * static_cast<std::ptrdiff_t>(Value::size));
  }

  Value value[registers<Arch>];
};

template <class Arch, class Function>
Row<Arch> each(const Function& function) {
  Row<Arch> row;
  for (int k = 0; k < registers<Arch>; ++k) row.value[k] = function(k);
  return row;
}

// h, E[x|s] and n(h) of every site.
template <class Arch>
void start(const LatentBlock& block) {
  using B = Batch<Arch>;
  for (std::ptrdiff_t i = 0; i < block.sites; ++i) {
    Row<Arch> h = each<Arch>([](int) { return B(0.0); });
    for (std::ptrdiff_t r = 0; r < block.latents; ++r) {
      const B slope(block.slope[r * block.sites + i]);
      const Row<Arch> s = Row<Arch>::load(block.node + r * lanes);
      h = each<Arch>([&](int k) { return xsimd::fma(slope, s.value[k], h.value[k]); });
    }
    h.store(block.h + i * lanes);
    each<Arch>([&](int k) {
      return B(block.height) * xsimd::erf(B(sqrt_half) * h.value[k]);
    }).store(block.mean + i * lanes);
    each<Arch>([&](int k) {
      return B(inv_sqrt_2pi) * xsimd::exp(B(-0.5) * h.value[k] * h.value[k]);
    }).store(block.hermite + i * lanes);
    each<Arch>([](int) { return B(0.0); }).store(block.previous + i * lanes);
  }
}

// u_i Cov[x_i, x_i|s], the first term of the sums over sites.
template <class Arch>
void diagonal(const LatentBlock& block) {
  using B = Batch<Arch>;
  const Row<Arch> zero = each<Arch>([](int) { return B(0.0); });
  for (std::ptrdiff_t i = 0; i < block.neurons * block.sites; ++i)
    zero.store(block.covariance + i * lanes);
  for (std::ptrdiff_t a = 0; a < block.active; ++a) {
    const std::ptrdiff_t i = block.site[a];
    const Row<Arch> h = Row<Arch>::load(block.h + i * lanes);
    Row<Arch> sum = zero;
    for (std::ptrdiff_t t = 0; t < block.diagonal_nodes; ++t) {
      const B rate(-block.diagonal_rate[a * block.diagonal_nodes + t]);
      const B weight(block.diagonal_weight[a * block.diagonal_nodes + t]);
      sum = each<Arch>([&](int k) {
        return xsimd::fma(weight, xsimd::exp(rate * h.value[k] * h.value[k]), sum.value[k]);
      });
    }
    for (std::ptrdiff_t p = 0; p < block.neurons; ++p) {
      const B u(block.weights[p * block.active + a]);
      each<Arch>([&](int k) {
        return u * sum.value[k];
      }).store(block.covariance + (p * block.sites + i) * lanes);
    }
  }
}

// Adds q_i sum_j rho_ij^m / m! u_j q_j for a group of sites from i on, in a few registers at once.
template <class Arch>
void add_group(const LatentBlock& block, std::ptrdiff_t list, const double* hermite,
               double* covariance, std::ptrdiff_t i) {
  using B = Batch<Arch>;
  constexpr int rows = LatentBlock::rows, width = registers<Arch> >= 2 ? 2 : 1;
  constexpr std::ptrdiff_t size = B::size;
  const std::ptrdiff_t first = block.begin[list], last = block.begin[list + 1];
  const int count = static_cast<int>(block.sites - i < rows ? block.sites - i : rows);
  for (std::ptrdiff_t lane = 0; lane < lanes; lane += width * size) {
    B sum[rows][width];
    for (auto& row : sum)
      for (B& part : row) part = B(0.0);
    for (std::ptrdiff_t e = first; e < last; ++e) {
      const double* const from = block.right + std::ptrdiff_t{block.position[e]} * lanes + lane;
      B factor[width];
      for (int k = 0; k < width; ++k) factor[k] = B::load_unaligned(from + k * size);
      for (int row = 0; row < rows; ++row) {
        const B power(block.power[e * rows + row]);
        for (int k = 0; k < width; ++k) sum[row][k] = xsimd::fma(power, factor[k], sum[row][k]);
      }
    }
    for (int row = 0; row < count; ++row)
      for (int k = 0; k < width; ++k) {
        const std::ptrdiff_t at = (i + row) * lanes + lane + k * size;
        const B q = B::load_unaligned(hermite + at);
        xsimd::fma(q, sum[row][k], B::load_unaligned(covariance + at))
            .store_unaligned(covariance + at);
      }
  }
}

// Term m of the tetrachoric series.
template <class Arch>
void add_term(const LatentBlock& block, std::ptrdiff_t m, const double* hermite) {
  using B = Batch<Arch>;
  constexpr std::ptrdiff_t rows = LatentBlock::rows;
  const std::ptrdiff_t groups = (block.sites + rows - 1) / rows;
  for (std::ptrdiff_t p = 0; p < block.neurons; ++p) {
    for (std::ptrdiff_t a = 0; a < block.active; ++a) {
      const B u(block.weights[p * block.active + a]);
      const Row<Arch> q = Row<Arch>::load(hermite + block.site[a] * lanes);
      each<Arch>([&](int k) { return u * q.value[k]; }).store(block.right + a * lanes);
    }
    double* const covariance = block.covariance + p * block.sites * lanes;
    for (std::ptrdiff_t group = 0; group < groups; ++group)
      add_group<Arch>(block, (m - 1) * groups + group, hermite, covariance, group * rows);
  }
}

// He_m n from He_(m-1) n, written over He_(m-2) n.
template <class Arch>
void next_hermite(const LatentBlock& block, std::ptrdiff_t m, const double* hermite,
                  double* previous) {
  using B = Batch<Arch>;
  const B order(static_cast<double>(m - 1));
  for (std::ptrdiff_t i = 0; i < block.sites * lanes; i += lanes) {
    const Row<Arch> h = Row<Arch>::load(block.h + i), q = Row<Arch>::load(hermite + i),
                    before = Row<Arch>::load(previous + i);
    each<Arch>([&](int k) {
      return h.value[k] * q.value[k] - order * before.value[k];
    }).store(previous + i);
  }
}

template <class Arch>
void scale_covariance(const LatentBlock& block) {
  using B = Batch<Arch>;
  for (std::ptrdiff_t i = 0; i < block.neurons * block.sites * lanes; i += lanes) {
    const Row<Arch> row = Row<Arch>::load(block.covariance + i);
    each<Arch>([&](int k) { return B(block.height2) * row.value[k]; }).store(block.covariance + i);
  }
}

}  // namespace

template <class Arch>
void ConditionalMoments::operator()(Arch, const LatentBlock& block) const {
  start<Arch>(block);
  diagonal<Arch>(block);
  double *hermite = block.hermite, *other = block.previous;
  for (std::ptrdiff_t m = 1; m <= block.terms; ++m) {
    add_term<Arch>(block, m, hermite);
    next_hermite<Arch>(block, m, hermite, other);
    double* const next = other;
    other = hermite;
    hermite = next;
  }
  scale_covariance<Arch>(block);
}

template <class Arch>
void AccumulateMoments::operator()(Arch, const LatentBlock& block, const double* value,
                                   const double* slope, double* out) const {
  using B = Batch<Arch>;
  for (std::ptrdiff_t o = 0; o < block.neurons; ++o) {
    const Row<Arch> f = Row<Arch>::load(value + o * lanes);
    for (std::ptrdiff_t i = 0; i < block.sites; ++i) {
      const Row<Arch> mean = Row<Arch>::load(block.mean + i * lanes);
      B sum(0.0);
      for (int k = 0; k < registers<Arch>; ++k) sum = xsimd::fma(f.value[k], mean.value[k], sum);
      for (std::ptrdiff_t p = 0; p < block.neurons; ++p) {
        const Row<Arch> by = Row<Arch>::load(slope + (o * block.neurons + p) * lanes);
        const Row<Arch> cov = Row<Arch>::load(block.covariance + (p * block.sites + i) * lanes);
        for (int k = 0; k < registers<Arch>; ++k) sum = xsimd::fma(by.value[k], cov.value[k], sum);
      }
      out[o * block.sites + i] += sum_of_lanes(sum);
    }
  }
}

template void ConditionalMoments::operator()(KernelArch, const LatentBlock&) const;
template void AccumulateMoments::operator()(KernelArch, const LatentBlock&, const double*,
                                            const double*, double*) const;

}  // namespace popflow

#include "popflow/moments/cumulant_table.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

namespace {

using Triple = std::array<int, 3>;

Triple sorted(int a, int b, int c) {
  Triple triple{a, b, c};
  std::sort(triple.begin(), triple.end());
  return triple;
}

Eigen::Index table_size(const Torus& torus, std::size_t memory_limit) {
  const double entries = std::pow(static_cast<double>(torus.sites()), 3);
  if (entries * sizeof(double) > static_cast<double>(memory_limit))
    throw std::length_error(fmt::format(
        "the cumulant table of {} sites needs {:.1f} GiB: at most {:.1f} GiB are allowed",
        torus.sites(), entries * sizeof(double) / std::exp2(30),
        static_cast<double>(memory_limit) / std::exp2(30)));
  return static_cast<Eigen::Index>(entries);
}

// u_{i + a} for all a.
Field seen_from(const Torus& torus, const Field& u, int i) {
  return shifted(torus, u, torus.negate(i));
}

}  // namespace

std::array<Triple, 8> cumulant_orbit(const Torus& torus, int a, int b, int c) {
  const std::array<int, 4> sites{0, a, b, c};
  std::array<Triple, 8> orbit;
  for (std::size_t base = 0; base < 4; ++base) {
    const int back = torus.negate(sites[base]);
    std::array<int, 3> rest;
    for (std::size_t k = 0; k < 3; ++k) rest[k] = torus.add(sites[(base + 1 + k) % 4], back);
    orbit[2 * base] = sorted(rest[0], rest[1], rest[2]);
    orbit[2 * base + 1] =
        sorted(torus.negate(rest[0]), torus.negate(rest[1]), torus.negate(rest[2]));
  }
  return orbit;
}

std::vector<Triple> cumulant_orbits(const Torus& torus) {
  std::vector<Triple> representatives;
  const int n = torus.sites();
  for (int a = 0; a < n; ++a)
    for (int b = a; b < n; ++b)
      for (int c = b; c < n; ++c) {
        const auto orbit = cumulant_orbit(torus, a, b, c);
        const Triple self{a, b, c};
        if (self == *std::min_element(orbit.begin(), orbit.end())) representatives.push_back(self);
      }
  return representatives;
}

CumulantTable::CumulantTable(const FourthCumulant& kappa, std::size_t memory_limit)
    : fourier_(kappa.torus()), values_(table_size(kappa.torus(), memory_limit)) {
  const std::vector<Triple> orbits = cumulant_orbits(torus());
#pragma omp parallel for schedule(dynamic, 64)
  for (std::size_t k = 0; k < orbits.size(); ++k) {
    const auto [a, b, c] = orbits[k];
    const double value = kappa(a, b, c);
    for (Triple member : cumulant_orbit(torus(), a, b, c)) do {
        values_[index(member[0], member[1], member[2])] = value;
      } while (std::next_permutation(member.begin(), member.end()));
  }
}

void CumulantTable::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                             Spectrum& out) {
  using Slice =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  const Field u_field = fourier_.backward(u), v_field = fourier_.backward(v),
              w_field = fourier_.backward(w);
  const int n = torus().sites();
  Field result(n);
  for (int i = 0; i < n; ++i) {
    const Field ui = seen_from(torus(), u_field, i), vi = seen_from(torus(), v_field, i),
                wi = seen_from(torus(), w_field, i);
    const Slice kappa(values_.data(), Eigen::Index{n} * n, n);  // rows (a, b), columns c
    const Eigen::VectorXd over_c = kappa * wi;
    result[i] = ui.dot(Slice(over_c.data(), n, n) * vi);
  }
  fourier_.forward(result, out);
}

}  // namespace popflow

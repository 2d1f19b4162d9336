#pragma once

#include "lanes/vectors.hpp"

namespace popflow {

template <class Real, int n>
struct Coefficients {
  Real values[n];
};

// c_0 + c_1 x + ... + c_(n - 1) x^(n - 1), by Horner's rule.
template <class Real, class Arch, int n>
xsimd::batch<Real, Arch> polynomial(const xsimd::batch<Real, Arch>& x,
                                    const Coefficients<Real, n>& c) {
  using Batch = xsimd::batch<Real, Arch>;
  Batch sum(c.values[n - 1]);
  for (int k = n - 2; k >= 0; --k) sum = xsimd::fma(sum, x, Batch(c.values[k]));
  return sum;
}

}  // namespace popflow

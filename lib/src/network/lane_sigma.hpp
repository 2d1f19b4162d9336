#pragma once

#include <vector>

#include "popflow/network/activation.hpp"

#include "network/network_kernels.hpp"

namespace popflow {

/// The coefficients of a polynomial activation; empty for others.
template <class Real>
std::vector<Real> lane_coefficients(const Activation& activation) {
  const auto* polynomial = std::get_if<Polynomial>(&activation);
  if (!polynomial) return {};
  return {polynomial->coefficients.begin(), polynomial->coefficients.end()};
}

/// The activation as kernels take it; `coefficients` as above, which it refers to.
template <class Real>
LaneSigma<Real> lane_sigma(const Activation& activation, const std::vector<Real>& coefficients) {
  constexpr SigmaKind kinds[] = {SigmaKind::erf, SigmaKind::tanh, SigmaKind::logistic,
                                 SigmaKind::polynomial, SigmaKind::relu};
  static_assert(std::size(kinds) == std::variant_size_v<Activation>);
  return {kinds[activation.index()], coefficients.data(), static_cast<int>(coefficients.size())};
}

}  // namespace popflow

#pragma once

#include <array>

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/torus.hpp"
#include "popflow/network/weights.hpp"

namespace popflow {

// Observables of one receptive field u, N entries over a torus. One value an axis is (row, column),
// as Torus::coordinates gives it; on a ring the row's is that of an axis of one site.

/// Inverse participation ratio sum_i u_i^4 / (sum_i u_i^2)^2 (Eq. 23): one over the number of sites
/// that u occupies. Between 1/N (|u| uniform) and 1 (one site); NaN for u = 0.
double inverse_participation_ratio(const Eigen::Ref<const Field>& u);

/// The inverse participation ratio of every row of weights, K x N: K entries.
Eigen::VectorXd inverse_participation_ratios(const Eigen::Ref<const Weights>& u);

/// Circular mean of u^2 along each axis (Eq. 24), in sites, in [0, L). NaN along an axis that u^2
/// gives no mean direction, such as a uniform field, a sinusoid or u = 0.
/// Throws std::invalid_argument unless u has N entries.
std::array<double, 2> centre(const Torus& torus, const Eigen::Ref<const Field>& u);

/// The s of the bump exp(-r^2 / 2 s^2) whose square is as concentrated as u^2 along each axis
/// (Eq. 24), in sites, at least 0. Infinite along an axis where `centre` is NaN; NaN for u = 0.
/// Exact for bumps of s << L. Throws std::invalid_argument unless u has N entries.
std::array<double, 2> width(const Torus& torus, const Eigen::Ref<const Field>& u);

/// Wave numbers q of the largest |u^(q)|, the mean (q = 0) included. |row| <= rows / 2 and 0 <=
/// column <= columns / 2, since q and -q are one mode; if the column is the same for both, row >=
/// 0. Rounding decides between equal maxima. 0 for u = 0.
/// Throws std::invalid_argument unless u has N entries.
std::array<int, 2> dominant_mode(const FourierTransform& fourier, const Eigen::Ref<const Field>& u);

/// Sign of the entry of largest magnitude, the first of several: +1 or -1; 0 for u = 0.
int dominant_sign(const Eigen::Ref<const Field>& u);

}  // namespace popflow

#include "popflow/measure/receptive_field.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "measure/check_size.hpp"

namespace popflow {

namespace {

// Resultants of at most this are rounding: of a sum of N terms it is of order 1e-16 sqrt(N).
constexpr double no_direction = 1e-12;

// sum_i u_i^2 exp(2 pi i x_i / L) / sum_i u_i^2 along the rows and along the columns; NaN for u =
// 0. Length: the concentration R of u^2; direction: its circular mean.
std::array<std::complex<double>, 2> resultants(const Torus& torus,
                                               const Eigen::Ref<const Field>& u) {
  const Field weight = (u / u.lpNorm<Eigen::Infinity>()).cwiseAbs2();
  const auto phase = [](int x, int extent) {
    return std::polar(1.0, 2.0 * std::numbers::pi * x / extent);
  };
  std::complex<double> row_sum = 0.0, column_sum = 0.0;
  for (int i = 0; i < torus.sites(); ++i) {
    const auto [row, column] = torus.coordinates(i);
    row_sum += weight[i] * phase(row, torus.rows());
    column_sum += weight[i] * phase(column, torus.columns());
  }
  return {row_sum / weight.sum(), column_sum / weight.sum()};
}

double axis_centre(std::complex<double> resultant, int extent) {
  if (!(std::abs(resultant) > no_direction)) return std::numeric_limits<double>::quiet_NaN();
  const double x = std::arg(resultant) / (2.0 * std::numbers::pi) * extent;
  const double wrapped = x < 0.0 ? x + extent : x;
  return wrapped < extent ? wrapped : 0.0;  // x + extent rounds to extent for x just below 0
}

double axis_width(std::complex<double> resultant, int extent) {
  const double R = std::abs(resultant);
  if (R <= no_direction) return std::numeric_limits<double>::infinity();
  // Rounding can make R exceed 1.
  return extent / std::numbers::pi * std::sqrt(-std::log(std::min(R, 1.0)));
}

}  // namespace

double inverse_participation_ratio(const Eigen::Ref<const Field>& u) {  // (Eq. 23)
  // Scaled, because the fourth power of a decayed field underflows.
  const Field square = (u / u.lpNorm<Eigen::Infinity>()).cwiseAbs2();
  return square.squaredNorm() / (square.sum() * square.sum());
}

Eigen::VectorXd inverse_participation_ratios(const Eigen::Ref<const Weights>& u) {
  Eigen::VectorXd result(u.rows());
  for (Eigen::Index k = 0; k < u.rows(); ++k)
    result[k] = inverse_participation_ratio(u.row(k).transpose());
  return result;
}

std::array<double, 2> centre(const Torus& torus, const Eigen::Ref<const Field>& u) {
  check_size(torus, u.size());
  const auto [row, column] = resultants(torus, u);
  return {axis_centre(row, torus.rows()), axis_centre(column, torus.columns())};
}

std::array<double, 2> width(const Torus& torus, const Eigen::Ref<const Field>& u) {
  check_size(torus, u.size());
  const auto [row, column] = resultants(torus, u);
  return {axis_width(row, torus.rows()), axis_width(column, torus.columns())};
}

std::array<int, 2> dominant_mode(const FourierTransform& fourier,
                                 const Eigen::Ref<const Field>& u) {
  const Torus& torus = fourier.torus();
  check_size(torus, u.size());
  const Spectrum spectrum = fourier.forward(u);
  Eigen::Index largest = 0;
  spectrum.cwiseAbs2().maxCoeff(&largest);
  const int stored_columns = torus.columns() / 2 + 1;
  const int row = static_cast<int>(largest) / stored_columns;
  const int column = static_cast<int>(largest) % stored_columns;
  const int wrapped = 2 * row > torus.rows() ? row - torus.rows() : row;
  const bool own_opposite = column == 0 || 2 * column == torus.columns();
  return {own_opposite ? std::abs(wrapped) : wrapped, column};
}

int dominant_sign(const Eigen::Ref<const Field>& u) {
  Eigen::Index largest = 0;
  u.cwiseAbs().maxCoeff(&largest);
  return u[largest] > 0.0 ? 1 : (u[largest] < 0.0 ? -1 : 0);
}

}  // namespace popflow

#include "popflow/input/empirical_field.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/lattice/fourier.hpp"
#include "popflow/moments/empirical_cumulant.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// One column a site, so that products of sites run over fields; few enough to stay in the cache.
constexpr Index block_of_fields = 64;

void check(const Torus& torus, const MatrixXd& fields) {
  if (fields.rows() != torus.sites() || fields.cols() == 0)
    throw std::invalid_argument(
        fmt::format("{} fields of {} entries: must be at least one, of {}, the lattice's sites",
                    fields.cols(), fields.rows(), torus.sites()));
  if (!fields.allFinite()) throw std::invalid_argument("fields: must be finite numbers");
}

MatrixXd standardised(MatrixXd fields) {
  const double largest = fields.cwiseAbs().maxCoeff();
  if (largest > 0.0) fields /= largest;  // squares of huge and tiny numbers stay numbers
  fields.array() -= fields.mean();
  const double variance = fields.squaredNorm() / static_cast<double>(fields.size());
  constexpr double rounding = std::numeric_limits<double>::epsilon();
  if (!(std::sqrt(variance) > 16.0 * rounding))
    throw std::invalid_argument("fields: must not all be one and the same number");
  return fields / std::sqrt(variance);
}

// Number 0, ..., count - 1 of a uniform number in (0, 1].
int choose(double uniform, Index count) {
  return static_cast<int>(
      std::min((1.0 - uniform) * static_cast<double>(count), static_cast<double>(count - 1)));
}

// Where the other factors of a product at site i are, with the displacements added or subtracted.
std::vector<std::array<int, 4>> quadruples(const Torus& torus, int a, int b, int c) {
  std::vector<std::array<int, 4>> sites;
  for (int i = 0; i < torus.sites(); ++i) {
    sites.push_back({i, torus.add(i, a), torus.add(i, b), torus.add(i, c)});
    sites.push_back({i, torus.add(i, torus.negate(a)), torus.add(i, torus.negate(b)),
                     torus.add(i, torus.negate(c))});
  }
  return sites;
}

}  // namespace

EmpiricalField::EmpiricalField(const Torus& torus, MatrixXd fields, double autocorrelation_time)
    : torus_(torus), inflation_(std::sqrt(2.0 * autocorrelation_time)) {
  check(torus, fields);
  if (!(autocorrelation_time > 0.0))
    throw std::invalid_argument(
        fmt::format("autocorrelation time {}: must be positive", autocorrelation_time));
  fields_ = std::make_shared<const MatrixXd>(standardised(std::move(fields)));
  FourierTransform fourier(torus);
  Spectrum modes(torus.half_modes());
  spectrum_ = Field::Zero(torus.half_modes());
  for (const auto& field : fields_->colwise()) {
    fourier.forward(field, modes);
    spectrum_ += modes.cwiseAbs2();
  }
  spectrum_ /= static_cast<double>(fields_->size());
  covariance_ = fourier.backward(spectrum_.cast<std::complex<double>>());
}

EmpiricalField::Estimate EmpiricalField::four_point_estimate(int a, int b, int c) const {
  const std::vector<std::array<int, 4>> sites = quadruples(torus_, a, b, c);
  const Index count = fields_->cols();
  double sum = 0.0, squares = 0.0;
  MatrixXd block;
  Eigen::ArrayXd products;
  for (Index first = 0; first < count; first += block_of_fields) {
    block = fields_->middleCols(first, std::min(block_of_fields, count - first)).transpose();
    products.setZero(block.rows());
    for (const auto& [i, j, k, l] : sites)
      products += (block.col(i).array() * block.col(j).array()) *
                  (block.col(k).array() * block.col(l).array());
    products /= static_cast<double>(sites.size());
    sum += products.sum();
    squares += products.square().sum();
  }
  const auto n = static_cast<double>(count);
  const double mean = sum / n;
  return {mean, inflation_ * std::sqrt(std::max(0.0, squares / n - mean * mean) / (n - 1.0))};
}

double EmpiricalField::covariance_error(int a) const {
  const auto n = static_cast<double>(fields_->cols());
  double squares = 0.0;
  for (const auto& field : fields_->colwise()) {
    double product = 0.0;
    for (int i = 0; i < torus_.sites(); ++i) product += field[i] * field[torus_.add(i, a)];
    squares += std::pow(product / torus_.sites() - covariance_[a], 2);
  }
  return inflation_ * std::sqrt(squares / n / (n - 1.0));
}

CumulantOperator EmpiricalField::cumulant_operator() const {
  return EmpiricalCumulant(torus_, *fields_);
}

void EmpiricalField::sample(RandomStream& stream, Eigen::Ref<Field> out) const {
  Eigen::Vector4d uniform;
  stream.fill_uniform(uniform);
  const auto field = fields_->col(choose(uniform[0], fields_->cols()));
  const int displacement = choose(uniform[1], torus_.sites());
  const bool reflect = uniform[2] > 0.5;
  const double sign = uniform[3] > 0.5 ? 1.0 : -1.0;
  for (int i = 0; i < torus_.sites(); ++i)
    out[torus_.add(reflect ? torus_.negate(i) : i, displacement)] = sign * field[i];
}

}  // namespace popflow

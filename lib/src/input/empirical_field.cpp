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

#include "input/check_number.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// One column a site, so that products of sites run over fields; few enough to stay in the cache.
constexpr Index block_of_fields = 64;

// A table of the cumulant costs N^4 / 6 products a field and is made once; the operator some 20 N
// log2 N at each of the hundreds of evaluations of a flow.
constexpr int least_sites_of_operator = 64;

void check(const Torus& torus, const MatrixXd& fields, double autocorrelation_time) {
  if (fields.rows() != torus.sites() || fields.cols() == 0)
    throw std::invalid_argument(
        fmt::format("{} fields of {} entries: must be at least one, of {}, the lattice's sites",
                    fields.cols(), fields.rows(), torus.sites()));
  if (!fields.allFinite()) throw std::invalid_argument("fields: must be finite numbers");
  check_positive("autocorrelation time", autocorrelation_time);
}

MatrixXd standardised(MatrixXd fields) {
  const double largest = fields.cwiseAbs().maxCoeff();
  if (largest > 0.0) fields /= largest;  // squares of huge and tiny numbers stay numbers
  fields.array() -= fields.mean();
  const double variance = fields.squaredNorm() / static_cast<double>(fields.size());
  constexpr double rounding = std::numeric_limits<double>::epsilon();
  if (!(std::sqrt(variance) > 16.0 * rounding))
    throw std::invalid_argument("fields: must not all be one and the same number");
  fields /= std::sqrt(variance);
  return fields;
}

// Number 0, ..., count - 1 of a uniform number in (0, 1].
int choose(double uniform, Index count) {
  return static_cast<int>(
      std::min((1.0 - uniform) * static_cast<double>(count), static_cast<double>(count - 1)));
}

// The sites of the other factors of a product at site i: i plus, or minus, the displacements.
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
    : EmpiricalField(Standardised(), torus,
                     (check(torus, fields, autocorrelation_time), standardised(std::move(fields))),
                     autocorrelation_time) {}

EmpiricalField EmpiricalField::of_standardised(const Torus& torus, MatrixXd fields,
                                               double autocorrelation_time) {
  check(torus, fields, autocorrelation_time);
  return {Standardised(), torus, std::move(fields), autocorrelation_time};
}

EmpiricalField::EmpiricalField(Standardised, const Torus& torus, MatrixXd fields,
                               double autocorrelation_time)
    : torus_(torus),
      fields_(std::make_shared<const MatrixXd>(std::move(fields))),
      autocorrelation_time_(autocorrelation_time) {
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

// Also of every field its mean square and mean, and the mean of products of three of the sites:
// with these the fields were scaled and centred, which moves the estimate (Eq. 107).
EmpiricalField::Estimate EmpiricalField::four_point_estimate(int a, int b, int c) const {
  const std::vector<std::array<int, 4>> sites = quadruples(torus_, a, b, c);
  const auto terms = static_cast<double>(sites.size());
  const Index count = fields_->cols();
  Eigen::ArrayXd four(count), square(count), mean(count);
  double three = 0.0;
  MatrixXd block;
  for (Index first = 0; first < count; first += block_of_fields) {
    const Index size = std::min(block_of_fields, count - first);
    block = fields_->middleCols(first, size).transpose();
    square.segment(first, size) = block.array().square().rowwise().mean();
    mean.segment(first, size) = block.array().rowwise().mean();
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(size), of_three = sum;
    for (const auto& [i, j, k, l] : sites) {
      const auto x = block.col(i).array(), y = block.col(j).array(), z = block.col(k).array(),
                 w = block.col(l).array();
      sum += (x * y) * (z * w);
      of_three += x * y * (z + w) + (x + y) * (z * w);
    }
    four.segment(first, size) = sum / terms;
    three += of_three.sum() / (terms * static_cast<double>(count));
  }
  const double value = four.mean();
  return {value, standard_error(four - 2.0 * value * square - three * mean)};
}

double EmpiricalField::covariance_error(int a) const {
  Eigen::ArrayXd deviation(fields_->cols());
  for (Index p = 0; p < fields_->cols(); ++p) {
    const auto x = fields_->col(p);
    double product = 0.0;
    for (int i = 0; i < torus_.sites(); ++i) product += x[i] * x[torus_.add(i, a)];
    deviation[p] = (product - covariance_[a] * x.squaredNorm()) / torus_.sites();
  }
  return standard_error(deviation);
}

double EmpiricalField::standard_error(const Eigen::ArrayXd& deviation) const {
  const auto count = static_cast<double>(deviation.size());
  if (count < 2.0) return std::numeric_limits<double>::quiet_NaN();
  const double variance = (deviation - deviation.mean()).square().sum() / (count - 1.0);
  return std::sqrt(2.0 * autocorrelation_time_) * std::sqrt(variance / count);
}

std::optional<CumulantOperator> EmpiricalField::cumulant_operator() const {
  if (torus_.sites() < least_sites_of_operator) return {};
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

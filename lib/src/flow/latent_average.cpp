#include "popflow/flow/latent_average.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/moments/arcsine.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "flow/latent_kernel.hpp"
#include "input/check_number.hpp"
#include "lanes/dispatch.hpp"

namespace popflow {

namespace {

static_assert(LatentBlock::rows == LatentSeries::rows);

constexpr int latents_limit = 4;
constexpr double least_weight = 1e-5;    // of a site, relative to the neuron's largest
constexpr double least_variance = 1e-9;  // of z given s; smaller ones are rounding
// Number of factors as steep as E[x_i|s] in the integrand; f(lambda) may be a product of several.
constexpr double roughness = 4.0;

const LatentAverage::Options& checked(const PointwiseField& field,
                                      const LatentAverage::Options& options, int sites) {
  if (!(field.gain > 0.0) || field.latent.size() != sites ||
      std::abs(field.latent[0] - 1.0) > 1e-12)
    throw std::invalid_argument(
        "latent average: must be of an erf field of gain above 0 and latent variance 1");
  if (options.neurons != 1 && options.neurons != 2)
    throw std::invalid_argument(fmt::format("{} neurons: must be 1 or 2", options.neurons));
  if (options.latents < 1 || options.latents > std::min(latents_limit, sites))
    throw std::invalid_argument(
        fmt::format("{} latent directions: must be from 1 to {}, and at most the number of sites",
                    options.latents, latents_limit));
  check_number(options.tolerance > 0.0 && options.tolerance < 0.1, "tolerance", options.tolerance,
               "above 0 and below 0.1");
  if (options.most_terms < 1 || options.most_terms > LatentAverage::terms_limit)
    throw std::invalid_argument(fmt::format("{} terms: must be from 1 to {}", options.most_terms,
                                            LatentAverage::terms_limit));
  return options;
}

// Nodes of the integral over theta in (Eq. 89).
int variance_nodes(double tolerance) { return tolerance < 1e-4 ? 6 : 4; }

double power_of_10th(double x) {
  const double x2 = x * x, x4 = x2 * x2;
  return x4 * x4 * x2;
}

}  // namespace

LatentAverage::LatentAverage(const Torus& torus, const PointwiseField& field,
                             const Options& options)
    : options_(checked(field, options, torus.sites())),
      torus_(torus),
      noise_(1.0 / (field.gain * field.gain)),
      height_(field.scale / erf_normalisation(field.gain)),
      unit_rule_(gauss_legendre(variance_nodes(options.tolerance), 0.0, 1.0)),
      series_(torus.sites(), options.tolerance, options.most_terms),
      rule_(options.latents, torus.sites() + options.neurons, options.tolerance) {
  const Eigen::Index N = torus.sites(), P = options.neurons;
  C_.resize(N, N);
  for (int i = 0; i < torus.sites(); ++i) C_.row(i) = shifted(torus, field.latent, i);
  site_.reserve(static_cast<std::size_t>(N));
  u_.resize(P * N);
  m_.resize(options.latents, N);
  slope_.resize(options.latents, N);
  residual_.resize(N);
  deviation_.resize(N);
  weight_.resize(N);
  rate_.resize(unit_rule_.nodes.size() * N);
  rate_weight_.resize(rate_.size());
  steep_.resize(options.latents, N + P);
  scratch_.assign(static_cast<std::size_t>(std::min(parts, thread_count())), Scratch(N, P));
  sum_.assign(parts, Eigen::MatrixXd(N, P));
}

LatentAverage::Scratch::Scratch(Eigen::Index N, Eigen::Index P)
    : mean(lanes, N),
      covariance(lanes, P * N),
      h(lanes, N),
      hermite(lanes, N),
      previous(lanes, N),
      right(lanes, N),
      M(lanes, P),
      V(lanes, P * P),
      value(lanes, P),
      slope(lanes, P * P) {}

void LatentAverage::operator()(const Eigen::Ref<const Eigen::MatrixXd>& u,
                               const Eigen::Ref<const Eigen::MatrixXd>& m, const Function& g,
                               Eigen::Ref<Eigen::MatrixXd> out) {
  condition(u, m);
  const int used = std::min(parts, rule_.blocks());
  parallel_for(used,
               [&](int part, int worker) {
                 add_part(u, g, part, scratch_[static_cast<std::size_t>(worker)]);
               },
               {.threads = static_cast<int>(scratch_.size())});
  out.setZero();
  for (int part = 0; part < used; ++part) out += sum_[static_cast<std::size_t>(part)];
}

// Prepares everything that does not depend on s.
void LatentAverage::condition(const Eigen::Ref<const Eigen::MatrixXd>& u,
                              const Eigen::Ref<const Eigen::MatrixXd>& m) {
  latents_ = static_cast<int>(m.cols());
  m_.topRows(latents_) = m.transpose();
  const Eigen::Index N = C_.rows();
  for (Eigen::Index i = 0; i < N; ++i) {
    residual_[i] = std::max(least_variance, 1.0 - m_.topRows(latents_).col(i).squaredNorm());
    deviation_[i] = std::sqrt(noise_ + residual_[i]);
    slope_.topRows(latents_).col(i) = m_.topRows(latents_).col(i) / deviation_[i];
  }
  choose_active(u);
  expand_variances();
  expand_covariances();
  choose_rule(u);
}

void LatentAverage::choose_active(const Eigen::Ref<const Eigen::MatrixXd>& u) {
  site_.clear();
  const Eigen::Array<double, 1, Eigen::Dynamic, Eigen::RowMajor, 1, 2> least =
      least_weight * u.cwiseAbs().colwise().maxCoeff();
  for (Eigen::Index i = 0; i < u.rows(); ++i)
    if ((u.row(i).array().abs() > least).any()) site_.push_back(i);
  active_ = static_cast<std::ptrdiff_t>(site_.size());
  for (std::ptrdiff_t p = 0; p < options_.neurons; ++p)
    for (std::ptrdiff_t a = 0; a < active_; ++a)
      u_[p * active_ + a] = u(site_[static_cast<std::size_t>(a)], p);
}

// Var[x_i|s] = 4 height^2 / (2 pi) int_0^asin(rho_ii) exp(-h^2 / (1 + sin theta)) dtheta (Eq.
// 89).
void LatentAverage::expand_variances() {
  const Eigen::Index nodes = unit_rule_.nodes.size();
  for (std::ptrdiff_t a = 0; a < active_; ++a) {
    const double residual = residual_[site_[static_cast<std::size_t>(a)]];
    const double angle = std::asin(residual / (noise_ + residual));
    for (Eigen::Index t = 0; t < nodes; ++t) {
      rate_[a * nodes + t] = 1.0 / (1.0 + std::sin(angle * unit_rule_.nodes[t]));
      rate_weight_[a * nodes + t] = angle * unit_rule_.weights[t] * 0.5 * std::numbers::inv_pi;
    }
  }
}

// The residual correlations off the diagonal, and the tenth root of their mean tenth power,
// weighted by |u_i u_j|. Correlations that are left out are measured relative to the largest one
// on the diagonal (Eq. 90).
void LatentAverage::expand_covariances() {
  const Eigen::Index N = C_.rows();
  series_.start(active_);
  auto weight = weight_.head(active_);
  weight.setZero();
  for (int p = 0; p < options_.neurons; ++p) {
    const auto u = u_.segment(p * active_, active_).cwiseAbs();
    if (!u.isZero(0.0)) weight = weight.cwiseMax(u / u.maxCoeff());
  }
  double largest = 0.0;
  for (std::ptrdiff_t a = 0; a < active_; ++a) {
    const std::ptrdiff_t j = site_[static_cast<std::size_t>(a)];
    largest = std::max(largest, residual_[j] / (noise_ + residual_[j]));
    for (Eigen::Index i = 0; i < N; ++i) {
      double explained = 0.0;
      for (int r = 0; r < latents_; ++r) explained += m_(r, i) * m_(r, j);
      if (i != j) series_.rho(i, a) = (C_(i, j) - explained) / (deviation_[i] * deviation_[j]);
    }
  }
  if (active_ > 0) weight /= largest;
  double effective = effective_correlation(0);
  if (options_.neurons == 2) effective = std::max(effective, effective_correlation(1));
  series_.expand(weight, effective);
}

double LatentAverage::effective_correlation(int p) {
  const auto u = u_.segment(p * active_, active_);
  double steep = 0.0, all = 0.0;
  for (std::ptrdiff_t a = 0; a < active_; ++a)
    for (std::ptrdiff_t b = 0; b < active_; ++b) {
      const double both = std::abs(u[a] * u[b]);
      steep += both * power_of_10th(series_.rho(site_[static_cast<std::size_t>(a)], b));
      all += both;
    }
  return all > 0.0 ? std::pow(steep / all, 0.1) : 0.0;
}

// Chooses the rule for the steepest functions of s: E[x_i|s], and E[lambda|s]. f is a product of
// two functions of lambda such as the erf, or has a step as wide as lambda given s; for a pair of
// neurons there are two steps (Eq. 92).
void LatentAverage::choose_rule(const Eigen::Ref<const Eigen::MatrixXd>& u) {
  auto steep = steep_.topLeftCorner(latents_, active_ + options_.neurons);
  for (std::ptrdiff_t a = 0; a < active_; ++a)
    steep.col(a) =
        std::sqrt(roughness) * slope_.topRows(latents_).col(site_[static_cast<std::size_t>(a)]);
  const double height = height_ * std::sqrt(2.0 * std::numbers::inv_pi);
  for (int p = 0; p < options_.neurons; ++p) {
    const double factor = std::sqrt(options_.kink ? options_.neurons / variance_at_zero(p) : 2.0);
    for (int r = 0; r < latents_; ++r)
      steep(r, active_ + p) = factor * height * slope_.row(r).dot(u.col(p));
  }
  rule_.choose(steep);
}

// Var[lambda_p|s = 0], by the arcsine law of (Eq. 89) at h = 0, and at least its rounding error.
double LatentAverage::variance_at_zero(int p) {
  const auto u = u_.segment(p * active_, active_);
  double sum = 0.0;
  for (std::ptrdiff_t a = 0; a < active_; ++a) {
    const std::ptrdiff_t i = site_[static_cast<std::size_t>(a)];
    sum += u[a] * u[a] * std::asin(residual_[i] / (noise_ + residual_[i]));
    for (std::ptrdiff_t b = 0; b < active_; ++b) sum += u[a] * u[b] * std::asin(series_.rho(i, b));
  }
  const double least = least_variance * u.squaredNorm() + std::numeric_limits<double>::min();
  return height_ * height_ * std::max(least, 2.0 * std::numbers::inv_pi * sum);
}

LatentBlock LatentAverage::block(int b, Scratch& scratch) const {
  return {.sites = C_.rows(),
          .active = active_,
          .latents = latents_,
          .neurons = options_.neurons,
          .terms = series_.terms(),
          .diagonal_nodes = unit_rule_.nodes.size(),
          .node = rule_.block(b),
          .slope = slope_.data(),
          .weights = u_.data(),
          .site = site_.data(),
          .begin = series_.begin(),
          .position = series_.position(),
          .power = series_.power(),
          .diagonal_rate = rate_.data(),
          .diagonal_weight = rate_weight_.data(),
          .height = height_,
          .height2 = 4.0 * height_ * height_,
          .mean = scratch.mean.data(),
          .covariance = scratch.covariance.data(),
          .h = scratch.h.data(),
          .hermite = scratch.hermite.data(),
          .previous = scratch.previous.data(),
          .right = scratch.right.data()};
}

// A part is a range of neighbouring blocks.
void LatentAverage::add_part(const Eigen::Ref<const Eigen::MatrixXd>& u, const Function& g,
                             int part, Scratch& scratch) {
  const Eigen::Index N = C_.rows(), P = options_.neurons;
  const std::int64_t blocks = rule_.blocks(), used = std::min<std::int64_t>(parts, blocks);
  Eigen::MatrixXd& sum = sum_[static_cast<std::size_t>(part)];
  sum.setZero();
  for (std::int64_t b = part * blocks / used; b < (part + 1) * blocks / used; ++b) {
    const LatentBlock block_b = block(static_cast<int>(b), scratch);
    dispatch(ConditionalMoments{}, block_b);
    scratch.M.noalias() = scratch.mean * u;
    for (Eigen::Index p = 0; p < P; ++p)
      scratch.V.middleCols(p * P, P).noalias() = scratch.covariance.middleCols(p * N, N) * u;
    average_block(g, part, static_cast<int>(b), scratch);
    dispatch(AccumulateMoments{}, block_b, scratch.value.data(), scratch.slope.data(), sum.data());
  }
}

// The averages over lambda for all s of a block, and for -s.
void LatentAverage::average_block(const Function& g, int part, int b, Scratch& scratch) const {
  const Eigen::Index P = options_.neurons;
  scratch.value.setZero();
  scratch.slope.setZero();
  for (int l = 0; l < lanes; ++l) {
    const double weight = rule_.weights(b)[l];
    if (weight == 0.0) continue;  // fills the last block up
    ConditionalGaussian at;
    for (Eigen::Index p = 0; p < P; ++p) {
      at.mean[static_cast<std::size_t>(p)] = scratch.M(l, p);
      at.variance[static_cast<std::size_t>(p)] = std::max(0.0, scratch.V(l, p * P + p));
    }
    if (P == 2) at.covariance = scratch.V(l, 1);
    const ConditionalSlopes above = g(part, weight, at);
    at.mean = {-at.mean[0], -at.mean[1]};
    const ConditionalSlopes below = g(part, weight, at);
    for (Eigen::Index o = 0; o < P; ++o) {
      const auto f = static_cast<std::size_t>(o);
      scratch.value(l, o) = weight * (above.value[f] - below.value[f]);
      for (Eigen::Index p = 0; p < P; ++p) {
        const auto by = static_cast<std::size_t>(p);
        scratch.slope(l, o * P + p) = weight * (above.slope[f][by] + below.slope[f][by]);
      }
    }
  }
}

}  // namespace popflow

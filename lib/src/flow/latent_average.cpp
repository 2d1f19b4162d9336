#include "popflow/flow/latent_average.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/moments/arcsine.hpp"

#include "flow/latent_kernel.hpp"
#include "lanes/dispatch.hpp"

namespace popflow {

namespace {

constexpr int most_terms = 24;
constexpr int most_latents = 4;
constexpr int variance_nodes = 6;
constexpr double most_nodes = 1e5;       // of the rule, about: sign fields may ask for any number
constexpr double least_weight = 1e-5;    // of a site, relative to the largest
constexpr double least_variance = 1e-9;  // of z given s, where s determines it
// The integrand's factors as steep as E[x_i|s], of which f(lambda) may be a product.
constexpr double roughness = 4.0;

void check(const PointwiseField& field, const LatentAverage::Options& options, int sites) {
  if (!(field.gain > 0.0) || field.latent.size() != sites ||
      std::abs(field.latent[0] - 1.0) > 1e-12)
    throw std::invalid_argument(
        "latent average: must be of an erf field of gain above 0 and latent variance 1");
  if (options.neurons != 1 && options.neurons != 2)
    throw std::invalid_argument(fmt::format("{} neurons: must be 1 or 2", options.neurons));
  if (options.latents < 1 || options.latents > std::min(most_latents, sites))
    throw std::invalid_argument(
        fmt::format("{} latent directions: must be from 1 to {}, and at most the number of sites",
                    options.latents, most_latents));
  if (!(options.tolerance > 0.0) || !(options.tolerance < 0.1))
    throw std::invalid_argument(
        fmt::format("tolerance {}: must be above 0 and below 0.1", options.tolerance));
}

double power_of_10th(double x) {
  const double x2 = x * x, x4 = x2 * x2;
  return x4 * x4 * x2;
}

}  // namespace

LatentAverage::LatentAverage(const Torus& torus, const PointwiseField& field,
                             const Options& options)
    : options_(options),
      torus_(torus),
      noise_(1.0 / (field.gain * field.gain)),
      height_(field.scale / erf_normalisation(field.gain)),
      unit_rule_(gauss_legendre(variance_nodes, 0.0, 1.0)),
      radius_(1.0 + std::sqrt(-2.0 * std::log(options.tolerance))) {
  check(field, options, torus.sites());
  const Eigen::Index N = torus.sites(), P = options.neurons;
  C_.resize(N, N);
  for (int i = 0; i < torus.sites(); ++i)
    for (int j = 0; j < torus.sites(); ++j) C_(i, j) = field.latent[torus.add(j, torus.negate(i))];
  site_.reserve(static_cast<std::size_t>(N));
  u_.resize(P * N);
  m_.resize(options.latents, N);
  slope_.resize(options.latents, N);
  untold_.resize(N);
  deviation_.resize(N);
  rho_.resize(N * N);
  power_.resize(static_cast<Eigen::Index>(most_terms) * N * N);
  rate_.resize(variance_nodes * N);
  rate_weight_.resize(variance_nodes * N);
  // The last block need not be full: what its other lanes compute has no weight, but must be
  // finite.
  node_ = Eigen::VectorXd::Zero(Eigen::Index{options.latents} * lanes);
  for (Lanes* field_of_lanes : {&mean_, &h_, &hermite_, &previous_})
    field_of_lanes->resize(lanes, N);
  for (Lanes* of_neurons : {&covariance_, &right_}) of_neurons->resize(lanes, P * N);
  for (Lanes* of_neurons : {&M_, &value_}) of_neurons->resize(lanes, P);
  for (Lanes* of_pairs : {&V_, &by_}) of_pairs->resize(lanes, P * P);
}

void LatentAverage::operator()(const Eigen::Ref<const Eigen::MatrixXd>& u,
                               const Eigen::Ref<const Eigen::MatrixXd>& m, const Function& g,
                               Eigen::Ref<Eigen::MatrixXd> out) {
  condition(u, m);
  out.setZero();
  int count = 0;
  each_node([&](const std::array<double, most_latents>& s, double weight) {
    for (int r = 0; r < latents_; ++r) node_[r * lanes + count] = s[static_cast<std::size_t>(r)];
    weight_[static_cast<std::size_t>(count)] = weight / norm_;
    if (++count < lanes) return;
    add_block(u, g, count, out);
    count = 0;
  });
  if (count > 0) add_block(u, g, count, out);
}

// Everything that does not depend on s.
void LatentAverage::condition(const Eigen::Ref<const Eigen::MatrixXd>& u,
                              const Eigen::Ref<const Eigen::MatrixXd>& m) {
  latents_ = static_cast<int>(m.cols());
  m_.topRows(latents_) = m.transpose();
  const Eigen::Index N = C_.rows();
  for (Eigen::Index i = 0; i < N; ++i) {
    untold_[i] = std::max(least_variance, 1.0 - m_.topRows(latents_).col(i).squaredNorm());
    deviation_[i] = std::sqrt(noise_ + untold_[i]);
    slope_.topRows(latents_).col(i) = m_.topRows(latents_).col(i) / deviation_[i];
  }
  choose_active(u);
  expand_variances();
  expand_covariances();
  choose_rule(u);
}

void LatentAverage::choose_active(const Eigen::Ref<const Eigen::MatrixXd>& u) {
  const double least = least_weight * u.cwiseAbs().maxCoeff();
  site_.clear();
  for (Eigen::Index i = 0; i < u.rows(); ++i)
    if (u.row(i).cwiseAbs().maxCoeff() > least) site_.push_back(i);
  active_ = static_cast<std::ptrdiff_t>(site_.size());
  for (std::ptrdiff_t p = 0; p < options_.neurons; ++p)
    for (std::ptrdiff_t a = 0; a < active_; ++a)
      u_[p * active_ + a] = u(site_[static_cast<std::size_t>(a)], p);
}

// Var[x_i|s] = 4 height^2 / (2 pi) int_0^asin(rho_ii) exp(-h^2 / (1 + sin theta)) dtheta (Eq.
// 89).
void LatentAverage::expand_variances() {
  for (std::ptrdiff_t a = 0; a < active_; ++a) {
    const double untold = untold_[site_[static_cast<std::size_t>(a)]];
    const double angle = std::asin(untold / (noise_ + untold));
    for (Eigen::Index t = 0; t < variance_nodes; ++t) {
      rate_[a * variance_nodes + t] = 1.0 / (1.0 + std::sin(angle * unit_rule_.nodes[t]));
      rate_weight_[a * variance_nodes + t] =
          angle * unit_rule_.weights[t] * 0.5 * std::numbers::inv_pi;
    }
  }
}

// Powers of the residual correlations off the diagonal over factorials, as many as the tolerance
// asks for; the last has a weight below 1, so that the sum is continuous in u (Eq. 90).
void LatentAverage::expand_covariances() {
  const Eigen::Index N = C_.rows(), size = N * active_;
  double steep = 0.0, all = 0.0;
  for (Eigen::Index i = 0; i < N; ++i)
    for (std::ptrdiff_t a = 0; a < active_; ++a) {
      const std::ptrdiff_t j = site_[static_cast<std::size_t>(a)];
      double told = 0.0;
      for (int r = 0; r < latents_; ++r) told += m_(r, i) * m_(r, j);
      rho_[i * active_ + a] = i == j ? 0.0 : (C_(i, j) - told) / (deviation_[i] * deviation_[j]);
    }
  for (std::ptrdiff_t a = 0; a < active_; ++a)
    for (std::ptrdiff_t b = 0; b < active_; ++b) {
      const double weight = std::abs(u_[a] * u_[b]);
      steep += weight * power_of_10th(rho_[site_[static_cast<std::size_t>(a)] * active_ + b]);
      all += weight;
    }
  const double effective = all > 0.0 ? std::pow(steep / all, 0.1) : 0.0;
  const double terms = effective > 0.0 ? std::log(options_.tolerance) / std::log(effective) : 1.0;
  const double kept = terms > 0.0 ? std::clamp(terms, 1.0, double{most_terms}) : most_terms;
  terms_ = static_cast<int>(std::ceil(kept));
  power_.head(size) = rho_.head(size);
  for (Eigen::Index m = 2; m <= terms_; ++m) {
    const double last = m == terms_ ? kept - static_cast<double>(terms_ - 1) : 1.0;
    power_.segment((m - 1) * size, size).array() = last / static_cast<double>(m) *
                                                   power_.segment((m - 2) * size, size).array() *
                                                   rho_.head(size).array();
  }
}

// The step from the decay of the integrand's Fourier transform, given the steepest E[x_i|s], and
// E[lambda|s], of which f is a product of two functions as of the erf (Eq. 92).
void LatentAverage::choose_rule(const Eigen::Ref<const Eigen::MatrixXd>& u) {
  double steepest = 0.0;
  for (const std::ptrdiff_t i : site_)
    steepest = std::max(steepest, roughness * slope_.topRows(latents_).col(i).squaredNorm());
  const double height = height_ * std::sqrt(2.0 * std::numbers::inv_pi);
  for (int p = 0; p < options_.neurons; ++p) {
    double square = 0.0;
    for (int r = 0; r < latents_; ++r) {
      const double slope = height * slope_.row(r).dot(u.col(p));
      square += slope * slope;
    }
    steepest = std::max(steepest, 2.0 * square);
  }
  const double asked =
      2.0 * std::numbers::pi / std::sqrt(-2.0 * (1.0 + steepest) * std::log(options_.tolerance));
  step_ = std::max(asked, 2.0 * radius_ / std::pow(most_nodes, 1.0 / latents_));
  norm_ = 0.0;
  nodes_ = 0;
  each_node([this](const auto&, double weight) {
    norm_ += 2.0 * weight;
    nodes_ += 2;
  });
}

// Calls visit(s, weight) for one of every pair s, -s of the rule; for 0 with half of its weight.
template <class Visit>
void LatentAverage::each_node(const Visit& visit) const {
  const int most = static_cast<int>(radius_ / step_);
  std::array<int, most_latents> n{};
  std::array<double, most_latents> s{};
  for (int r = 1; r < latents_; ++r) n[static_cast<std::size_t>(r)] = -most;
  for (;;) {
    double square = 0.0;
    int first = 0;
    for (int r = 0; r < latents_; ++r) {
      const auto at = static_cast<std::size_t>(r);
      s[at] = n[at] * step_;
      square += s[at] * s[at];
      if (first == 0) first = n[at];
    }
    if (first >= 0 && square <= radius_ * radius_)
      visit(s, (first == 0 ? 0.5 : 1.0) * std::exp(-0.5 * square));
    int r = latents_ - 1;
    while (r >= 0 && n[static_cast<std::size_t>(r)] == most) {
      n[static_cast<std::size_t>(r)] = r == 0 ? 0 : -most;
      --r;
    }
    if (r < 0) return;
    ++n[static_cast<std::size_t>(r)];
  }
}

void LatentAverage::add_block(const Eigen::Ref<const Eigen::MatrixXd>& u, const Function& g,
                              int count, Eigen::Ref<Eigen::MatrixXd> out) {
  const Eigen::Index N = C_.rows(), P = options_.neurons;
  const LatentBlock block = {N,
                             active_,
                             latents_,
                             P,
                             terms_,
                             variance_nodes,
                             node_.data(),
                             slope_.data(),
                             u_.data(),
                             site_.data(),
                             power_.data(),
                             rate_.data(),
                             rate_weight_.data(),
                             height_,
                             4.0 * height_ * height_,
                             mean_.data(),
                             covariance_.data(),
                             h_.data(),
                             hermite_.data(),
                             previous_.data(),
                             right_.data()};
  dispatch(ConditionalMoments{}, block);
  M_.noalias() = mean_ * u;
  for (Eigen::Index p = 0; p < P; ++p)
    V_.middleCols(p * P, P).noalias() = covariance_.middleCols(p * N, N) * u;
  value_.setZero();
  by_.setZero();
  for (int l = 0; l < count; ++l) {
    const double weight = weight_[static_cast<std::size_t>(l)];
    ConditionalGaussian at;
    for (Eigen::Index p = 0; p < P; ++p) {
      at.mean[static_cast<std::size_t>(p)] = M_(l, p);
      at.variance[static_cast<std::size_t>(p)] = std::max(0.0, V_(l, p * P + p));
    }
    if (P == 2) at.covariance = V_(l, 1);
    const ConditionalSlopes above = g(weight, at);
    at.mean = {-at.mean[0], -at.mean[1]};
    const ConditionalSlopes below = g(weight, at);
    for (Eigen::Index o = 0; o < P; ++o) {
      const auto f = static_cast<std::size_t>(o);
      value_(l, o) = weight * (above.value[f] - below.value[f]);
      for (Eigen::Index p = 0; p < P; ++p) {
        const auto by = static_cast<std::size_t>(p);
        by_(l, o * P + p) = weight * (above.slope[f][by] + below.slope[f][by]);
      }
    }
  }
  dispatch(AccumulateMoments{}, block, value_.data(), by_.data(), out.data());
}

}  // namespace popflow

#include "popflow/flow/latent_gradient.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/flow/gaussian_average.hpp"
#include "popflow/flow/latent_average.hpp"
#include "popflow/flow/latent_directions.hpp"
#include "popflow/moments/arcsine.hpp"
#include "popflow/network/gaussian_pair.hpp"
#include "popflow/network/neuron_average.hpp"
#include "popflow/threads/copies.hpp"

namespace popflow {

namespace {

constexpr double rough = 2.0;  // a field whose correlations have a smaller sum of squares

PointwiseField erf_field(const Input& input) {
  const std::optional<PointwiseField> field = input.pointwise();
  if (!field)
    throw std::invalid_argument(
        "latent gradient: inputs must be made from a Gaussian field site by site");
  return *field;
}

// Checks the options by themselves: a class may use fewer directions than asked for, and bad
// options would then pass unnoticed.
void check_options(const LatentOptions& options) {
  if (options.latents < 1 || options.latents > 4)
    throw std::invalid_argument(
        fmt::format("latent gradient: {} directions: must be from 1 to 4", options.latents));
  if (!(options.tolerance > 0.0) || !(options.tolerance < 0.1))
    throw std::invalid_argument(fmt::format(
        "latent gradient: tolerance {}: must be above 0 and below 0.1", options.tolerance));
  if (options.most_terms < 1 || options.most_terms > LatentAverage::terms_limit)
    throw std::invalid_argument(fmt::format("latent gradient: {} terms: must be from 1 to {}",
                                            options.most_terms, LatentAverage::terms_limit));
}

double sum_of(const std::array<double, LatentAverage::parts>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

}  // namespace

namespace detail {

// Data of erf fields; Gaussian inputs need none.
struct Latent {
  LatentDirections directions;
  LatentAverage single;
  std::optional<LatentAverage> pair;
  Eigen::MatrixXd c;  // modes x r K: the directions of every neuron
  Eigen::MatrixXd m;  // N x r: E[z|s] = m s

  Eigen::Index latents(Eigen::Index hidden) const { return c.cols() / hidden; }
  void direct_neuron(Eigen::Index k, Eigen::Index hidden, const Eigen::MatrixXd& u);
  void direct_pair(Eigen::Index k, Eigen::Index l, Eigen::Index hidden);
};

struct LatentClass {
  double probability;
  NeuronAverage neuron;
  std::optional<Latent> latent;  // or, of Gaussian inputs,
  std::optional<GaussianAverage> single, pair;
};

Latent latent_term(const TaskClass& c, const Network& network, Eigen::Index hidden,
                   const LatentOptions& options) {
  const Torus& torus = c.input.torus();
  const PointwiseField field = erf_field(c.input);
  const int most =
      field.latent.squaredNorm() < rough ? 1 : std::min(options.latents, torus.sites());
  LatentDirections directions(torus, field.latent, erf_correlation_factor(field.gain), most);
  LatentAverage::Options average{.neurons = 1,
                                 .latents = std::min(most, directions.modes()),
                                 .tolerance = options.tolerance,
                                 .kink = std::holds_alternative<Relu>(network.activation),
                                 .most_terms = options.most_terms};
  const Eigen::Index latents = average.latents;
  Latent term = {std::move(directions), {torus, field, average}, {}, {}, {}};
  term.c.resize(term.directions.modes(), latents * hidden);
  term.m.resize(torus.sites(), std::max<Eigen::Index>(latents, 2));
  average.neurons = average.latents = 2;
  if (hidden > 1) term.pair.emplace(torus, field, average);
  return term;
}

LatentClass latent_class(const TaskClass& c, const Network& network, Eigen::Index hidden,
                         const LatentOptions& options) {
  LatentClass term = {c.probability, {network.activation, network.loss, c.label}, {}, {}, {}};
  if (c.input.is_gaussian()) {
    term.single.emplace(c.input.torus(), c.input.spectrum(), 1);
    term.pair.emplace(c.input.torus(), c.input.spectrum(), 2);
  } else {
    term.latent.emplace(latent_term(c, network, hidden, options));
  }
  return term;
}

void check(const Task& task, const Network& network, Eigen::Index hidden,
           const LatentOptions& options) {
  check_task(task);
  if (network.convolution)
    throw std::invalid_argument("latent gradient: must be of a fully connected network");
  if (hidden < 1) throw std::invalid_argument("latent gradient: must have a neuron");
  if (hidden > 1 && network.loss == Loss::logistic)
    throw std::invalid_argument(
        "latent gradient: must be of the squared or the correlation loss for several neurons");
  check_options(options);
}

// The gradient of one thread: directions, rules and series depend on the weights.
class LatentClosure {
 public:
  LatentClosure(const Task& task, const Network& network, Eigen::Index hidden,
                const LatentOptions& options)
      : hidden_(hidden), u_(lattice_of(task).sites(), 2), gradient_(u_.rows(), 2) {
    if (hidden > 1 && network.loss == Loss::squared) pair_average_.emplace(network.activation, 2);
    for (const TaskClass& c : task) terms_.push_back(latent_class(c, network, hidden, options));
  }

  void operator()(const Parameters& at, Parameters& out) {
    check_shape(at, hidden_, u_.rows());
    out.values.setZero();
    for (LatentClass& term : terms_) {
      for (Eigen::Index k = 0; k < hidden_; ++k) add_neuron(term, k, at, out);
      for (Eigen::Index k = 1; pair_average_ && k < hidden_; ++k)
        for (Eigen::Index l = 0; l < k; ++l) add_pair(term, {k, l}, at, out);
    }
  }

 private:
  void add_neuron(LatentClass& term, Eigen::Index k, const Parameters& at, Parameters& out);
  void add_pair(LatentClass& term, std::array<Eigen::Index, 2> pair, const Parameters& at,
                Parameters& out);

  Eigen::Index hidden_;
  std::vector<LatentClass> terms_;
  std::optional<GaussianPair> pair_average_;  // where the gradient has terms of two neurons
  Eigen::MatrixXd u_, gradient_;              // N x 2
};

// The directions of neuron k of weights u, and the means given them.
void Latent::direct_neuron(Eigen::Index k, Eigen::Index hidden, const Eigen::MatrixXd& u) {
  const Eigen::Index r = latents(hidden);
  auto of_k = c.middleCols(k * r, r);
  if (u.col(0).isZero(0.0))
    of_k.setZero();
  else
    directions(u.col(0), of_k);
  directions.means(of_k, m.leftCols(r));
}

// The first direction of neuron k, and the part of the first direction of neuron l that is
// orthogonal to it.
void Latent::direct_pair(Eigen::Index k, Eigen::Index l, Eigen::Index hidden) {
  const Eigen::Index r = latents(hidden);
  const auto c_k = c.col(k * r), c_l = c.col(l * r);
  const double overlap = c_k.dot(c_l), rest = (c_l - overlap * c_k).norm();
  directions.means(c_k, m.leftCols(1));
  directions.means(c_l, m.middleCols(1, 1));
  m.col(1) -= overlap * m.col(0);
  if (rest > 1e-7)
    m.col(1) /= rest;
  else
    m.col(1).setZero();
}

// The terms of the loss that depend on neuron k alone.
void LatentClosure::add_neuron(LatentClass& term, Eigen::Index k, const Parameters& at,
                               Parameters& out) {
  auto u = u_.leftCols(1);
  auto gradient = gradient_.leftCols(1);
  u = at.first().row(k).transpose();
  struct Sums {
    const NeuronAverage& average;
    double b, v;
    std::array<double, LatentAverage::parts> bias{}, second{};
  } sums = {term.neuron, at.bias()[k], at.second()[k]};
  const auto slopes = [&sums](int part, double weight, const ConditionalGaussian& lambda) {
    const GaussianNeuron neuron = {sums.b, sums.v, lambda.mean[0], lambda.variance[0]};
    const auto f = sums.average.slopes(neuron, 1);
    const auto of = static_cast<std::size_t>(part);
    sums.bias[of] += weight * f[0];
    sums.second[of] += weight * sums.average.second_layer_slope(neuron);
    return ConditionalSlopes{{f[0], 0.0}, {{{f[1], 0.0}, {}}}};
  };
  if (term.latent) {
    term.latent->direct_neuron(k, at.hidden(), u_);
    term.latent->single(u, term.latent->m.leftCols(term.latent->latents(at.hidden())), slopes,
                        gradient);
  } else {
    (*term.single)(u, slopes, gradient);
  }
  const double p = term.probability;
  out.first().row(k) += p * gradient.col(0).transpose();
  out.bias()[k] += p * sum_of(sums.bias);
  out.second()[k] += p * sum_of(sums.second);
}

// The term v_k v_l sigma_k sigma_l of the loss.
void LatentClosure::add_pair(LatentClass& term, std::array<Eigen::Index, 2> pair,
                             const Parameters& at, Parameters& out) {
  const auto [k, l] = pair;
  u_.col(0) = at.first().row(k).transpose();
  u_.col(1) = at.first().row(l).transpose();
  struct Sums {
    const GaussianPair& average;
    double b_k, b_l;
    std::array<double, LatentAverage::parts> bias_k{}, bias_l{}, both{};
  } sums = {*pair_average_, at.bias()[k], at.bias()[l]};
  const auto slopes = [&sums](int part, double weight, const ConditionalGaussian& lambda) {
    const auto of = static_cast<std::size_t>(part);
    PairAverages A;
    sums.average({lambda.variance[0], sums.b_k + lambda.mean[0]},
                 {lambda.variance[1], sums.b_l + lambda.mean[1]}, lambda.covariance, A);
    sums.bias_k[of] += weight * A(1, 0);
    sums.bias_l[of] += weight * A(0, 1);
    sums.both[of] += weight * A(0, 0);
    return ConditionalSlopes{{A(1, 0), A(0, 1)}, {{{A(2, 0), A(1, 1)}, {A(1, 1), A(0, 2)}}}};
  };
  if (term.latent) {
    term.latent->direct_pair(k, l, at.hidden());
    (*term.latent->pair)(u_, term.latent->m.leftCols(2), slopes, gradient_);
  } else {
    (*term.pair)(u_, slopes, gradient_);
  }
  const double v_k = at.second()[k], v_l = at.second()[l], p = term.probability;
  const double both = sum_of(sums.both);
  out.first().row(k) += p * v_k * v_l * gradient_.col(0).transpose();
  out.first().row(l) += p * v_k * v_l * gradient_.col(1).transpose();
  out.bias()[k] += p * v_k * v_l * sum_of(sums.bias_k);
  out.bias()[l] += p * v_k * v_l * sum_of(sums.bias_l);
  out.second()[k] += p * v_l * both;
  out.second()[l] += p * v_k * both;
}

}  // namespace detail

struct LatentGradient::Shared {
  Torus torus;
  Copies<detail::LatentClosure> closures;
};

LatentGradient::LatentGradient(const Task& task, const Network& network, Eigen::Index hidden,
                               const LatentOptions& options) {
  detail::check(task, network, hidden, options);
  shared_ = std::make_shared<const Shared>(
      Shared{lattice_of(task), Copies(detail::LatentClosure(task, network, hidden, options))});
}

const Torus& LatentGradient::torus() const {
  if (!shared_) throw std::logic_error("latent gradient: was moved from");
  return shared_->torus;
}

void LatentGradient::operator()(const Parameters& at, Parameters& out) const {
  if (!shared_) throw std::logic_error("latent gradient: was moved from");
  (*shared_->closures.lend())(at, out);
}

}  // namespace popflow

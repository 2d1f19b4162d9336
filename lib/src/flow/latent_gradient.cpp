#include "popflow/flow/latent_gradient.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>

#include "popflow/moments/arcsine.hpp"

namespace popflow {

namespace {

// A Gaussian field as an erf field, to a relative 1e-12, and how accurately to integrate over its
// only direction, which tells all of the pre-activation's mean.
constexpr double nearly_gaussian_gain = 1e-6;
constexpr double gaussian_tolerance = 1e-13;

constexpr double rough = 2.0;  // a field whose correlations have a smaller sum of squares

PointwiseField erf_field(const Input& input) {
  std::optional<PointwiseField> field = input.pointwise();
  if (!field)
    throw std::invalid_argument(
        "latent gradient: inputs must be made from a Gaussian field site by site");
  field->gain = std::max(field->gain, nearly_gaussian_gain);
  return *field;
}

double sum_of(const std::array<double, LatentAverage::parts>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

}  // namespace

LatentGradient::ClassTerm LatentGradient::class_term(const TaskClass& c, const Network& network,
                                                     Eigen::Index hidden,
                                                     const LatentOptions& options) {
  const Torus& torus = c.input.torus();
  const PointwiseField field = erf_field(c.input);
  const bool gaussian = field.gain == nearly_gaussian_gain;
  const int latents = gaussian || field.latent.squaredNorm() < rough ? 1 : options.latents;
  const double tolerance = gaussian ? gaussian_tolerance : options.tolerance;
  ClassTerm term = {c.label,
                    c.probability,
                    {torus, field.latent, erf_correlation_factor(field.gain), latents},
                    {torus, field, {.neurons = 1, .latents = latents, .tolerance = tolerance}},
                    {},
                    {network.activation, network.loss, c.label},
                    {},
                    {}};
  if (hidden > 1)
    term.pair.emplace(torus, field,
                      LatentAverage::Options{.neurons = 2, .latents = 2, .tolerance = tolerance});
  term.c.resize(term.directions.modes(), latents * hidden);
  term.m.resize(torus.sites(), std::max(latents, 2));
  return term;
}

LatentGradient::LatentGradient(const Task& task, const Network& network, Eigen::Index hidden,
                               const LatentOptions& options)
    : pairs_(hidden > 1 && network.loss == Loss::squared) {
  check_task(task);
  if (network.convolution)
    throw std::invalid_argument("latent gradient: must be of a fully connected network");
  if (hidden < 1) throw std::invalid_argument("latent gradient: must have a neuron");
  if (hidden > 1 && network.loss == Loss::logistic)
    throw std::invalid_argument(
        "latent gradient: must be of the squared or the correlation loss for several neurons");
  if (pairs_) pair_averages_.assign(LatentAverage::parts, GaussianPair(network.activation, 2));
  for (const TaskClass& c : task) terms_.push_back(class_term(c, network, hidden, options));
  u_.resize(lattice_of(task).sites(), 2);
  gradient_.resize(u_.rows(), 2);
}

void LatentGradient::operator()(const Parameters& at, Parameters& out) {
  out.values.setZero();
  for (ClassTerm& term : terms_) {
    for (Eigen::Index k = 0; k < at.hidden(); ++k) add_neuron(term, k, at, out);
    for (Eigen::Index k = 1; pairs_ && k < at.hidden(); ++k)
      for (Eigen::Index l = 0; l < k; ++l) add_pair(term, k, l, at, out);
  }
}

// What the loss has of neuron k alone.
void LatentGradient::add_neuron(ClassTerm& term, Eigen::Index k, const Parameters& at,
                                Parameters& out) {
  const Eigen::Index latents = term.c.cols() / at.hidden();
  auto c = term.c.middleCols(k * latents, latents);
  auto u = u_.leftCols(1);
  auto gradient = gradient_.leftCols(1);
  u = at.first().row(k).transpose();
  const double p = term.probability;
  if (u.isZero(0.0))
    c.setZero();
  else
    term.directions(u.col(0), c);
  term.directions.means(c, term.m.leftCols(latents));
  struct Sums {
    const NeuronAverage& average;
    double b, v;
    std::array<double, LatentAverage::parts> bias{}, second{};
  } sums = {term.neuron, at.bias()[k], at.second()[k]};
  term.single(
      u, term.m.leftCols(latents),
      [&sums](int part, double weight, const ConditionalGaussian& lambda) {
        const GaussianNeuron neuron = {sums.b, sums.v, lambda.mean[0], lambda.variance[0]};
        const auto f = sums.average.slopes(neuron, 1);
        const auto of = static_cast<std::size_t>(part);
        sums.bias[of] += weight * f[0];
        sums.second[of] += weight * sums.average.second_layer_slope(neuron);
        return ConditionalSlopes{{f[0], 0.0}, {{{f[1], 0.0}, {}}}};
      },
      gradient);
  out.first().row(k) += p * gradient.col(0).transpose();
  out.bias()[k] += p * sum_of(sums.bias);
  out.second()[k] += p * sum_of(sums.second);
}

// Of v_k v_l sigma_k sigma_l.
void LatentGradient::add_pair(ClassTerm& term, Eigen::Index k, Eigen::Index l, const Parameters& at,
                              Parameters& out) {
  const Eigen::Index latents = term.c.cols() / at.hidden();
  u_.col(0) = at.first().row(k).transpose();
  u_.col(1) = at.first().row(l).transpose();
  // The second direction is what that of l tells beyond that of k.
  const auto c_k = term.c.col(k * latents), c_l = term.c.col(l * latents);
  const double overlap = c_k.dot(c_l);
  const double rest = std::sqrt(std::max(0.0, c_l.squaredNorm() - overlap * overlap));
  term.directions.means(c_k, term.m.leftCols(1));
  term.directions.means(c_l, term.m.middleCols(1, 1));
  term.m.col(1) -= overlap * term.m.col(0);
  if (rest > 1e-7)
    term.m.col(1) /= rest;
  else
    term.m.col(1).setZero();
  struct Sums {
    std::vector<GaussianPair>& average;
    double b_k, b_l;
    std::array<double, LatentAverage::parts> bias_k{}, bias_l{}, both{};
  } sums = {pair_averages_, at.bias()[k], at.bias()[l]};
  (*term.pair)(
      u_, term.m.leftCols(2),
      [&sums](int part, double weight, const ConditionalGaussian& lambda) {
        const auto of = static_cast<std::size_t>(part);
        PairAverages A;
        sums.average[of]({lambda.variance[0], sums.b_k + lambda.mean[0]},
                         {lambda.variance[1], sums.b_l + lambda.mean[1]}, lambda.covariance, A);
        sums.bias_k[of] += weight * A(1, 0);
        sums.bias_l[of] += weight * A(0, 1);
        sums.both[of] += weight * A(0, 0);
        return ConditionalSlopes{{A(1, 0), A(0, 1)}, {{{A(2, 0), A(1, 1)}, {A(1, 1), A(0, 2)}}}};
      },
      gradient_);
  const double v_k = at.second()[k], v_l = at.second()[l], p = term.probability;
  const double both = sum_of(sums.both);
  out.first().row(k) += p * v_k * v_l * gradient_.col(0).transpose();
  out.first().row(l) += p * v_k * v_l * gradient_.col(1).transpose();
  out.bias()[k] += p * v_k * v_l * sum_of(sums.bias_k);
  out.bias()[l] += p * v_k * v_l * sum_of(sums.bias_l);
  out.second()[k] += p * v_l * both;
  out.second()[l] += p * v_k * both;
}

}  // namespace popflow

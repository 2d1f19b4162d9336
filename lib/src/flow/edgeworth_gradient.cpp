#include "popflow/flow/edgeworth_gradient.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

namespace popflow {

namespace {

// Binomial coefficients: of how many of the multi-indices a, b, c, d have m times k.
constexpr std::array<double, 5> binomial{1.0, 4.0, 6.0, 4.0, 1.0};

// sum_m binomial(m) kappa_m A(m + i, 4 - m + j): the derivative of the correction's average by i
// times b_k and j times b_l (Eq. 67).
double corrected(const std::array<double, 5>& kappa, const PairAverages& A, int i, int j) {
  double sum = 0.0;
  for (int m = 0; m <= 4; ++m) {
    const auto at = static_cast<std::size_t>(m);
    sum += binomial[at] * kappa[at] * A(m + i, 4 - m + j);
  }
  return sum;
}

}  // namespace

EdgeworthGradient::EdgeworthGradient(const Task& task, const Network& network, Eigen::Index hidden,
                                     std::vector<CumulantOperator> cumulants)
    : squared_(network.loss == Loss::squared),
      gaussian_(task, network, hidden),
      average_(network.activation, 6),
      weights_(lattice_of(task), hidden),
      Q_(hidden, hidden),
      W_(hidden, hidden),
      cubes_(static_cast<std::size_t>(hidden), Spectrum(lattice_of(task).half_modes())),
      kkl_(cubes_.front()),
      kll_(cubes_.front()) {
  if (cumulants.size() != task.size())
    throw std::invalid_argument(fmt::format("{} cumulant operators for {} classes: must be as many",
                                            cumulants.size(), task.size()));
  for (std::size_t c = 0; c < task.size(); ++c) {
    if (!(cumulants[c].torus() == lattice_of(task)))
      throw std::invalid_argument("cumulant operator: must live on the task's lattice");
    terms_.push_back(
        {task[c].label, task[c].probability, task[c].input.spectrum(), std::move(cumulants[c])});
  }
}

void EdgeworthGradient::operator()(const Parameters& at, Parameters& out) {
  gaussian_(at, out);
  add_correction(at, out);
}

// (Eq. 116), the derivative by central differences.
double EdgeworthGradient::neglected_terms(const Parameters& at) {
  constexpr double step = 1e-4;  // leaves 1e-8 of third derivatives
  Parameters correction(at.hidden(), at.sites()), longer = at, shorter = at, whole = at;
  correction.values.setZero();
  add_correction(at, correction);
  const double kappa = correction.first().norm();
  if (kappa == 0.0) return 0.0;
  correction.values = at.values;
  correction.first() *= 1.0 + step;
  (*this)(correction, longer);
  correction.first() = at.first() * (1.0 - step);
  (*this)(correction, shorter);
  (*this)(at, whole);
  const double slope = (longer.first() - shorter.first()).norm() / (2.0 * step);
  return kappa / std::max(whole.first().norm(), slope);
}

void EdgeworthGradient::add_correction(const Parameters& at, Parameters& out) {
  weights_.load(at);
  weights_.start_sum();
  for (ClassTerm& term : terms_) {
    load_class(term);
    add_class(term, at, out);
    weights_.add_filtered(W_, term.spectrum);
  }
  weights_.add_sum_to(out);
}

double EdgeworthGradient::loss(const Parameters& at) {
  double loss = gaussian_.loss(at);
  weights_.load(at);
  for (ClassTerm& term : terms_) {
    load_class(term);
    loss += term.probability / 24.0 * class_loss(term, at);
  }
  return loss;
}

void EdgeworthGradient::load_class(ClassTerm& term) {
  weights_.covariances(term.spectrum, Q_);
  for (Eigen::Index k = 0; k < weights_.hidden(); ++k)
    term.cumulant.contract(weights_[k], cubes_[static_cast<std::size_t>(k)]);
}

// Leaves kappa[u_k, u_k, u_l] of different neurons in kkl_.
EdgeworthGradient::PairCumulants EdgeworthGradient::pair_cumulants(ClassTerm& term, Eigen::Index k,
                                                                   Eigen::Index l) {
  PairCumulants kappa;
  if (k == l) {
    kappa.fill(weights_.inner_product(k, cube(k)));
    return kappa;
  }
  term.cumulant.contract(weights_[k], weights_[k], weights_[l], kkl_);
  return {weights_.inner_product(l, cube(l)), weights_.inner_product(k, cube(l)),
          weights_.inner_product(l, kkl_), weights_.inner_product(l, cube(k)),
          weights_.inner_product(k, cube(k))};
}

// 24 times the correction (Eq. 67).
double EdgeworthGradient::class_loss(ClassTerm& term, const Parameters& at) {
  const auto v = at.second();
  double loss = 0.0;
  NeuronAverages a{};
  PairAverages A;
  for (Eigen::Index k = 0; k < v.size(); ++k) {
    average_(neuron(at, k), a);
    loss -= term.label * v[k] * weights_.inner_product(k, cube(k)) * a[4];
    for (Eigen::Index l = 0; squared_ && l <= k; ++l) {
      average_(neuron(at, k), neuron(at, l), Q_(k, l), A);
      loss += (l == k ? 0.5 : 1.0) * v[k] * v[l] * corrected(pair_cumulants(term, k, l), A, 0, 0);
    }
  }
  return loss;
}

void EdgeworthGradient::add_class(ClassTerm& term, const Parameters& at, Parameters& out) {
  W_.setZero();
  for (Eigen::Index k = 0; k < weights_.hidden(); ++k) {
    add_neuron(term, k, at, out);
    for (Eigen::Index l = 0; squared_ && l <= k; ++l) add_pair(term, k, l, at, out);
  }
}

// The terms in -y phi (Eq. 68).
void EdgeworthGradient::add_neuron(const ClassTerm& term, Eigen::Index k, const Parameters& at,
                                   Parameters& out) {
  NeuronAverages a{};
  average_(neuron(at, k), a);
  const double kappa = weights_.inner_product(k, cube(k));
  const double by_v = -term.probability * term.label / 24.0, factor = by_v * at.second()[k];
  weights_.add(k, 4.0 * factor * a[4], cube(k));
  W_(k, k) += factor * kappa * a[6];
  out.bias()[k] += factor * kappa * a[5];
  out.second()[k] += by_v * kappa * a[4];
}

// The terms in phi^2 / 2 (Eq. 69).
void EdgeworthGradient::add_pair(ClassTerm& term, Eigen::Index k, Eigen::Index l,
                                 const Parameters& at, Parameters& out) {
  PairAverages A;
  average_(neuron(at, k), neuron(at, l), Q_(k, l), A);
  const PairCumulants kappa = pair_cumulants(term, k, l);
  const double p = term.probability / 24.0, v_k = at.second()[k], v_l = at.second()[l];
  const double factor = p * v_k * v_l;
  W_(k, k) += factor * corrected(kappa, A, 2, 0);
  W_(k, l) += factor * corrected(kappa, A, 1, 1);
  out.bias()[k] += factor * corrected(kappa, A, 1, 0);
  out.second()[k] += p * v_l * corrected(kappa, A, 0, 0);
  if (k == l) {
    const double by_u = 4.0 * A(4, 0) + 12.0 * A(3, 1) + 12.0 * A(2, 2) + 4.0 * A(1, 3);
    weights_.add(k, factor * by_u, cube(k));
    return;
  }
  W_(l, l) += factor * corrected(kappa, A, 0, 2);
  W_(l, k) += factor * corrected(kappa, A, 1, 1);
  out.bias()[l] += factor * corrected(kappa, A, 0, 1);
  out.second()[l] += p * v_k * corrected(kappa, A, 0, 0);

  term.cumulant.contract(weights_[l], weights_[l], weights_[k], kll_);
  weights_.add(k, 4.0 * factor * A(4, 0), cube(k));
  weights_.add(k, 12.0 * factor * A(3, 1), kkl_);
  weights_.add(k, 12.0 * factor * A(2, 2), kll_);
  weights_.add(k, 4.0 * factor * A(1, 3), cube(l));
  weights_.add(l, 4.0 * factor * A(3, 1), cube(k));
  weights_.add(l, 12.0 * factor * A(2, 2), kkl_);
  weights_.add(l, 12.0 * factor * A(1, 3), kll_);
  weights_.add(l, 4.0 * factor * A(0, 4), cube(l));
}

}  // namespace popflow

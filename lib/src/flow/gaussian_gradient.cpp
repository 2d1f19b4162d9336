#include "popflow/flow/gaussian_gradient.hpp"

#include <stdexcept>

#include "popflow/network/checks.hpp"

namespace popflow {

namespace {

const Torus& checked_lattice(const Task& task, const Network& network) {
  check_task(task);
  check_closed_form(network);
  return lattice_of(task);
}

}  // namespace

void check_closed_form(const Network& network) {
  check_activation(network.activation);
  if (network.convolution)
    throw std::invalid_argument("population gradient: must be of a fully connected network");
  if (network.loss != Loss::squared && network.loss != Loss::correlation)
    throw std::invalid_argument(
        "population gradient: must be of the squared or the correlation loss");
}

GaussianGradient::GaussianGradient(const Task& task, const Network& network, Eigen::Index hidden)
    : squared_(network.loss == Loss::squared),
      average_(network.activation, 2),
      weights_(checked_lattice(task, network), hidden),
      Q_(hidden, hidden),
      W_(hidden, hidden) {
  for (const TaskClass& c : task) terms_.push_back({c.label, c.probability, c.input.spectrum()});
}

void GaussianGradient::operator()(const Parameters& at, Parameters& out) {
  weights_.load(at);
  weights_.start_sum();
  out.values.setZero();
  for (const ClassTerm& term : terms_) {
    weights_.covariances(term.spectrum, Q_);
    add_class(term, at, out);
    weights_.add_filtered(W_, term.spectrum);
  }
  weights_.add_sum_to(out);
}

double GaussianGradient::loss(const Parameters& at) {
  weights_.load(at);
  double loss = 0.0;
  for (const ClassTerm& term : terms_) {
    weights_.covariances(term.spectrum, Q_);
    loss += term.probability * class_loss(term, at);
  }
  return loss;
}

// (Eq. 63).
double GaussianGradient::class_loss(const ClassTerm& term, const Parameters& at) {
  const auto v = at.second();
  const double y = term.label;
  double loss = squared_ ? 0.5 * y * y : 0.0;
  NeuronAverages a{};
  PairAverages A;
  for (Eigen::Index k = 0; k < v.size(); ++k) {
    average_(neuron(at, k), a);
    loss -= y * v[k] * a[0];
    for (Eigen::Index l = 0; squared_ && l <= k; ++l) {
      average_(neuron(at, k), neuron(at, l), Q_(k, l), A);
      loss += (l == k ? 0.5 : 1.0) * v[k] * v[l] * A(0, 0);
    }
  }
  return loss;
}

// (Eq. 64, 65): biases and second layer into `out`, and W.
void GaussianGradient::add_class(const ClassTerm& term, const Parameters& at, Parameters& out) {
  const auto v = at.second();
  const double p = term.probability, y = term.label;
  W_.setZero();
  NeuronAverages a{};
  for (Eigen::Index k = 0; k < v.size(); ++k) {
    average_(neuron(at, k), a);
    W_(k, k) -= p * y * v[k] * a[2];
    out.bias()[k] -= p * y * v[k] * a[1];
    out.second()[k] -= p * y * a[0];
  }
  if (!squared_) return;
  PairAverages A;
  for (Eigen::Index k = 0; k < v.size(); ++k)
    for (Eigen::Index l = 0; l <= k; ++l) {
      average_(neuron(at, k), neuron(at, l), Q_(k, l), A);
      const double p_vv = p * v[k] * v[l];
      W_(k, k) += p_vv * A(2, 0);
      W_(k, l) += p_vv * A(1, 1);
      out.bias()[k] += p_vv * A(1, 0);
      out.second()[k] += p * v[l] * A(0, 0);
      if (l == k) continue;
      W_(l, l) += p_vv * A(0, 2);
      W_(l, k) += p_vv * A(1, 1);
      out.bias()[l] += p_vv * A(0, 1);
      out.second()[l] += p * v[k] * A(0, 0);
    }
}

}  // namespace popflow

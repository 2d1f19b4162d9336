#include "popflow/flow/gaussian_gradient.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "popflow/flow/basis_weights.hpp"
#include "popflow/lattice/scratch.hpp"
#include "popflow/network/checks.hpp"

namespace popflow {

namespace {

PreActivation neuron(const Parameters& at, const Eigen::MatrixXd& Q, Eigen::Index k) {
  return {Q(k, k), at.bias()[k]};
}

Eigen::Index checked_neurons(Eigen::Index hidden) {
  if (hidden < 1)
    throw std::invalid_argument(fmt::format("{} neurons: must be at least 1", hidden));
  return hidden;
}

// Closed forms are known for fully connected networks and these losses only.
const Torus& checked_lattice(const Task& task, const Network& network) {
  const Torus& torus = check_task(task);
  check_activation(network.activation);
  if (network.convolution)
    throw std::invalid_argument("population gradient: must be of a fully connected network");
  if (network.loss != Loss::squared && network.loss != Loss::correlation)
    throw std::invalid_argument(
        "population gradient: must be of the squared or the correlation loss");
  return torus;
}

}  // namespace

GaussianGradient::GaussianGradient(const Task& task, const Network& network, Eigen::Index hidden)
    : squared_(network.loss == Loss::squared),
      hidden_(checked_neurons(hidden)),
      average_(network.activation, 2),
      basis_(checked_lattice(task, network)) {
  for (const TaskClass& c : task)
    terms_.push_back({c.label, c.probability, basis_.diagonal(c.input.spectrum())});
}

void GaussianGradient::operator()(const Parameters& at, Parameters& out) const {
  Scratch scratch;
  const Eigen::Index N = torus().sites(), K = hidden_;
  Eigen::MatrixXd &u = scratch.matrix(N, K), &Cu = scratch.matrix(N, K),
                  &sum = scratch.matrix(N, K), &Q = scratch.matrix(K, K), &W = scratch.matrix(K, K);
  load_weights(basis_, at, u);
  sum.setZero();
  out.values.setZero();
  for (const ClassTerm& term : terms_) {
    Cu = term.C.asDiagonal() * u;
    Q.noalias() = u.transpose().lazyProduct(Cu);
    add_class(term, at, Q, W, out);
    sum.noalias() += Cu.lazyProduct(W.transpose());
  }
  add_to_first_layer(basis_, sum, out);
}

double GaussianGradient::loss(const Parameters& at) const {
  Scratch scratch;
  const Eigen::Index N = torus().sites(), K = hidden_;
  Eigen::MatrixXd &u = scratch.matrix(N, K), &Cu = scratch.matrix(N, K), &Q = scratch.matrix(K, K);
  load_weights(basis_, at, u);
  double loss = 0.0;
  for (const ClassTerm& term : terms_) {
    Cu = term.C.asDiagonal() * u;
    Q.noalias() = u.transpose().lazyProduct(Cu);
    loss += term.probability * class_loss(term, at, Q);
  }
  return loss;
}

// (Eq. 63).
double GaussianGradient::class_loss(const ClassTerm& term, const Parameters& at,
                                    const Eigen::MatrixXd& Q) const {
  const auto v = at.second();
  const double y = term.label;
  double loss = squared_ ? 0.5 * y * y : 0.0;
  SingleAverages a{};
  PairAverages A;
  for (Eigen::Index k = 0; k < v.size(); ++k) {
    average_(neuron(at, Q, k), a);
    loss -= y * v[k] * a[0];
    for (Eigen::Index l = 0; squared_ && l <= k; ++l) {
      average_(neuron(at, Q, k), neuron(at, Q, l), Q(k, l), A);
      loss += (l == k ? 0.5 : 1.0) * v[k] * v[l] * A(0, 0);
    }
  }
  return loss;
}

// (Eq. 64, 65): biases and second layer into `out`, and W.
void GaussianGradient::add_class(const ClassTerm& term, const Parameters& at,
                                 const Eigen::MatrixXd& Q, Eigen::MatrixXd& W,
                                 Parameters& out) const {
  const auto v = at.second();
  const double p = term.probability, y = term.label;
  W.setZero();
  SingleAverages a{};
  for (Eigen::Index k = 0; k < v.size(); ++k) {
    average_(neuron(at, Q, k), a);
    W(k, k) -= p * y * v[k] * a[2];
    out.bias()[k] -= p * y * v[k] * a[1];
    out.second()[k] -= p * y * a[0];
  }
  if (!squared_) return;
  PairAverages A;
  for (Eigen::Index k = 0; k < v.size(); ++k)
    for (Eigen::Index l = 0; l <= k; ++l) {
      average_(neuron(at, Q, k), neuron(at, Q, l), Q(k, l), A);
      const double p_vv = p * v[k] * v[l];
      W(k, k) += p_vv * A(2, 0);
      W(k, l) += p_vv * A(1, 1);
      out.bias()[k] += p_vv * A(1, 0);
      out.second()[k] += p * v[l] * A(0, 0);
      if (l == k) continue;
      W(l, l) += p_vv * A(0, 2);
      W(l, k) += p_vv * A(1, 1);
      out.bias()[l] += p_vv * A(0, 1);
      out.second()[l] += p * v[k] * A(0, 0);
    }
}

}  // namespace popflow

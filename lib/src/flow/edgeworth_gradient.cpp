#include "popflow/flow/edgeworth_gradient.hpp"

#include <algorithm>
#include <utility>

#include "popflow/flow/basis_weights.hpp"

namespace popflow {

namespace {

// Binomial coefficients: the number of multi-indices a, b, c, d that contain k m times.
constexpr std::array<double, 5> binomial{1.0, 4.0, 6.0, 4.0, 1.0};

// sum_m binomial(m) kappa_m A(m + i, 4 - m + j): the average of the correction, differentiated i
// times with respect to b_k and j times with respect to b_l (Eq. 67).
double corrected(const std::array<double, 5>& kappa, const PairAverages& A, int i, int j) {
  double sum = 0.0;
  for (int m = 0; m <= 4; ++m) {
    const auto at = static_cast<std::size_t>(m);
    sum += binomial[at] * kappa[at] * A(m + i, 4 - m + j);
  }
  return sum;
}

PreActivation pre_activation(const Parameters& at, const Eigen::MatrixXd& Q, Eigen::Index k) {
  return {Q(k, k), at.bias()[k]};
}

}  // namespace

EdgeworthGradient::EdgeworthGradient(const Task& task, const Network& network, Eigen::Index hidden,
                                     std::vector<CumulantOperator> cumulants)
    : squared_(network.loss == Loss::squared),
      hidden_(hidden),
      gaussian_(task, network, hidden),
      average_(network.activation, 6),
      basis_(lattice_of(task)),
      terms_(cumulant_terms(task, std::move(cumulants))) {}

EdgeworthGradient::Work EdgeworthGradient::work(Scratch& scratch) const {
  const Eigen::Index N = torus().sites(), K = hidden_;
  return {scratch.matrix(N, K), scratch.matrix(N, K), scratch.matrix(N, K), scratch.matrix(N, K),
          scratch.matrix(K, K), scratch.matrix(K, K), scratch.field(N),     scratch.field(N)};
}

void EdgeworthGradient::operator()(const Parameters& at, Parameters& out) const {
  gaussian_(at, out);
  add_correction(at, out);
}

// (Eq. 116), the derivative by central differences.
double EdgeworthGradient::neglected_terms(const Parameters& at) const {
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

void EdgeworthGradient::add_correction(const Parameters& at, Parameters& out) const {
  Scratch scratch;
  Work own = work(scratch);
  load_weights(basis_, at, own.u);
  own.sum.setZero();
  for (const CumulantTerm& term : terms_) {
    load_class(term, own);
    add_class(term, at, own, out);
    own.sum.noalias() += own.Cu.lazyProduct(own.W.transpose());
  }
  add_to_first_layer(basis_, own.sum, out);
}

double EdgeworthGradient::loss(const Parameters& at) const {
  Scratch scratch;
  Work own = work(scratch);
  load_weights(basis_, at, own.u);
  double loss = gaussian_.loss(at);
  for (const CumulantTerm& term : terms_) {
    load_class(term, own);
    loss += term.probability / 24.0 * class_loss(term, at, own);
  }
  return loss;
}

void EdgeworthGradient::load_class(const CumulantTerm& term, Work& work) const {
  work.Cu = term.C.asDiagonal() * work.u;
  work.Q.noalias() = work.u.transpose().lazyProduct(work.Cu);
  for (Eigen::Index k = 0; k < hidden_; ++k)
    term.contract(basis_, work.u.col(k), work.cubes.col(k));
}

// Leaves kappa[u_k, u_k, u_l] of different neurons in work.kkl.
EdgeworthGradient::PairCumulants EdgeworthGradient::pair_cumulants(const CumulantTerm& term,
                                                                   Eigen::Index k, Eigen::Index l,
                                                                   Work& work) const {
  const auto u_k = work.u.col(k), u_l = work.u.col(l);
  const auto cube_k = work.cubes.col(k), cube_l = work.cubes.col(l);
  PairCumulants kappa;
  if (k == l) {
    kappa.fill(u_k.dot(cube_k));
    return kappa;
  }
  term.contract(basis_, u_k, u_k, u_l, work.kkl);
  return {u_l.dot(cube_l), u_k.dot(cube_l), u_l.dot(work.kkl), u_l.dot(cube_k), u_k.dot(cube_k)};
}

// 24 times the correction (Eq. 67).
double EdgeworthGradient::class_loss(const CumulantTerm& term, const Parameters& at,
                                     Work& work) const {
  const auto v = at.second();
  double loss = 0.0;
  SingleAverages a{};
  PairAverages A;
  for (Eigen::Index k = 0; k < v.size(); ++k) {
    const PreActivation of_k = pre_activation(at, work.Q, k);
    average_(of_k, a);
    loss -= term.label * v[k] * work.u.col(k).dot(work.cubes.col(k)) * a[4];
    for (Eigen::Index l = 0; squared_ && l <= k; ++l) {
      average_(of_k, pre_activation(at, work.Q, l), work.Q(k, l), A);
      loss +=
          (l == k ? 0.5 : 1.0) * v[k] * v[l] * corrected(pair_cumulants(term, k, l, work), A, 0, 0);
    }
  }
  return loss;
}

void EdgeworthGradient::add_class(const CumulantTerm& term, const Parameters& at, Work& work,
                                  Parameters& out) const {
  work.W.setZero();
  for (Eigen::Index k = 0; k < hidden_; ++k) {
    add_neuron(term, k, at, work, out);
    for (Eigen::Index l = 0; squared_ && l <= k; ++l) add_pair(term, {k, l}, at, work, out);
  }
}

// The terms in -y phi (Eq. 68).
void EdgeworthGradient::add_neuron(const CumulantTerm& term, Eigen::Index k, const Parameters& at,
                                   Work& work, Parameters& out) const {
  SingleAverages a{};
  average_(pre_activation(at, work.Q, k), a);
  const double kappa = work.u.col(k).dot(work.cubes.col(k));
  const double by_v = -term.probability * term.label / 24.0, factor = by_v * at.second()[k];
  work.sum.col(k) += 4.0 * factor * a[4] * work.cubes.col(k);
  work.W(k, k) += factor * kappa * a[6];
  out.bias()[k] += factor * kappa * a[5];
  out.second()[k] += by_v * kappa * a[4];
}

// The terms in phi^2 / 2 (Eq. 69).
void EdgeworthGradient::add_pair(const CumulantTerm& term, std::array<Eigen::Index, 2> pair,
                                 const Parameters& at, Work& work, Parameters& out) const {
  const auto [k, l] = pair;
  PairAverages A;
  average_(pre_activation(at, work.Q, k), pre_activation(at, work.Q, l), work.Q(k, l), A);
  const PairCumulants kappa = pair_cumulants(term, k, l, work);
  const auto cube_k = work.cubes.col(k), cube_l = work.cubes.col(l);
  auto sum_k = work.sum.col(k), sum_l = work.sum.col(l);
  const double p = term.probability / 24.0, v_k = at.second()[k], v_l = at.second()[l];
  const double factor = p * v_k * v_l;
  work.W(k, k) += factor * corrected(kappa, A, 2, 0);
  work.W(k, l) += factor * corrected(kappa, A, 1, 1);
  out.bias()[k] += factor * corrected(kappa, A, 1, 0);
  out.second()[k] += p * v_l * corrected(kappa, A, 0, 0);
  if (k == l) {
    sum_k += factor * (4.0 * A(4, 0) + 12.0 * A(3, 1) + 12.0 * A(2, 2) + 4.0 * A(1, 3)) * cube_k;
    return;
  }
  work.W(l, l) += factor * corrected(kappa, A, 0, 2);
  work.W(l, k) += factor * corrected(kappa, A, 1, 1);
  out.bias()[l] += factor * corrected(kappa, A, 0, 1);
  out.second()[l] += p * v_k * corrected(kappa, A, 0, 0);

  term.contract(basis_, work.u.col(l), work.u.col(l), work.u.col(k), work.kll);
  sum_k += factor * (4.0 * A(4, 0) * cube_k + 12.0 * A(3, 1) * work.kkl +
                     12.0 * A(2, 2) * work.kll + 4.0 * A(1, 3) * cube_l);
  sum_l += factor * (4.0 * A(3, 1) * cube_k + 12.0 * A(2, 2) * work.kkl +
                     12.0 * A(1, 3) * work.kll + 4.0 * A(0, 4) * cube_l);
}

}  // namespace popflow

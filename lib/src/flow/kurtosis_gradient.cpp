#include "popflow/flow/kurtosis_gradient.hpp"

#include <algorithm>
#include <utility>

#include "popflow/lattice/scratch.hpp"

#include "flow/kurtosis_closure.hpp"
#include "flow/one_neuron.hpp"

namespace popflow {

KurtosisGradient::KurtosisGradient(const Task& task, const Network& network,
                                   std::vector<CumulantOperator> cumulants)
    : basis_(lattice_of_one_neuron(task, network)), activation_(network.activation) {
  for (CumulantTerm& moments : cumulant_terms(task, std::move(cumulants))) {
    const double label = moments.label;
    terms_.push_back({std::move(moments), NeuronAverage(activation_, network.loss, label)});
  }
}

void KurtosisGradient::operator()(const Parameters& at, Parameters& out) const {
  check_shape(at, 1, torus().sites());
  Scratch scratch;
  const Eigen::Index N = at.sites();
  Field &u = scratch.field(N), &sum = scratch.field(N);
  basis_.from_sites(at.values.head(N), u);
  sum.setZero();
  out.values.setZero();
  for (const ClassTerm& term : terms_) add(term, u, at, sum, out);
  basis_.to_sites(sum, out.values.head(N));
}

// (Eq. 81), in the real Fourier basis.
void KurtosisGradient::add(const ClassTerm& term, const Field& u, const Parameters& at, Field& sum,
                           Parameters& out) const {
  // Below, Q^2 would underflow.
  constexpr double least = 1e-100;
  const auto& [label, p, C, cumulant] = term.moments;
  Scratch scratch;
  Field &Cu = scratch.field(u.size()), &cube = scratch.field(u.size());
  Cu = C.cwiseProduct(u);
  const double Q = std::max(u.dot(Cu), 0.0);
  double e = 0.0;
  term.moments.contract(basis_, u, cube);
  if (Q > std::max(least, cubic_variance(activation_, at.bias()[0]))) e = u.dot(cube) / (Q * Q);
  const KurtosisClosure closure =
      kurtosis_closure(term.average, at.bias()[0], at.second()[0], Q, e);
  sum += p * (closure.linear - e * Q * closure.cubic) * Cu;
  if (Q > least) sum += p * closure.cubic * cube;
  out.bias()[0] += p * closure.f;
  out.second()[0] += p * closure.second;
}

}  // namespace popflow

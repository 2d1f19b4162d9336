#include "popflow/flow/kurtosis_gradient.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"

#include "flow/kurtosis_closure.hpp"
#include "flow/one_neuron.hpp"

namespace popflow {

KurtosisGradient::KurtosisGradient(const Task& task, const Network& network,
                                   std::vector<CumulantOperator> cumulants)
    : fourier_(lattice_of_one_neuron(task, network)),
      activation_(network.activation),
      multiplicity_(mode_multiplicity(fourier_.torus())),
      u_(fourier_.torus().half_modes()),
      product_(u_.size()),
      cube_(u_.size()),
      sites_(fourier_.torus().sites()) {
  if (cumulants.size() != task.size())
    throw std::invalid_argument(fmt::format("{} cumulant operators for {} classes: must be as many",
                                            cumulants.size(), task.size()));
  for (std::size_t c = 0; c < task.size(); ++c) {
    if (!(cumulants[c].torus() == fourier_.torus()))
      throw std::invalid_argument("cumulant operator: must live on the task's lattice");
    terms_.push_back({task[c].probability, task[c].input.spectrum(), std::move(cumulants[c]),
                      NeuronAverage(network.activation, network.loss, task[c].label)});
  }
}

void KurtosisGradient::operator()(const Parameters& at, Parameters& out) {
  check_one_neuron(fourier_.torus(), at);
  fourier_.forward(at.values.head(at.sites()), u_);
  out.values.setZero();
  for (ClassTerm& term : terms_) add(term, at, out);
}

// (Eq. 81), in Fourier space.
void KurtosisGradient::add(ClassTerm& term, const Parameters& at, Parameters& out) {
  // Below, Q^2 would underflow.
  constexpr double least = 1e-100;
  const int sites = fourier_.torus().sites();
  product_ = term.spectrum.array() * u_.array();
  const double Q = std::max(inner_product(multiplicity_, sites, u_, product_), 0.0);
  double e = 0.0;
  term.cumulant.contract(u_, cube_);
  if (Q > std::max(least, cubic_variance(activation_, at.bias()[0])))
    e = inner_product(multiplicity_, sites, u_, cube_) / (Q * Q);
  const KurtosisClosure closure =
      kurtosis_closure(term.average, at.bias()[0], at.second()[0], Q, e);
  product_ *= closure.linear - e * Q * closure.cubic;
  if (Q > least) product_ += closure.cubic * cube_;
  fourier_.backward(product_, sites_);
  out.values.head(sites) += term.probability * sites_;
  out.bias()[0] += term.probability * closure.f;
  out.second()[0] += term.probability * closure.second;
}

}  // namespace popflow

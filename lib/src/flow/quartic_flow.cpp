#include "popflow/flow/quartic_flow.hpp"

#include <utility>

#include "popflow/lattice/scratch.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "flow/kurtosis_closure.hpp"
#include "flow/one_neuron.hpp"

namespace popflow {

namespace {

std::vector<CumulantOperator> exact_cumulants(const Task& task, double truncation) {
  check_task(task);
  std::vector<CumulantOperator> cumulants;
  for (const TaskClass& c : task) cumulants.push_back(exact_cumulant(c.input, truncation));
  return cumulants;
}

Parameters fixed_parameters(const Torus& torus, const Neuron& neuron) {
  return parameters_of(neuron, Weights::Zero(1, torus.sites()));
}

}  // namespace

Field growth_rate(const Task& task, const Neuron& neuron, Loss loss) {
  Field mu = Field::Zero(check_task(task).half_modes());
  for (const TaskClass& c : task)
    mu -= c.probability * quartic_expansion(neuron, loss, c.label).A2 *
          c.input.spectrum();  // (Eq. 21)
  return mu;
}

QuarticFlow::QuarticFlow(const Task& task, const Neuron& neuron, Loss loss,
                         std::vector<CumulantOperator> cumulants)
    : neuron_(neuron),
      space_(check_task(task), fixed_parameters(lattice_of(task), neuron), false, false) {
  for (CumulantTerm& moments : cumulant_terms(task, std::move(cumulants))) {
    const auto [A2, A4] = quartic_expansion(neuron, loss, moments.label);
    const double p = moments.probability, label = moments.label;
    terms_.push_back(
        {std::move(moments), p * A2, p * A4, NeuronAverage(neuron.activation, loss, label)});
  }
}

QuarticFlow::QuarticFlow(const Task& task, const Neuron& neuron, Loss loss, double truncation)
    : QuarticFlow(task, neuron, loss, exact_cumulants(task, truncation)) {}

void QuarticFlow::evaluate(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double) const {
  Scratch scratch;
  Field &Cu = scratch.field(u.size()), &cube = scratch.field(u.size());
  dudt.setZero(u.size());
  for (const ClassTerm& term : terms_) {
    Cu = term.moments.C.cwiseProduct(u);
    term.moments.contract(space_.basis(), u, cube);
    const double Q = u.dot(Cu);
    dudt -= (term.p_A2 + 0.5 * term.p_A4 * Q) * Cu + term.p_A4 / 6.0 * cube;  // (Eq. 20)
  }
}

double QuarticFlow::potential(const State& w) const {
  space_.check(w);
  Scratch scratch;
  const Eigen::VectorXd& u = w.values();
  Field& cube = scratch.field(u.size());
  double loss = 0.0;
  for (const ClassTerm& term : terms_) {
    const double Q = u.dot(term.moments.C.cwiseProduct(u));
    term.moments.contract(space_.basis(), u, cube);
    loss += 0.5 * term.p_A2 * Q + term.p_A4 / 24.0 * (3.0 * Q * Q + u.dot(cube));  // (Eq. 18)
  }
  return loss;
}

// The first and third order of the gradient in u, and its rest under the kurtosis closure (Eq.
// 115).
double QuarticFlow::neglected_terms(const State& w) const {
  space_.check(w);
  Scratch scratch;
  const Eigen::VectorXd& u = w.values();
  const Eigen::Index N = u.size();
  Field &Cu = scratch.field(N), &cube = scratch.field(N), &first = scratch.field(N),
        &third = scratch.field(N), &rest = scratch.field(N);
  first.setZero();
  third.setZero();
  rest.setZero();
  for (const ClassTerm& term : terms_) {
    const double p = term.moments.probability;
    Cu = term.moments.C.cwiseProduct(u);
    term.moments.contract(space_.basis(), u, cube);
    const double Q = u.dot(Cu);
    // As in KurtosisGradient: 0 for weights so small that f is a cubic polynomial to rounding.
    const bool cubic = Q <= cubic_variance(neuron_.activation, neuron_.bias);
    const double e = cubic ? 0.0 : u.dot(cube) / (Q * Q);
    const KurtosisClosure whole =
        kurtosis_closure(term.average, neuron_.bias, neuron_.second_layer, Q, e);
    const double linear = p * (whole.linear - e * Q * whole.cubic);
    first += term.p_A2 * Cu;
    third += 0.5 * term.p_A4 * Q * Cu + term.p_A4 / 6.0 * cube;
    rest += (linear - term.p_A2 - 0.5 * term.p_A4 * Q) * Cu +
            (p * whole.cubic - term.p_A4 / 6.0) * cube;
  }
  const double neglected = rest.norm(), kept = first.norm() + third.norm();
  return neglected == 0.0 ? 0.0 : neglected / kept;
}

}  // namespace popflow

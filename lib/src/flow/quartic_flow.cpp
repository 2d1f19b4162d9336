#include "popflow/flow/quartic_flow.hpp"

#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/interruptible.hpp"
#include "popflow/moments/zero_cumulant.hpp"

#include "flow/kurtosis_closure.hpp"

namespace popflow {

namespace {

// While it is transformed, a table needs its own memory once more, and a little.
constexpr std::size_t most_table_bytes = std::size_t{1} << 30;

std::vector<CumulantOperator> exact_cumulants(const Task& task, double truncation) {
  std::vector<CumulantOperator> cumulants;
  for (const TaskClass& c : task) cumulants.push_back(exact_cumulant(c.input, truncation));
  return cumulants;
}

// The excess kurtosis of lambda; 0 of weights so small that f is as good as a cubic polynomial.
double kurtosis_of(double Q, double kappa4) {
  constexpr double smooth = 1e-7;
  return Q > smooth ? kappa4 / (Q * Q) : 0.0;
}

const Task& checked(const Task& task) {
  check_task(task);
  return task;
}

}  // namespace

Field growth_rate(const Task& task, const Neuron& neuron, Loss loss) {
  check_task(task);
  Field mu = Field::Zero(lattice_of(task).half_modes());
  for (const TaskClass& c : task)
    mu -= c.probability * quartic_expansion(neuron, loss, c.label).A2 * c.input.spectrum();
  return mu;
}

CumulantOperator exact_cumulant(const Input& input, double truncation,
                                const std::function<bool()>& interrupted) {
  if (input.is_gaussian()) return ZeroCumulant(input.torus());
  if (std::optional<CumulantOperator> own = input.cumulant_operator()) return *own;
  const FourthCumulant kappa = interruptible(fourth_cumulant(input), interrupted);
  const CumulantTable table(kappa, most_table_bytes);
  if (interrupted && interrupted()) return ZeroCumulant(input.torus());  // the transform takes long
  return BandLimitedCumulant(table, truncation);
}

QuarticFlow::QuarticFlow(const Task& task, const Neuron& neuron, Loss loss,
                         std::vector<CumulantOperator> cumulants)
    : torus_(lattice_of(checked(task))),
      neuron_(neuron),
      multiplicity_(mode_multiplicity(torus_)),
      u_(torus_.half_modes()),
      kappa_(torus_.half_modes()),
      first_(torus_.half_modes()),
      third_(torus_.half_modes()),
      rest_(torus_.half_modes()),
      rate_(torus_.half_modes()) {
  if (cumulants.size() != task.size())
    throw std::invalid_argument(fmt::format("{} cumulant operators for {} classes: must be as many",
                                            cumulants.size(), task.size()));
  for (std::size_t c = 0; c < task.size(); ++c) {
    if (!(cumulants[c].torus() == torus_))
      throw std::invalid_argument("cumulant operator: must live on the task's lattice");
    const auto [A2, A4] = quartic_expansion(neuron, loss, task[c].label);
    const double p = task[c].probability;
    terms_.push_back({p, p * A2, p * A4, task[c].input.spectrum(), std::move(cumulants[c]),
                      NeuronAverage(neuron.activation, loss, task[c].label)});
  }
}

QuarticFlow::QuarticFlow(const Task& task, const Neuron& neuron, Loss loss, double truncation)
    : QuarticFlow(task, neuron, loss, exact_cumulants(checked(task), truncation)) {}

// The state's spectrum, real in space to the last bit: what rounding leaves of an imaginary field
// would grow by itself wherever the flow is unstable.
void QuarticFlow::load(const Eigen::VectorXd& w) {
  u_ = spectrum_view(w, torus_.half_modes());
  make_hermitian(torus_, u_);
}

double QuarticFlow::norm(const Spectrum& field) const {
  return std::sqrt(inner_product(multiplicity_, torus_.sites(), field, field));
}

double QuarticFlow::variance(const ClassTerm& term) const {
  return (multiplicity_.array() * term.spectrum.array() * u_.array().abs2()).sum() / torus_.sites();
}

void QuarticFlow::operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
  load(w);
  auto dudt = spectrum_view(dwdt, torus_.half_modes());
  dudt.setZero();
  rate_.setZero();
  for (ClassTerm& term : terms_) {
    term.cumulant.contract(u_, kappa_);
    dudt -= term.p_A4 / 6.0 * kappa_;
    rate_ -= (term.p_A2 + 0.5 * term.p_A4 * variance(term)) * term.spectrum;
  }
  dudt.array() += rate_.array() * u_.array();
}

double QuarticFlow::potential(const Eigen::VectorXd& w) {
  load(w);
  double loss = 0.0;
  for (ClassTerm& term : terms_) {
    const double Q = variance(term);
    term.cumulant.contract(u_, kappa_);
    const double kappa4 = inner_product(multiplicity_, torus_.sites(), u_, kappa_);
    loss += 0.5 * term.p_A2 * Q + term.p_A4 / 24.0 * (3.0 * Q * Q + kappa4);
  }
  return loss;
}

// The gradient's first and third order in u, and the rest of it under the kurtosis closure.
double QuarticFlow::neglected_terms(const Eigen::VectorXd& w) {
  load(w);
  first_.setZero();
  third_.setZero();
  rest_.setZero();
  for (ClassTerm& term : terms_) {
    term.cumulant.contract(u_, kappa_);
    const double Q = variance(term);
    const double e = kurtosis_of(Q, inner_product(multiplicity_, torus_.sites(), u_, kappa_));
    const KurtosisClosure whole =
        kurtosis_closure(term.average, neuron_.bias, neuron_.second_layer, Q, e);
    const double linear = term.probability * (whole.linear - e * Q * whole.cubic);
    const double by_kappa = term.probability * whole.cubic - term.p_A4 / 6.0;
    rate_ = term.p_A2 * term.spectrum;
    first_.array() += rate_.array() * u_.array();
    rate_ = 0.5 * term.p_A4 * Q * term.spectrum;
    third_.array() += rate_.array() * u_.array();
    third_ += term.p_A4 / 6.0 * kappa_;
    rate_ = (linear - term.p_A2 - 0.5 * term.p_A4 * Q) * term.spectrum;
    rest_.array() += rate_.array() * u_.array();
    rest_ += by_kappa * kappa_;
  }
  const double neglected = norm(rest_), kept = norm(first_) + norm(third_);
  return neglected == 0.0 ? 0.0 : neglected / kept;
}

}  // namespace popflow

#include "popflow/flow/quartic_flow.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/interruptible.hpp"
#include "popflow/moments/zero_cumulant.hpp"

namespace popflow {

namespace {

// While it is transformed, a table needs its own memory once more, and a little.
constexpr std::size_t most_table_bytes = std::size_t{1} << 30;

std::vector<CumulantOperator> exact_cumulants(const Task& task, double truncation) {
  std::vector<CumulantOperator> cumulants;
  for (const TaskClass& c : task) cumulants.push_back(exact_cumulant(c.input, truncation));
  return cumulants;
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
      multiplicity_(mode_multiplicity(torus_)),
      u_(torus_.half_modes()),
      kappa_(torus_.half_modes()),
      rate_(torus_.half_modes()) {
  if (cumulants.size() != task.size())
    throw std::invalid_argument(fmt::format("{} cumulant operators for {} classes: must be as many",
                                            cumulants.size(), task.size()));
  for (std::size_t c = 0; c < task.size(); ++c) {
    if (!(cumulants[c].torus() == torus_))
      throw std::invalid_argument("cumulant operator: must live on the task's lattice");
    const auto [A2, A4] = quartic_expansion(neuron, loss, task[c].label);
    terms_.push_back({task[c].probability * A2, task[c].probability * A4, task[c].input.spectrum(),
                      std::move(cumulants[c])});
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

}  // namespace popflow

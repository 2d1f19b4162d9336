#include "result.hpp"

#include <algorithm>
#include <limits>

namespace ledger {

namespace {

template <class ErrorAt>
Errors errors_of(const Reference& reference, const ErrorAt& error_at) {
  Errors errors;
  for (std::size_t n = 1; n < reference.time.size(); ++n) {
    errors.all.push_back(error_at(n, Neurons::all));
    errors.negative_bias.push_back(error_at(n, Neurons::negative_bias));
  }
  return errors;
}

}  // namespace

double Errors::worst(Neurons neurons) const {
  const std::vector<double>& of = neurons == Neurons::all ? all : negative_bias;
  return *std::max_element(of.begin(), of.end());
}

const Row* Result::row(const Closure& closure) const {
  const auto found = std::find_if(rows.begin(), rows.end(), [&closure](const Row& row) {
    return row.closure.name() == closure.name();
  });
  return found == rows.end() ? nullptr : &*found;
}

Result measured(const Entry& entry) {
  const popflow::Experiment& experiment = entry.experiment;
  Result result{entry, orbit_average(experiment), {}, transform_seconds(experiment), {}};
  const Reference& reference = result.reference;
  result.standard_errors = errors_of(reference, [&](std::size_t n, Neurons neurons) {
    return standard_error(experiment, reference, n, neurons);
  });
  for (const Closure& closure : all_closures()) {
    if (closure.latents > entry.most_latents) continue;
    const auto run = run_closure(experiment, closure);
    if (!run) continue;
    const Fields& fields = run->fields;
    result.rows.push_back({closure, *run, errors_of(reference, [&](std::size_t n, Neurons neurons) {
                             return n < fields.size()
                                        ? relative_error(experiment, reference, fields, n, neurons)
                                        : std::numeric_limits<double>::infinity();
                           })});
  }
  return result;
}

}  // namespace ledger

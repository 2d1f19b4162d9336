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

const Row* Result::row(const Rung& rung) const {
  const auto found = std::find_if(
      rows.begin(), rows.end(), [&rung](const Row& row) { return row.rung.name() == rung.name(); });
  return found == rows.end() ? nullptr : &*found;
}

Result measured(const Entry& entry) {
  const popflow::Experiment& experiment = entry.experiment;
  Result result{entry, orbit_average(experiment), {}, transform_seconds(experiment), {}};
  const Reference& reference = result.reference;
  result.standard_errors = errors_of(reference, [&](std::size_t n, Neurons neurons) {
    return standard_error(experiment, reference, n, neurons);
  });
  for (const Rung& rung : all_rungs()) {
    if (rung.latents > entry.most_latents) continue;
    const auto climbed = climb(experiment, rung);
    if (!climbed) continue;
    const Fields& fields = climbed->fields;
    result.rows.push_back(
        {rung, *climbed, errors_of(reference, [&](std::size_t n, Neurons neurons) {
           return n < fields.size() ? relative_error(experiment, reference, fields, n, neurons)
                                    : std::numeric_limits<double>::infinity();
         })});
  }
  return result;
}

}  // namespace ledger

#include "popflow/run/neglected_terms.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "popflow/flow/expansion.hpp"

namespace popflow {

namespace {

std::string kinds_without_expansion(const Experiment& experiment) {
  const bool pointwise =
      std::all_of(experiment.task.begin(), experiment.task.end(),
                  [](const TaskClass& c) { return c.input.pointwise().has_value(); });
  return pointwise ? "\"latent\" and \"orbit\" do" : "\"orbit\" does";
}

}  // namespace

std::string neglected_terms_message(const Experiment& experiment, const std::vector<double>& time,
                                    const std::vector<double>& neglected_terms) {
  const auto too_large = [](double terms) { return terms > largest_neglected_terms; };
  const auto first = std::find_if(neglected_terms.begin(), neglected_terms.end(), too_large);
  if (first == neglected_terms.end()) return {};
  const auto at = static_cast<std::size_t>(first - neglected_terms.begin());
  const double largest = *std::max_element(first, neglected_terms.end());
  return fmt::format(
      "flow.kind = \"{}\" neglects terms up to {:.2g} times those that it keeps (above {:g} from "
      "tau = {:.4g} on): the weights may be off by as much or more; flow.kind = {} not expand",
      flow_spec(experiment).kind, largest, largest_neglected_terms, time[at],
      kinds_without_expansion(experiment));
}

}  // namespace popflow

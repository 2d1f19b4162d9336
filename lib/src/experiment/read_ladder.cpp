#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "popflow/experiment/decomposition.hpp"
#include "popflow/experiment/ladder_results.hpp"
#include "popflow/experiment/results.hpp"

#include "experiment/results_file.hpp"

namespace popflow {

namespace {

using Numbers = std::vector<double>;

template <class Value>
Value count(double number) {
  return number >= 0.0 && number < 9e15 ? static_cast<Value>(number) : Value{0};
}

void read_rows(const ResultsFile& file, Ladder& ladder) {
  const std::vector<std::string> names = file.strings("kind", {"kind"}),
                                 reasons = file.strings("reason", {"kind"}),
                                 stop_reasons = file.strings("stop_reason", {"kind"});
  const Numbers tau = file.values("tau", {"kind"}), runs = file.values("runs", {"kind"}),
                evaluations = file.values("evaluations", {"kind"}),
                seconds = file.values("seconds", {"kind"});
  for (std::size_t r = 0; r < names.size(); ++r) {
    LadderRow row{names[r], reasons[r], stop_reasons[r]};
    row.tau = tau[r];
    row.runs = std::min(count<int>(runs[r]), 1'000'000);
    row.evaluations = count<std::int64_t>(evaluations[r]);
    row.seconds = seconds[r];
    ladder.rows.push_back(std::move(row));
  }
}

// Snapshots were reached up to the first whose weights are not numbers.
void read_weights(const ResultsFile& file, Ladder& ladder) {
  std::vector<std::string> per_site{"kind", "snapshot", "neuron"};
  for (const std::string& name : file.lattice_dimensions()) per_site.push_back(name);
  const Numbers weights = file.values("weights", per_site),
                ipr = file.values("ipr", {"kind", "snapshot", "neuron"});
  const double* next_weights = weights.data();
  const double* next_ipr = ipr.data();
  for (LadderRow& row : ladder.rows) {
    bool reached = true;
    for (std::size_t n = 0; n < ladder.time.size(); ++n) {
      const Weights u =
          Eigen::Map<const Weights>(next_weights, ladder.hidden, ladder.torus.sites());
      reached = reached && u.allFinite();
      if (reached) {
        row.weights.push_back(u);
        row.ipr.emplace_back(Eigen::Map<const Eigen::VectorXd>(next_ipr, ladder.hidden));
      }
      next_weights += u.size();
      next_ipr += ladder.hidden;
    }
  }
}

// Entry `start`, and then one in `stride`, as many as there are snapshots.
Numbers strided(const Numbers& values, std::size_t start, std::size_t stride, std::size_t count) {
  Numbers result;
  for (std::size_t n = 0; n < count; ++n) result.push_back(values[start + n * stride]);
  return result;
}

struct ErrorVariables {
  Numbers distance, error, standard_error;

  ErrorVariables(const ResultsFile& file, const std::string& prefix,
                 const std::vector<std::string>& dimensions)
      : distance(file.values(prefix + "distance", dimensions)),
        error(file.values(prefix + "error", dimensions)),
        standard_error(file.values(prefix + "standard_error", dimensions)) {}

  LadderErrors at(std::size_t start, std::size_t stride, std::size_t count) const {
    return {strided(distance, start, stride, count), strided(error, start, stride, count),
            strided(standard_error, start, stride, count)};
  }
};

void read_errors(const ResultsFile& file, Ladder& ladder) {
  const std::size_t S = ladder.time.size(), K = static_cast<std::size_t>(ladder.hidden);
  const ErrorVariables population(file, "", {"kind", "snapshot"}),
      aligned(file, "aligned_", {"kind", "snapshot"}), quartic(file, "quartic_", {"snapshot"}),
      neurons(file, "neuron_", {"kind", "snapshot", "neuron"});
  for (std::size_t r = 0; r < ladder.rows.size(); ++r) {
    LadderRow& row = ladder.rows[r];
    row.population = population.at(r * S, 1, S);
    row.aligned = aligned.at(r * S, 1, S);
    for (std::size_t k = 0; k < K; ++k) row.neurons.push_back(neurons.at(r * S * K + k, K, S));
    if (row.name == "sgd quartic") row.quartic = quartic.at(0, 1, S);
  }
}

Ladder ladder_in(const ResultsFile& file) {
  file.require_kind({ladder_kind});
  Ladder ladder;
  ladder.seed = file.integer("seed");
  ladder.torus = file.torus();
  ladder.stop_reason = file.text("stop_reason");
  ladder.time = file.values("time", {"snapshot"});
  if (ladder.time.size() < 2) file.refuse("it has fewer than two snapshots");
  ladder.experiment = file.text("experiment");
  ladder.overrides = file.text("overrides");
  ladder.provenance = file.provenance();
  // Of a size that the variable has, and so the file.
  file.values("neuron_error", {"kind", "snapshot", "neuron"});
  ladder.hidden = static_cast<int>(file.dimension("neuron"));
  read_rows(file, ladder);
  read_weights(file, ladder);
  read_errors(file, ladder);
  if (ladder.rows.empty()) file.refuse("it has no rows");
  const LadderRow& first = ladder.rows.front();
  if (first.name != "population" || first.weights.empty())
    file.refuse("its first row is not the population");
  return ladder;
}

}  // namespace

Ladder read_ladder(const std::string& path) {
  Ladder ladder;
  read_results_file(path, [&](const ResultsFile& file) { ladder = ladder_in(file); });
  return ladder;
}

bool holds_ladder(const std::string& path) { return results_kind(path) == ladder_kind; }

}  // namespace popflow

#include "compare_factors.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/printable.hpp"
#include "popflow/measure/matching.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/decomposition.hpp"

#include "message.hpp"
#include "table.hpp"

namespace popflow {

namespace {

/// The fields that a file holds, and what they are called.
struct FieldSet {
  std::string file, what;
  Torus torus{{1}};
  Weights fields;
  bool factors = false;
};

FieldSet receptive_fields(const std::string& file) {
  const Results results = read_results(file);
  FieldSet set{file,
               results.runs.size() > 1 ? "receptive fields of all runs" : "receptive fields",
               results.torus,
               {},
               false};
  const Eigen::Index neurons = results.neurons();
  set.fields.resize(neurons * static_cast<Eigen::Index>(results.runs.size()), set.torus.sites());
  for (std::size_t r = 0; r < results.runs.size(); ++r)
    set.fields.middleRows(static_cast<Eigen::Index>(r) * neurons, neurons) = results.runs[r].back();
  return set;
}

FieldSet read_fields(const std::string& file) {
  if (!holds_factors(file)) return receptive_fields(file);
  const Decomposition d = read_decomposition(file);
  return {file, fmt::format("factors, {}", d.method), d.torus, d.factors, true};
}

struct Comparison {
  Matching matching;
  Baseline random;
};

// Several receptive fields may be shifts of one factor; of two sets of factors each has its own.
Comparison match(const FieldSet& a, const FieldSet& b) {
  const MatchOptions same{.shift = true, .reflection = true};
  constexpr int trials = 200;
  FourierTransform fourier(a.torus);
  const bool distinct = a.factors && b.factors;
  return {distinct ? best_matching(fourier, a.fields, b.fields, same)
                   : nearest(fourier, a.fields, b.fields, same),
          random_baseline(
              fourier, a.fields, b.fields, same,
              {.partners = distinct ? Partners::distinct : Partners::shared, .trials = trials})};
}

void print_json(const FieldSet& a, const FieldSet& b, const Comparison& comparison) {
  nlohmann::json matches = nlohmann::json::array();
  for (const Match& m : comparison.matching.matches)
    matches.push_back({{"a", m.a},
                       {"b", m.b},
                       {"similarity", m.similarity},
                       {"shift", m.shift},
                       {"sign", m.sign},
                       {"reflected", m.reflected}});
  print_line(nlohmann::json{{"file_a", a.file},
                            {"file_b", b.file},
                            {"matches", matches},
                            {"mean_similarity", comparison.matching.mean_similarity},
                            {"random_similarity", comparison.random.mean},
                            {"random_standard_deviation", comparison.random.standard_deviation}});
}

double participation(const FieldSet& set, int row) {
  return inverse_participation_ratio(set.fields.row(row).transpose());
}

void print_table(const FieldSet& a, const FieldSet& b, const Comparison& comparison) {
  fmt::print("A: {} ({})\nB: {} ({})\n", printable(a.file), printable(a.what), printable(b.file),
             printable(b.what));
  fmt::print("{:>5} {:>5}  {:>10}  {:>8} {:>8}  {:>6}  {:>4}\n", "A", "B", "similarity", "IPR A",
             "IPR B", "shift", "sign");
  const auto& matches = comparison.matching.matches;
  const std::vector<std::size_t> rows = printed_rows(matches.size());
  for (const std::size_t n : rows) {
    const Match& m = matches[n];
    fmt::print("{:5} {:5}  {:10.5f}  {:8.5f} {:8.5f}  {:6}  {:>4}{}\n", m.a, m.b, m.similarity,
               participation(a, m.a), participation(b, m.b), m.shift, m.sign > 0 ? "+" : "-",
               m.reflected ? "  reflected" : "");
  }
  if (rows.size() < matches.size())
    fmt::print("{} of {} matches shown; --json has all\n", rows.size(), matches.size());
  fmt::print("mean similarity {:.5f}; random fields of A's power spectra: {:.5f} +- {:.5f}\n",
             comparison.matching.mean_similarity, comparison.random.mean,
             comparison.random.standard_deviation);
}

}  // namespace

int compare_factors(const std::string& a, const std::string& b, const PrintArguments& print) {
  FieldSet first = read_fields(a), second = read_fields(b);
  if (first.factors && !second.factors) std::swap(first, second);
  if (!(first.torus == second.torus))
    throw InvalidResults(fmt::format("{} and {}: lattices must be the same", a, b));
  const Comparison comparison = match(first, second);
  if (print.json) print_json(first, second, comparison);
  if (print.human()) print_table(first, second, comparison);
  return 0;
}

}  // namespace popflow

// Matching of a, K x N, with b, R x N. Every field is scaled to norm 1 and, for shifts, transformed
// once; the K R comparisons are inner products or, with shifts, one backward transform each (two
// with reflections).

#include "popflow/measure/matching.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/successive_shortest_path_nonnegative_weights.hpp>
#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/measure/alignment.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "measure/check_size.hpp"
#include "measure/indistinguishable.hpp"

namespace popflow {

namespace {

void check_set(const Torus& torus, const Weights& set) {
  if (set.rows() < 1)
    throw std::invalid_argument("matching: each set must hold at least one field");
  check_size(torus, set.cols());
  if (!set.allFinite()) throw std::invalid_argument("matching: fields must be finite");
}

// Fields of norm 1, or 0 where they are zero, and what they are compared by.
struct PreparedSet {
  std::vector<Field> unit, reflection;
  std::vector<Spectrum> modes;
};

PreparedSet prepare(const FourierTransform& fourier, const Weights& set,
                    const MatchOptions& options) {
  PreparedSet prepared;
  for (Eigen::Index k = 0; k < set.rows(); ++k) {
    const Field unit = set.row(k).transpose().stableNormalized();
    prepared.unit.push_back(unit);
    if (options.shift)
      prepared.modes.push_back(fourier.forward(unit));
    else if (options.reflection)
      prepared.reflection.push_back(reflected(fourier.torus(), unit));
  }
  return prepared;
}

struct Overlap {
  int shift;
  double value;  // T P a . b / |a| |b|
};

Overlap largest(const Field& correlation) {
  const int shift = best_shift(correlation, 1.0);
  return {shift, correlation[shift]};
}

// Two sets of fields, and how they are compared.
struct Comparison {
  const FourierTransform& fourier;
  const PreparedSet &a, &b;
  const MatchOptions& options;
};

Overlap overlap(const Comparison& sets, std::size_t k, std::size_t r) {
  if (sets.options.shift)
    return largest(cross_correlation(sets.fourier, sets.a.modes[k], sets.b.modes[r]));
  return {0, sets.a.unit[k].dot(sets.b.unit[r])};
}

// The reflected field has the conjugate modes.
Overlap reflected_overlap(const Comparison& sets, std::size_t k, std::size_t r) {
  if (sets.options.shift)
    return largest(cross_correlation(sets.fourier, sets.a.modes[k].conjugate(), sets.b.modes[r]));
  return {0, sets.a.reflection[k].dot(sets.b.unit[r])};
}

Match compare(const Comparison& sets, int k, int r) {
  const auto row = static_cast<std::size_t>(k), column = static_cast<std::size_t>(r);
  Overlap best = overlap(sets, row, column);
  bool is_reflected = false;
  if (sets.options.reflection) {
    const Overlap other = reflected_overlap(sets, row, column);
    is_reflected = std::abs(other.value) > std::abs(best.value) + indistinguishable;
    if (is_reflected) best = other;
  }
  // Rounding can make the overlap of two unit vectors exceed 1.
  const double similarity = std::min(std::abs(best.value), 1.0);
  return {k, r, similarity, best.shift, best.value < 0.0 ? -1 : 1, is_reflected};
}

using MatchTable = Eigen::Matrix<Match, Eigen::Dynamic, Eigen::Dynamic>;

MatchTable compare_all(const FourierTransform& fourier, const PreparedSet& a, const PreparedSet& b,
                       const MatchOptions& options) {
  MatchTable table(a.unit.size(), b.unit.size());
  for (int k = 0; k < table.rows(); ++k) {
    check_interrupted(options.interrupted);
    for (int r = 0; r < table.cols(); ++r) table(k, r) = compare({fourier, a, b, options}, k, r);
  }
  return table;
}

Eigen::MatrixXd similarities(const MatchTable& table) {
  return table.unaryExpr([](const Match& match) { return match.similarity; });
}

Matching with_mean(std::vector<Match> matches) {
  double sum = 0.0;
  for (const Match& match : matches) sum += match.similarity;
  const double mean = sum / static_cast<double>(matches.size());
  return {std::move(matches), mean};
}

Matching select_distinct(const MatchTable& table) {
  std::vector<Match> matches;
  for (const auto& [row, column] : best_assignment(similarities(table)))
    matches.push_back(table(row, column));
  return with_mean(std::move(matches));
}

Matching select_nearest(const MatchTable& table) {
  std::vector<Match> matches;
  for (int k = 0; k < table.rows(); ++k) {
    Match best = table(k, 0);
    for (int r = 1; r < table.cols(); ++r)
      if (table(k, r).similarity > best.similarity + indistinguishable) best = table(k, r);
    matches.push_back(best);
  }
  return with_mean(std::move(matches));
}

MatchTable checked_table(const FourierTransform& fourier, const Weights& a, const Weights& b,
                         const MatchOptions& options) {
  check_set(fourier.torus(), a);
  check_set(fourier.torus(), b);
  return compare_all(fourier, prepare(fourier, a, options), prepare(fourier, b, options), options);
}

// The assignment as a flow: source -> rows -> columns -> sink, arcs of capacity 1. Boost.Graph's
// maximum_weighted_matching would be the shorter way, but in 1.74 it can loop for ever or overflow
// the stack where weights are equal (boostorg/graph issues 199, 223 and 399).
//
// Costs are integers because the algorithm refuses reduced costs below zero, which rounding makes.
using Cost = std::int64_t;
using ArcDescriptor =
    boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>::edge_descriptor;
struct Arc {
  Cost cost = 0;
  int capacity = 0;
  int residual = 0;
  ArcDescriptor reverse;
};
using FlowGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Arc>;

void add_arc(FlowGraph& graph, std::size_t from, std::size_t to, Cost cost) {
  const ArcDescriptor there = boost::add_edge(from, to, graph).first;
  const ArcDescriptor back = boost::add_edge(to, from, graph).first;
  graph[there] = {cost, 1, 0, back};
  graph[back] = {-cost, 0, 0, there};
}

// 2^40 to a unit: far above the rounding of similarities, and sums of a million are within 64 bits.
Cost cost(double similarity) { return std::llround(std::ldexp(1.0 - similarity, 40)); }

// Vertices: rows, then columns, source, sink.
FlowGraph assignment_graph(const Eigen::MatrixXd& similarity) {
  const auto rows = static_cast<std::size_t>(similarity.rows());
  const auto columns = static_cast<std::size_t>(similarity.cols());
  const std::size_t source = rows + columns, sink = source + 1;
  FlowGraph graph(sink + 1);
  for (std::size_t i = 0; i < rows; ++i) add_arc(graph, source, i, 0);
  for (std::size_t j = 0; j < columns; ++j) add_arc(graph, rows + j, sink, 0);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      add_arc(graph, i, rows + j,
              cost(similarity(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j))));
  return graph;
}

void fill_white(RandomStream& stream, Weights& fields) {
  stream.fill_normal(Eigen::Map<Eigen::VectorXd>(fields.data(), fields.size()));
}

// Phases of white noise are independent and uniform, and those of a real field.
void take_phases(const FourierTransform& fourier, const Weights& a, Weights& fields) {
  for (Eigen::Index k = 0; k < a.rows(); ++k) {
    const Spectrum noise = fourier.forward(fields.row(k).transpose());
    const Spectrum modes = fourier.forward(a.row(k).transpose());
    fields.row(k) = fourier.backward(modes.cwiseProduct(noise.array().sign().matrix())).transpose();
  }
}

Baseline statistics(const Eigen::ArrayXd& scores) {
  const auto trials = static_cast<double>(scores.size());
  const double mean = scores.mean();
  const double deviation = std::sqrt((scores - mean).square().sum() / (trials - 1.0));
  return {mean, deviation / std::sqrt(trials), deviation};
}

}  // namespace

Field aligned(const Torus& torus, const Eigen::Ref<const Field>& a, const Match& match) {
  check_size(torus, a.size());
  const Field field = match.reflected ? reflected(torus, a) : Field(a);
  return match.sign * shifted(torus, field, match.shift);
}

Eigen::MatrixXd similarity_matrix(const FourierTransform& fourier, const Weights& a,
                                  const Weights& b, const MatchOptions& options) {
  return similarities(checked_table(fourier, a, b, options));
}

std::vector<std::array<int, 2>> best_assignment(const Eigen::MatrixXd& similarity) {  // (Eq. 44)
  if (similarity.size() == 0 || !(similarity.array() >= 0.0 && similarity.array() <= 1.0).all())
    throw std::invalid_argument("assignment: similarities must be in [0, 1], at least one");
  FlowGraph graph = assignment_graph(similarity);
  const std::size_t sink = boost::num_vertices(graph) - 1;
  boost::successive_shortest_path_nonnegative_weights(
      graph, sink - 1, sink,
      boost::capacity_map(boost::get(&Arc::capacity, graph))
          .residual_capacity_map(boost::get(&Arc::residual, graph))
          .weight_map(boost::get(&Arc::cost, graph))
          .reverse_edge_map(boost::get(&Arc::reverse, graph)));

  const auto rows = static_cast<std::size_t>(similarity.rows());
  std::vector<std::array<int, 2>> pairs;
  for (std::size_t i = 0; i < rows; ++i)
    for (const auto arc : boost::make_iterator_range(boost::out_edges(i, graph)))
      if (graph[arc].capacity == 1 && graph[arc].residual == 0)
        pairs.push_back({static_cast<int>(i), static_cast<int>(boost::target(arc, graph) - rows)});
  return pairs;
}

Matching best_matching(const FourierTransform& fourier, const Weights& a, const Weights& b,
                       const MatchOptions& options) {
  return select_distinct(checked_table(fourier, a, b, options));
}

Matching nearest(const FourierTransform& fourier, const Weights& a, const Weights& b,
                 const MatchOptions& options) {
  return select_nearest(checked_table(fourier, a, b, options));
}

Weights random_fields(const FourierTransform& fourier, const Weights& a, NullModel null,
                      RandomStream& stream) {
  check_set(fourier.torus(), a);
  Weights fields(a.rows(), a.cols());
  fill_white(stream, fields);
  if (null == NullModel::phase_randomised) take_phases(fourier, a, fields);
  return fields;
}

Baseline random_baseline(const FourierTransform& fourier, const Weights& a, const Weights& b,
                         const MatchOptions& options, const BaselineOptions& baseline) {
  check_set(fourier.torus(), a);
  check_set(fourier.torus(), b);
  if (baseline.trials < 2)
    throw std::invalid_argument(fmt::format("{} trials: must be at least 2", baseline.trials));
  const PreparedSet target = prepare(fourier, b, options);

  const auto score = [&](int trial) {
    RandomStream stream(baseline.seed, Purpose::matching, static_cast<std::uint64_t>(trial));
    const Weights fields = random_fields(fourier, a, baseline.null, stream);
    const MatchTable table =
        compare_all(fourier, prepare(fourier, fields, options), target, options);
    return (baseline.partners == Partners::distinct ? select_distinct(table)
                                                    : select_nearest(table))
        .mean_similarity;
  };

  // Summed after the loop, in the order of the trials, whichever thread ran them.
  Eigen::ArrayXd scores(baseline.trials);
  parallel_for(baseline.trials, [&](int trial) { scores[trial] = score(trial); });
  return statistics(scores);
}

}  // namespace popflow

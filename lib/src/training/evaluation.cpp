#include "popflow/training/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/moments/interrupted.hpp"
#include "popflow/network/checks.hpp"
#include "popflow/network/network_gradient.hpp"
#include "popflow/threads/parallel_for.hpp"

namespace popflow {

namespace {

constexpr std::int64_t samples_a_block = 256;
constexpr std::int64_t kept_blocks = 256;  // at a time

// Sums of the loss, its square, and of right answers, over the samples of one block.
using Sums = Eigen::Array3d;

// 1 where no label is nearer to phi than the sample's own, 1/2 where another is as near, or 0.
double share_right(const Task& task, double phi, double label) {
  const double own = std::abs(phi - label);
  double share = std::isnan(own) ? 0.0 : 1.0;
  for (const TaskClass& c : task) {
    const double other = std::abs(phi - c.label);
    if (other < own) return 0.0;
    if (other == own && c.label != label) share = 0.5;
  }
  return share;
}

struct Worker {
  Task task;
  LaneBatch<double> batch;
  NetworkGradient<double> network;
  LaneFields<double> phi;
  std::vector<std::uint64_t> numbers;

  Worker(const Task& drawn, const Network& evaluated, Eigen::Index hidden)
      : task(drawn),
        batch(drawn, samples_a_block),
        network(lattice_of(drawn), evaluated, hidden),
        phi(batch.label.rows(), lanes),
        numbers(samples_a_block) {}

  void draw(const SampleKey& key, std::int64_t first, std::int64_t count) {
    const std::span chosen(numbers.data(), static_cast<std::size_t>(count));
    std::iota(chosen.begin(), chosen.end(), static_cast<std::uint64_t>(first));
    draw_samples(task, key, chosen, batch);
  }

  Sums sums(Loss loss, const Parameters& parameters) {
    network.set(parameters);
    network.outputs(batch, phi);
    Sums result = Sums::Zero();
    for (int g = 0; g < batch.groups; ++g)
      for (int l = 0; l < lanes; ++l) {
        if (batch.weight(g, l) == 0.0) continue;
        const double value = loss_value(loss, phi(g, l), batch.label(g, l));
        result += Sums(value, value * value, share_right(task, phi(g, l), batch.label(g, l)));
      }
    return result;
  }
};

Evaluation evaluation(const Sums& total, std::int64_t samples) {
  const auto P = static_cast<double>(samples);
  const double mean = total[0] / P;
  const double variance = std::max(total[1] / P - mean * mean, 0.0);
  return {mean, std::sqrt(variance / (P - 1.0)), total[2] / P};
}

}  // namespace

std::vector<Evaluation> evaluate(const Task& task, const Network& network,
                                 std::span<const Parameters> parameters, const SampleRange& range,
                                 const std::function<bool()>& interrupted) {
  const std::int64_t samples = range.count;
  check_task(task);
  check_labels(task, network.loss);
  for (const Parameters& one : parameters) check_parameters(lattice_of(task), network, one);
  if (samples < 1) throw std::invalid_argument(fmt::format("{} samples: at least 1", samples));
  if (parameters.empty()) return {};

  const std::int64_t blocks = (samples - 1) / samples_a_block + 1;
  const std::size_t count = parameters.size();
  std::vector<Sums> sums, totals(count, Sums::Zero());
  const auto threads = std::min<std::int64_t>(blocks, thread_count());
  std::vector<Worker> workers(static_cast<std::size_t>(threads),
                              Worker(task, network, parameters.front().hidden()));
  // Sums of blocks are added in order, so that threads do not matter, and those of some blocks at a
  // time, so that memory does not grow with the number of samples.
  for (std::int64_t first = 0; first < blocks; first += kept_blocks) {
    const std::int64_t kept = std::min(kept_blocks, blocks - first);
    sums.resize(static_cast<std::size_t>(kept) * count);
    const auto sum_block = [&](std::int64_t k, int number) {
      check_interrupted(interrupted);
      Worker& worker = workers[static_cast<std::size_t>(number)];
      const std::int64_t begin = (first + k) * samples_a_block;
      worker.draw(range.key, begin, std::min(samples_a_block, samples - begin));
      for (std::size_t n = 0; n < count; ++n)
        sums[static_cast<std::size_t>(k) * count + n] = worker.sums(network.loss, parameters[n]);
    };
    parallel_for(kept, sum_block, {.threads = static_cast<int>(threads)});
    for (std::size_t s = 0; s < sums.size(); ++s) totals[s % count] += sums[s];
  }

  std::vector<Evaluation> result;
  result.reserve(count);
  for (const Sums& total : totals) result.push_back(evaluation(total, samples));
  return result;
}

}  // namespace popflow

#include "popflow/training/sgd.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>
#include <omp.h>

namespace popflow {

namespace {

constexpr int piece_size = 64;

// With fewer pieces a thread, waiting for each other at every step costs more than it saves.
constexpr int least_pieces_a_thread = 4;

int piece_count(int batch) { return (batch + piece_size - 1) / piece_size; }

}  // namespace

Sgd::Sgd(const Task& task, const Neuron& neuron, Loss loss, const Options& options)
    : neuron_(neuron), loss_(loss), options_(options) {
  check_task(task);
  if (options.batch < 1)
    throw std::invalid_argument(fmt::format("batch {}: must be at least 1", options.batch));
  for (const TaskClass& c : task) {
    labels_.push_back(c.label);
    expansions_.push_back(quartic_expansion(neuron, loss, c.label));
  }
  const int pieces = piece_count(options.batch), n = lattice_of(task).sites();
  const int threads = std::clamp(pieces / least_pieces_a_thread, 1, omp_get_max_threads());
  Minibatch batch{{piece_size, n}, std::vector<int>(piece_size)};
  workers_.assign(static_cast<std::size_t>(threads),
                  {task, std::move(batch), Eigen::VectorXd(piece_size)});
  piece_gradients_.resize(n, pieces);
  gradient_.resize(n);
}

void Sgd::check_shape(const Weights& u) const {
  if (u.rows() != 1 || u.cols() != gradient_.size())
    throw std::invalid_argument(
        fmt::format("weights of {} x {}: must be 1 x {}", u.rows(), u.cols(), gradient_.size()));
}

const Field& Sgd::gradient(const Weights& u, std::uint64_t step) {
  check_shape(u);
  const int pieces = static_cast<int>(piece_gradients_.cols());
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(workers_.size()))
  for (int piece = 0; piece < pieces; ++piece)
    piece_gradient(workers_[static_cast<std::size_t>(omp_get_thread_num())], u, step, piece);
  gradient_ = piece_gradients_.rowwise().sum() / options_.batch;
  return gradient_;
}

void Sgd::piece_gradient(Worker& worker, const Weights& u, std::uint64_t step, int piece) {
  const int first = piece * piece_size;
  const int size = std::min(piece_size, options_.batch - first);
  worker.batch.x.conservativeResize(size, Eigen::NoChange);
  worker.slope.resize(size);
  draw_samples(
      worker.task, options_.seed, Purpose::training, options_.run,
      step * static_cast<std::uint64_t>(options_.batch) + static_cast<std::uint64_t>(first),
      worker.batch);
  worker.slope.noalias() = worker.batch.x * u.row(0).transpose();
  slopes(worker);
  piece_gradients_.col(piece).noalias() = worker.batch.x.transpose() * worker.slope;
}

// Turns pre-activations lambda into d loss / d lambda, in place.
void Sgd::slopes(Worker& worker) const {
  const double v = neuron_.second_layer, bias = neuron_.bias;
  const auto label_class = [&worker](Eigen::Index b) {
    return static_cast<std::size_t>(worker.batch.label_class[static_cast<std::size_t>(b)]);
  };
  if (options_.gradient == SampleGradient::quartic) {
    for (Eigen::Index b = 0; b < worker.slope.size(); ++b) {
      const auto [A2, A4] = expansions_[label_class(b)];
      double& lambda = worker.slope[b];
      lambda *= A2 + A4 / 6.0 * lambda * lambda;
    }
    return;
  }
  std::visit(
      [&](const auto& sigma) {
        for (Eigen::Index b = 0; b < worker.slope.size(); ++b) {
          const double z = worker.slope[b] + bias;
          worker.slope[b] =
              v * sigma.slope(z) * loss_slope(loss_, v * sigma(z), labels_[label_class(b)]);
        }
      },
      neuron_.activation);
}

}  // namespace popflow

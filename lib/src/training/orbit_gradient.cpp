#include "popflow/training/orbit_gradient.hpp"

#include <algorithm>
#include <complex>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/network/checks.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "network/lane_errors.hpp"
#include "network/lane_sigma.hpp"
#include "network/network_kernels.hpp"

namespace popflow {

namespace {

// Samples whose sum is kept apart, for the standard error; enough to fill most lanes.
constexpr int piece_size = 128;

int piece_count(int samples) { return (samples - 1) / piece_size + 1; }

// Two real fields in lanes 2m and 2m + 1 are one complex number here.
using Complex = std::complex<double>;
constexpr int pairs = lanes / 2;
using LanePairs = Eigen::Matrix<Complex, Eigen::Dynamic, pairs, Eigen::RowMajor>;

Eigen::Map<LanePairs> paired(LaneFields<double>& fields) {
  return {reinterpret_cast<Complex*>(fields.data()), fields.rows(), pairs};
}

}  // namespace

OrbitGradient::Worker::Worker(const Task& drawn, Eigen::Index hidden)
    : task(drawn),
      batch(drawn, piece_size),
      numbers(piece_size),
      lane_fourier(lattice_of(drawn)),
      fourier(lattice_of(drawn)),
      correlation(lattice_of(drawn).sites(), hidden) {
  const Eigen::Index sites = lattice_of(drawn).sites();
  for (LaneFields<double>* fields : {&modes, &product, &phi, &label, &weight})
    fields->resize(sites, lanes);
  activity.resize(hidden * sites, lanes);
  slope.resize(hidden * sites, lanes);
}

OrbitGradient::OrbitGradient(const Task& task, const Network& network, Eigen::Index hidden,
                             const Options& options)
    : network_(network),
      options_(options),
      key_{options.seed, Purpose::orbit, options.run},
      torus_(check_task(task)),
      fourier_(torus_),
      stored_(stored_modes(torus_)),
      coefficients_(lane_coefficients<double>(network.activation)),
      spectra_(torus_.sites(), hidden),
      gradient_(hidden, torus_.sites()) {
  check_labels(task, network.loss);
  if (network.convolution)
    throw std::invalid_argument("orbit average: must be of a fully connected network");
  if (options.samples < 1)
    throw std::invalid_argument(fmt::format("{} samples: must be at least 1", options.samples));
  for (int q = 0; q < torus_.sites(); ++q) opposite_.push_back(torus_.negate(q));
  const int pieces = piece_count(options.samples);
  workers_.assign(static_cast<std::size_t>(std::min(pieces, thread_count())), Worker(task, hidden));
  piece_sums_.assign(static_cast<std::size_t>(pieces), gradient_);
}

const Parameters& OrbitGradient::gradient(const Parameters& parameters, std::uint64_t evaluation) {
  check_parameters(torus_, network_, parameters);
  for (Eigen::Index k = 0; k < spectra_.cols(); ++k) {
    const Spectrum half = fourier_.forward(parameters.first().row(k).transpose());
    for (std::size_t q = 0; q < stored_.size(); ++q)
      spectra_(static_cast<Eigen::Index>(q), k) =
          stored_[q].conjugate ? std::conj(half[stored_[q].index]) : half[stored_[q].index];
  }

  const int pieces = piece_count(options_.samples);
  const std::uint64_t first = evaluation * static_cast<std::uint64_t>(options_.samples);
  const auto sum_piece = [&](int piece, int worker) {
    const int start = piece * piece_size;
    add_piece(workers_[static_cast<std::size_t>(worker)], parameters,
              first + static_cast<std::uint64_t>(start),
              std::min(piece_size, options_.samples - start),
              piece_sums_[static_cast<std::size_t>(piece)]);
  };
  parallel_for(pieces, sum_piece, {.threads = static_cast<int>(workers_.size())});
  gradient_.values.setZero();
  for (const Parameters& sum : piece_sums_) gradient_.values += sum.values;
  gradient_.values /= options_.samples;
  return gradient_;
}

Eigen::VectorXd OrbitGradient::standard_error() const {
  const int whole = options_.samples / piece_size;
  Eigen::ArrayXd mean = Eigen::ArrayXd::Zero(gradient_.values.size()), squares = mean;
  if (whole < 2) return mean + std::numeric_limits<double>::quiet_NaN();
  for (int piece = 0; piece < whole; ++piece)
    mean += piece_sums_[static_cast<std::size_t>(piece)].values.array() / piece_size / whole;
  for (int piece = 0; piece < whole; ++piece)
    squares +=
        (piece_sums_[static_cast<std::size_t>(piece)].values.array() / piece_size - mean).square();
  // The standard error of the mean over all samples, those of the last piece included.
  return (squares / (whole - 1) * piece_size / options_.samples).sqrt();
}

void OrbitGradient::add_piece(Worker& worker, const Parameters& parameters, std::uint64_t first,
                              int count, Parameters& sum) const {
  const std::span numbers(worker.numbers.data(), static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  draw_samples(worker.task, key_, numbers, worker.batch);
  sum.values.setZero();
  worker.correlation.setZero();
  for (int group = 0; group < worker.batch.groups; ++group) {
    forward(worker, parameters, group);
    lane_errors<double>(network_.loss, worker.label, worker.weight, worker.phi);
    backward(worker, parameters, sum);
  }
  // The packed pairs leave a second field in the imaginary part.
  const double shifts = torus_.sites();
  Spectrum half(torus_.half_modes());
  const int columns = torus_.columns(), kept = columns / 2 + 1;
  for (Eigen::Index k = 0; k < spectra_.cols(); ++k) {
    for (int row = 0; row < torus_.rows(); ++row)
      for (int column = 0; column < kept; ++column) {
        const int q = torus_.site(row, column);
        half[row * kept + column] =
            0.5 * (worker.correlation(q, k) +
                   std::conj(worker.correlation(opposite_[static_cast<std::size_t>(q)], k)));
      }
    sum.first().row(k) = worker.fourier.backward(half).transpose() / shifts;
  }
  sum.bias() /= shifts;
  sum.second() /= shifts;
}

// Outputs, activities and slopes at every shift.
void OrbitGradient::forward(Worker& worker, const Parameters& parameters, int group) const {
  const NetworkKernels<double>& kernels = network_kernels<double>();
  const Eigen::Index N = torus_.sites();
  const auto sigma = lane_sigma(network_.activation, coefficients_);
  worker.label.rowwise() = worker.batch.label.row(group);
  worker.weight.rowwise() = worker.batch.weight.row(group);
  worker.lane_fourier.sum(worker.batch.fields(group).data(), worker.modes.data());
  worker.phi.setZero();
  for (Eigen::Index k = 0; k < spectra_.cols(); ++k) {
    paired(worker.product) = spectra_.col(k).asDiagonal() * paired(worker.modes);
    auto activity = worker.activity.middleRows(k * N, N);
    worker.lane_fourier.sum(worker.product.data(), activity.data());
    activity.array() = activity.array() / static_cast<double>(N) + parameters.bias()[k];
    kernels.activate(sigma, static_cast<std::size_t>(N), activity.data(),
                     worker.slope.data() + k * N * lanes);
    worker.phi += parameters.second()[k] * activity;
  }
}

void OrbitGradient::backward(Worker& worker, const Parameters& parameters, Parameters& sum) const {
  const Eigen::Index N = torus_.sites();
  for (Eigen::Index k = 0; k < spectra_.cols(); ++k) {
    sum.second()[k] += worker.activity.middleRows(k * N, N).cwiseProduct(worker.phi).sum();
    auto delta = worker.slope.middleRows(k * N, N);
    delta.array() *= parameters.second()[k] * worker.phi.array();
    sum.bias()[k] += delta.sum();
    worker.lane_fourier.sum(delta.data(), worker.product.data());
    const auto slopes = paired(worker.product), inputs = paired(worker.modes);
    for (int q = 0; q < N; ++q)
      worker.correlation(q, k) +=
          slopes.row(q)
              .conjugate()
              .cwiseProduct(inputs.row(opposite_[static_cast<std::size_t>(q)]))
              .sum();
  }
}

}  // namespace popflow

#pragma once

#include <cstdint>
#include <vector>

#include "popflow/input/lane_batch.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/lattice/lane_fourier.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The gradient of the loss of a fully connected network, averaged over samples and over all N
/// shifts of each sample (Eq. 55). Since the laws of the inputs are invariant, its expectation is
/// that of the plain average, with far less noise, at the cost of 2 K + 1 Fourier transforms for
/// each sample. It is also the gradient of a convolutional network whose loss is averaged over
/// positions.
class OrbitGradient {
 public:
  /// The fresh samples of every evaluation.
  struct Options {
    int samples = 1000;  ///< of every evaluation, at least 1; fresh ones
    std::uint64_t seed = 1;
    std::uint32_t run = 0;
  };

  /// For K = hidden neurons. Throws std::invalid_argument for a bad task, a convolution, or samples
  /// below 1.
  OrbitGradient(const Task& task, const Network& network, Eigen::Index hidden,
                const Options& options);

  /// The gradient. Each number `evaluation` draws samples of its own. The result has the same bits
  /// on any number of threads, and is valid until the next call.
  const Parameters& gradient(const Parameters& parameters, std::uint64_t evaluation);

  /// The standard error of every entry of the last gradient, in the order of Parameters::values. It
  /// is estimated from the scatter over pieces of 128 samples; NaN for fewer than two whole pieces.
  Eigen::VectorXd standard_error() const;

 private:
  // One thread's samples, and their orbits: fields over all shifts, sixteen samples side by side.
  // Transforms are over all N modes, and take q for -q: see LaneFourier.
  struct Worker {
    Worker(const Task& drawn, Eigen::Index hidden);

    Task task;
    LaneBatch<double> batch;
    std::vector<std::uint64_t> numbers;
    LaneFourier<double> lane_fourier;
    FourierTransform fourier;
    LaneFields<double> modes, product;      // N x lanes
    LaneFields<double> activity, slope;     // K N x lanes
    LaneFields<double> phi, label, weight;  // N x lanes; phi: outputs, then errors
    Eigen::MatrixXcd correlation;           // N x K: of slopes with inputs, over all modes
  };

  void add_piece(Worker& worker, const Parameters& parameters, std::uint64_t first, int count,
                 Parameters& sum) const;
  void forward(Worker& worker, const Parameters& parameters, int group) const;
  void backward(Worker& worker, const Parameters& parameters, Parameters& sum) const;

  Network network_;
  Options options_;
  SampleKey key_;
  Torus torus_;
  FourierTransform fourier_;
  std::vector<StoredMode> stored_;    // of all N modes
  std::vector<int> opposite_;         // -q of all N modes
  std::vector<double> coefficients_;  // of a polynomial activation
  Eigen::MatrixXcd spectra_;          // N x K: u^(q) over all modes
  std::vector<Worker> workers_;
  std::vector<Parameters> piece_sums_;
  Parameters gradient_;
};

}  // namespace popflow

#include "popflow/measure/kurtosis.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "measure/check_size.hpp"

namespace popflow {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

// Samples are summed in blocks of this many, whatever the number of threads.
constexpr Index block_size = 1024;
constexpr Index kept_blocks = 256;  // at a time

void check_same_number(Index of, Index neurons) {
  if (of != neurons)
    throw std::invalid_argument(fmt::format("kurtosis: {} neurons instead of {}", of, neurons));
}

// Samples first to end - 1.
KurtosisEstimator estimate(Input& input, const Weights& u, const KurtosisSampling& sampling,
                           Index first, Index end) {
  KurtosisEstimator estimator(u.rows());
  LaneFields<double> x(u.cols(), lanes);
  Eigen::Matrix<double, Eigen::Dynamic, lanes> lambda(u.rows(), lanes);
  std::array<std::uint64_t, lanes> numbers;
  for (; first < end; first += lanes) {
    std::iota(numbers.begin(), numbers.end(), static_cast<std::uint64_t>(first));
    input.sample_lanes({sampling.seed, Purpose::evaluation, sampling.run}, numbers,
                       LaneView<double>(x));
    lambda.noalias() = u * x;
    for (Index l = 0; l < std::min<Index>(lanes, end - first); ++l) estimator.add(lambda.col(l));
  }
  return estimator;
}

}  // namespace

VectorXd preactivation_kurtosis(const Input& input, const CumulantOperator& kappa,
                                const Weights& u) {
  const Torus& torus = input.torus();
  check_size(torus, u.cols());
  if (!(kappa.torus() == torus))
    throw std::invalid_argument("kurtosis: the cumulant must live on the inputs' lattice");
  const Field multiplicity = mode_multiplicity(torus), S = input.spectrum();
  FourierTransform fourier(torus);
  Spectrum kappa_uuu(torus.half_modes());
  VectorXd kurtosis(u.rows());
  for (Index k = 0; k < u.rows(); ++k) {
    // Scaled, because the fourth power of a decayed field underflows.
    const Spectrum modes = fourier.forward(u.row(k).transpose().stableNormalized());
    const Spectrum C_u = S.cwiseProduct(modes);
    kappa.contract(modes, kappa_uuu);
    const double Q = inner_product(multiplicity, torus.sites(), modes, C_u);
    // (Eq. 50)
    kurtosis[k] = inner_product(multiplicity, torus.sites(), modes, kappa_uuu) / (Q * Q);
  }
  return kurtosis;
}

KurtosisEstimator::KurtosisEstimator(Index neurons) {
  if (neurons < 1)
    throw std::invalid_argument(fmt::format("kurtosis of {} neurons: must be at least 1", neurons));
  sums_.setZero(4, neurons);
}

void KurtosisEstimator::add(const Eigen::Ref<const VectorXd>& lambda) {
  check_same_number(lambda.size(), neurons());
  for (Index k = 0; k < neurons(); ++k) {
    const double square = lambda[k] * lambda[k], fourth = square * square;
    sums_.col(k) += Eigen::Array4d(square, fourth, fourth * square, fourth * fourth);
  }
  ++samples_;
}

void KurtosisEstimator::merge(const KurtosisEstimator& other) {
  check_same_number(other.neurons(), neurons());
  sums_ += other.sums_;
  samples_ += other.samples_;
}

// m2, m4, m6 and m8 in the columns, one neuron a row.
Eigen::ArrayXXd KurtosisEstimator::means() const {
  return sums_.transpose() / static_cast<double>(samples_);
}

VectorXd KurtosisEstimator::excess_kurtosis() const {
  const Eigen::ArrayXXd m = means();
  return m.col(1) / m.col(0).square() - 3.0;
}

VectorXd KurtosisEstimator::standard_error() const {  // (Eq. 51)
  if (samples_ < 2) return VectorXd::Constant(neurons(), std::numeric_limits<double>::quiet_NaN());
  const Eigen::ArrayXXd m = means();
  const ArrayXd m2 = m.col(0), m4 = m.col(1), m6 = m.col(2), m8 = m.col(3), r = m4 / m2;
  const ArrayXd variance = m8 - 4.0 * r * m6 + 4.0 * r.square() * m4 - m4.square();
  // For two-valued lambda the variance is zero, and computed to rounding.
  return (variance.max(0.0) / static_cast<double>(samples_ - 1)).sqrt() / m2.square();
}

KurtosisEstimator preactivation_kurtosis(const Input& input, const Weights& u,
                                         const KurtosisSampling& sampling,
                                         const std::function<bool()>& interrupted) {
  check_size(input.torus(), u.cols());
  if (sampling.samples < 2)
    throw std::invalid_argument(fmt::format("{} samples: must be at least 2", sampling.samples));
  // The scale does not matter, but the eighth power of a decayed field underflows.
  Weights directions = u;
  for (Index k = 0; k < u.rows(); ++k) directions.row(k).stableNormalize();
  const Index blocks = (sampling.samples + block_size - 1) / block_size;
  const KurtosisEstimator none(u.rows());
  KurtosisEstimator total = none;
  std::vector<Input> inputs(static_cast<std::size_t>(std::min<Index>(blocks, thread_count())),
                            input);
  // Blocks are added in order, so that threads do not matter, and some at a time, so that memory
  // does not grow with the number of samples.
  for (Index first = 0; first < blocks; first += kept_blocks) {
    std::vector<KurtosisEstimator> partial(
        static_cast<std::size_t>(std::min(kept_blocks, blocks - first)), none);
    parallel_for(static_cast<Index>(partial.size()), [&](Index k, int worker) {
      check_interrupted(interrupted);
      const Index b = first + k;
      partial[static_cast<std::size_t>(k)] =
          estimate(inputs[static_cast<std::size_t>(worker)], directions, sampling, b * block_size,
                   std::min((b + 1) * block_size, sampling.samples));
    });
    for (const KurtosisEstimator& block : partial) total.merge(block);
  }
  return total;
}

}  // namespace popflow

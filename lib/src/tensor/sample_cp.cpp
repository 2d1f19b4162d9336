#include "popflow/tensor/sample_cp.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/moments/interrupted.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "tensor/symmetric_gauss_newton.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The run number of the random streams of samples. The runs of random starts are counted from 0.
constexpr auto samples_run = std::numeric_limits<std::uint32_t>::max();

// The current factors. The signs stay; the vectors carry the magnitudes of the weights.
class StochasticGaussNewton {
 public:
  StochasticGaussNewton(const Factors& start, double damping)
      : signs_((start.lambda.array() < 0.0).select(-1.0, VectorXd::Ones(start.rank()))),
        factors_(start.vectors * start.lambda.cwiseAbs().cwiseSqrt().cwiseSqrt().asDiagonal()),
        image_(factors_.rows(), factors_.cols()),
        damping_(damping) {}

  Factors factors() const { return normalised({signs_, factors_}); }

  // Moves by `gain` times the Gauss-Newton step towards the form (Eq. 42). Returns the part of the
  // form's squared norm that the factors before the step explain: 2 <kappa, m> - |m|^2, where m is
  // their tensor.
  double step(SampleCumulant& form, double gain) {
    form.contract(factors_, image_);
    const MatrixXd quartic = (factors_.transpose() * factors_).array().square().square();
    const VectorXd overlap = factors_.cwiseProduct(image_).colwise().sum();
    const double explained = 2.0 * signs_.dot(overlap) - signs_.dot(quartic * signs_);
    system_.linearise(signs_, factors_);
    MatrixXd step = gain * system_.step(system_.gradient(image_), damping_, 1e-6);
    // No vector moves by more than a tenth of its length. With few samples, noise makes larger
    // steps, for which the linearisation does not hold.
    const double furthest =
        (step.colwise().norm().array() / factors_.colwise().norm().array()).maxCoeff();
    step *= std::min(1.0, 0.1 / furthest);
    factors_ += step;
    return explained;
  }

 private:
  VectorXd signs_;
  MatrixXd factors_, image_;
  double damping_;
  SymmetricGaussNewton system_;
};

void check(const FreshSampleCpOptions& options) {
  if (options.batch < 2)
    throw std::invalid_argument(
        fmt::format("batch of {} samples: must be at least 2", options.batch));
  if (options.first < options.batch)
    throw std::invalid_argument(fmt::format("{} first samples: must be at least a batch, {}",
                                            options.first, options.batch));
  if (options.steps < 0)
    throw std::invalid_argument(fmt::format("{} steps: must be at least 0", options.steps));
  if (!(options.damping >= 0.0))
    throw std::invalid_argument(fmt::format("damping {}: must be at least 0", options.damping));
}

}  // namespace

SampleSource fresh_samples(const Input& input, std::uint64_t seed) {
  // Each thread has its own sampler.
  std::vector<Input> samplers(static_cast<std::size_t>(thread_count()), input);
  return [samplers = std::move(samplers), seed](std::uint64_t first,
                                                Eigen::Ref<MatrixXd> samples) mutable {
    const auto sample = [&](Index p, int worker) {
      RandomStream stream(seed, Purpose::decomposition, first + static_cast<std::uint64_t>(p),
                          samples_run);
      samplers[static_cast<std::size_t>(worker)].sample(stream, samples.col(p));
    };
    parallel_for(samples.cols(), sample,
                 {.threads = static_cast<int>(samplers.size()), .grain = 16});
  };
}

SymmetricCpFit symmetric_cp_from_samples(MatrixXd samples, const SymmetricCpOptions& options) {
  // The norm only fixes the zero of the squared error. The norm from fewer samples is larger on
  // average. The margin covers its scatter: with a negative squared error the fit would stop.
  constexpr Index enough = 8192;
  constexpr double margin = 1.5;
  double squared_norm =
      SampleCumulant(samples.leftCols(std::min(samples.cols(), enough))).squared_norm();
  if (samples.cols() > enough) squared_norm *= margin;
  SampleCumulant form(std::move(samples));
  return symmetric_cp(form, squared_norm, options);
}

FreshSampleCpFit symmetric_cp_from_fresh_samples(
    const SampleSource& source, Index dimension, const FreshSampleCpOptions& options,
    const std::function<void(const FreshSampleCpState&)>& observe) {
  check(options);
  MatrixXd first(dimension, options.first);
  source(0, first);
  StochasticGaussNewton iterate(symmetric_cp_from_samples(std::move(first), options.start).factors,
                                options.damping);
  FreshSampleCpFit fit{iterate.factors(), static_cast<std::uint64_t>(options.first)};
  if (observe) observe({fit.samples, fit.factors, std::numeric_limits<double>::quiet_NaN()});

  SampleCumulant batch(MatrixXd(dimension, options.batch));
  for (int k = 0; k < options.steps && !is_interrupted(options.start.interrupted); ++k) {
    source(fit.samples, batch.samples());
    fit.samples += static_cast<std::uint64_t>(options.batch);
    const double gain = static_cast<double>(options.batch) / static_cast<double>(fit.samples);
    const double explained = iterate.step(batch, gain);
    fit.factors = iterate.factors();
    if (observe) observe({fit.samples, fit.factors, explained});
  }
  return fit;
}

}  // namespace popflow

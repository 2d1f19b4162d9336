// Cost of the quartic flow's right-hand side, in units of one forward and one backward FFT of the
// same field: the least that a method which evaluates anything in real space would pay.
// --smoke makes the tables short.

#include "popflow/flow/quartic_flow.hpp"

#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/lattice/fourier.hpp"

#include "allocation_count.hpp"
#include "log_slope.hpp"
#include "measure.hpp"

namespace {

using namespace popflow;

const Neuron neuron{Erf{}, -1.0, 1.0};

NonlinearGaussianField nlgp(const Torus& torus, double correlation_length) {
  return {GaussianField(torus, gaussian_correlation(torus, correlation_length)), 3.0};
}

Task nlgp_task(const Torus& torus) {
  return {{1.0, 0.5, nlgp(torus, 8.0)}, {-1.0, 0.5, nlgp(torus, 1.0)}};
}

Task gaussian_task(const Torus& torus) {
  return {{1.0, 0.5, GaussianField(torus, gaussian_correlation(torus, 8.0))},
          {-1.0, 0.5, GaussianField(torus, gaussian_correlation(torus, 1.0))}};
}

struct Cost {
  double seconds;
  std::size_t allocations;  // in one call
};

Cost right_hand_side(const QuarticFlow& flow) {
  const Eigen::VectorXd w = 0.1 * Eigen::VectorXd::Random(flow.dimension());
  Eigen::VectorXd dwdt(flow.dimension());
  flow.evaluate(w, dwdt, 0.0);
  const std::size_t before = test::allocation_count();
  flow.evaluate(w, dwdt, 0.0);
  const std::size_t allocations = test::allocation_count() - before;
  return {median_seconds([&] { flow.evaluate(w, dwdt, 0.0); }), allocations};
}

double fft_pair(const Torus& torus) {
  FourierTransform fourier(torus);
  Field field = Field::Random(torus.sites());
  Spectrum spectrum(torus.half_modes());
  return median_seconds([&] {
    fourier.forward(field, spectrum);
    fourier.backward(spectrum, field);
  });
}

void whole_flow(const std::vector<int>& rings) {
  fmt::print(
      "Whole right-hand side, NLGP g = 3, xi = 8 / 1, by the relative truncation error allowed\n"
      "{:>6} {:>10} {:>10} {:>10} {:>10} {:>12}\n",
      "N", "allowed", "rhs/us", "fft/us", "rhs/fft", "allocations");
  for (int n : rings) {
    const Torus torus({n});
    const Task task = nlgp_task(torus);
    const double fft = fft_pair(torus);
    for (double truncation : {0.0, 1e-3, 1e-2}) {
      const QuarticFlow flow(task, neuron, Loss::squared, truncation);
      const auto [seconds, allocations] = right_hand_side(flow);
      fmt::print("{:>6} {:>10g} {:>10.2f} {:>10.3f} {:>10.1f} {:>12}\n", n, truncation,
                 1e6 * seconds, 1e6 * fft, seconds / fft, allocations);
    }
  }
}

void gaussian_part(const std::vector<int>& rings) {
  fmt::print(
      "\nGaussian part alone (the flow on Gaussian inputs)\n{:>6} {:>10} {:>10} {:>10} {:>12}\n",
      "N", "rhs/us", "ns/site", "rhs/fft", "allocations");
  const std::vector<double> sizes(rings.begin(), rings.end());
  std::vector<double> costs;
  for (int n : rings) {
    const Torus torus({n});
    const QuarticFlow flow(gaussian_task(torus), neuron, Loss::squared);
    const double fft = fft_pair(torus);
    const auto [seconds, allocations] = right_hand_side(flow);
    costs.push_back(seconds);
    fmt::print("{:>6} {:>10.3f} {:>10.2f} {:>10.2f} {:>12}\n", n, 1e6 * seconds, 1e9 * seconds / n,
               seconds / fft, allocations);
  }
  fmt::print("cost ~ N^{:.2f}\n", test::log_slope(sizes, costs));
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && std::string_view(argv[1]) == "--smoke";
  whole_flow(smoke ? std::vector<int>{32} : std::vector<int>{64, 100, 128, 192});
  gaussian_part(smoke ? std::vector<int>{64, 128}
                      : std::vector<int>{64, 128, 256, 512, 1024, 2048, 4096});
}

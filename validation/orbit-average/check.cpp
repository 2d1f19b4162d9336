// The orbit average has the mean of plain samples, and by how much less noise, against the number
// of sites: the variance of the gradient that one sample leaves, plain over orbit.

#include <cmath>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/experiment/read.hpp"
#include "popflow/training/orbit_gradient.hpp"
#include "popflow/training/sgd.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

// Means over evaluations of a gradient's entries, with their variances.
class Moments {
 public:
  explicit Moments(Eigen::Index size) : sum_(Eigen::ArrayXd::Zero(size)), squares_(sum_) {}

  void add(const Eigen::VectorXd& values) {
    sum_ += values.array();
    squares_ += values.array().square();
    ++count_;
  }

  Eigen::ArrayXd mean() const { return sum_ / count_; }
  Eigen::ArrayXd variance() const {
    return (squares_ / count_ - mean().square()).max(0.0) * count_ / (count_ - 1.0);
  }
  Eigen::ArrayXd squared_error() const { return variance() / count_; }

 private:
  Eigen::ArrayXd sum_, squares_;
  double count_ = 0.0;
};

struct Comparison {
  double worst;   // largest difference of the means, in standard errors
  int entries;    // of the gradient
  double factor;  // variance a sample, plain over orbit, all entries of the first layer together
};

Comparison compared(const Experiment& experiment, int evaluations) {
  constexpr int plain_batch = 1000, orbit_batch = 128;
  const Parameters parameters = initial_parameters(experiment);
  const Network network = network_of(experiment);
  Sgd<double> plain(experiment.task, network, parameters, {{.batch = plain_batch}});
  OrbitGradient orbit(experiment.task, network, parameters.hidden(), {orbit_batch});
  Moments of_plain(parameters.values.size()), of_orbit = of_plain;
  for (int n = 0; n < evaluations; ++n) {
    of_plain.add(plain.gradient(parameters, static_cast<std::uint64_t>(n)).values);
    of_orbit.add(orbit.gradient(parameters, static_cast<std::uint64_t>(n)).values);
  }
  const Eigen::ArrayXd off = (of_plain.mean() - of_orbit.mean()) /
                             (of_plain.squared_error() + of_orbit.squared_error()).sqrt();
  const Eigen::Index first = parameters.first().size();
  return {off.abs().maxCoeff(), static_cast<int>(off.size()),
          of_plain.variance().head(first).sum() * plain_batch /
              (of_orbit.variance().head(first).sum() * orbit_batch)};
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  // Standardised differences are normal to good accuracy. Over the 8 (N + 2) entries of all four
  // rings, 3600 numbers of which neighbours are alike, one above 5 has probability 2e-3 at most.
  constexpr double allowed = 5.0;
  const int evaluations = claim.smoke() ? 200 : 2000;
  const std::vector<int> rings =
      claim.smoke() ? std::vector{25, 50} : std::vector{25, 50, 100, 200};
  fmt::print("{:>6}  {:>10}  {:>18}\n", "N", "entries", "variance reduction");
  double before = 1.0;
  for (const int sites : rings) {
    // The correlation lengths stay: a larger ring has more that is independent.
    const Experiment experiment = read_experiment(
        claim.experiment(),
        {fmt::format("lattice.shape=[{}]", sites), "class.0.input.correlation_length=4"});
    const Comparison found = compared(experiment, evaluations);
    fmt::print("{:>6}  {:>10}  {:>18.1f}\n", sites, found.entries, found.factor);
    claim.require(found.worst < allowed,
                  fmt::format("N = {}: means differ by at most {:.2f} standard errors, required {}",
                              sites, found.worst, allowed));
    claim.require(found.factor > before,
                  fmt::format("N = {}: one orbit is worth {:.1f} samples, required above {:.1f}",
                              sites, found.factor, before));
    before = found.factor;
  }
  const std::string size = claim.smoke() ? " --set flow.t_end=2 --set flow.samples=128" : "";
  claim.run_popflow(fmt::format("flow \"{}\" --quiet -o orbit.nc{}", claim.experiment(), size));
  claim.run_popflow("plot orbit.nc -o orbit-average.svg --quiet");
  return claim.status();
}

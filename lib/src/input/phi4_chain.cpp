#include "popflow/input/phi4_chain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/input/autocorrelation.hpp"
#include "popflow/input/random_stream.hpp"
#include "popflow/moments/interrupted.hpp"

namespace popflow {

namespace {

constexpr double largest_parameter = 1e6;
constexpr double largest_minimum = 1e6;  // of x^2

constexpr int tuning_sweeps = 400;
constexpr int shortest_pilot = 1 << 10;
constexpr int longest_pilot = 1 << 17;
constexpr double pilot_times = 1000.0;  // autocorrelation times in a pilot run

// Correlation of one kept field with the next: tau = 0.52.
constexpr double kept_correlation = 0.02;

void check_parameter(const char* name, double value) {
  if (!(value >= 0.0 && value <= largest_parameter))
    throw std::invalid_argument(
        fmt::format("{} {}: must be from 0 to {}", name, value, largest_parameter));
}

// x^2 of the uniform field at which S is least.
double minimum(const Torus& torus, const Phi4Action& action) {
  const double excess = 2.0 * action.hopping * torus.dimensions() - 1.0;
  if (action.coupling == 0.0) return 0.0;
  return std::max(0.0, 1.0 + excess / (2.0 * action.coupling));
}

void check(const Torus& torus, const Phi4Action& action, int samples) {
  check_parameter("hopping", action.hopping);
  check_parameter("coupling", action.coupling);
  if (samples < 1) throw std::invalid_argument(fmt::format("{} samples: at least 1", samples));
  if (action.coupling == 0.0 && 2.0 * action.hopping * torus.dimensions() >= 1.0)
    throw std::invalid_argument(fmt::format("hopping {} of a Gaussian field: must be below {}",
                                            action.hopping, 0.5 / torus.dimensions()));
  if (minimum(torus, action) > largest_minimum)
    throw std::invalid_argument(
        fmt::format("hopping {} at coupling {}: the square of the field must be at most {}",
                    action.hopping, action.coupling, largest_minimum));
}

class Uniforms {
 public:
  explicit Uniforms(std::uint64_t seed) : stream_(seed, Purpose::chain, 0), block_(1024) {}

  // In (0, 1].
  double next() {
    if (used_ == block_.size()) {
      stream_.fill_uniform(block_);
      used_ = 0;
    }
    return block_[used_++];
  }

  int below(int count) { return static_cast<int>(std::ceil(next() * count)) - 1; }

 private:
  RandomStream stream_;
  Eigen::VectorXd block_;
  Eigen::Index used_ = block_.size();
};

struct Bonds {
  Eigen::ArrayXXi neighbours;  // forward and backward along each axis x N
  int to_itself = 0;           // axes of extent 1, which have no neighbours
};

Bonds bonds_of(const Torus& torus) {
  Bonds bonds;
  std::vector<int> steps;
  const auto add_axis = [&](int extent, int forward) {
    if (extent == 1)
      ++bonds.to_itself;
    else
      steps.insert(steps.end(), {forward, torus.negate(forward)});
  };
  add_axis(torus.columns(), torus.site(0, 1));
  if (torus.dimensions() == 2) add_axis(torus.rows(), torus.site(1, 0));
  bonds.neighbours.resize(static_cast<Eigen::Index>(steps.size()), torus.sites());
  for (int i = 0; i < torus.sites(); ++i)
    for (std::size_t k = 0; k < steps.size(); ++k)
      bonds.neighbours(static_cast<Eigen::Index>(k), i) = torus.add(i, steps[k]);
  return bonds;
}

double neighbour_sum(const Bonds& bonds, const Field& x, Eigen::Index i) {
  double sum = 0.0;
  for (const int j : bonds.neighbours.col(i)) sum += x[j];
  return sum;
}

// One state of the chain and its updates.
class Sampler {
 public:
  Sampler(const Bonds& bonds, const Phi4Action& action, double start, std::uint64_t seed,
          const std::function<bool()>& interrupted)
      : interrupted_(interrupted),
        bonds_(bonds),
        action_(action),
        uniforms_(seed),
        x_(Field::Constant(bonds.neighbours.cols(), start)) {
    tune();
  }

  const Field& field() const { return x_; }

  void sweep() {
    propose_everywhere();
    for (int n = 0; n < clusters_; ++n) flip_cluster();
  }

  // +1 or -1. S is even: a sign of its own for every kept field spares the chain, whose clusters
  // may be the whole lattice, to turn it neither never nor always.
  double sign() { return uniforms_.next() <= 0.5 ? 1.0 : -1.0; }

 private:
  void tune();
  double propose_everywhere();
  int flip_cluster();

  // The terms of S that are x_i alone.
  double potential(double square) const {
    const double off = square - 1.0;
    return (1.0 - 2.0 * action_.hopping * bonds_.to_itself) * square + action_.coupling * off * off;
  }

  const std::function<bool()>& interrupted_;
  const Bonds& bonds_;
  Phi4Action action_;
  Uniforms uniforms_;
  Field x_;
  double width_ = 1.0;  // largest step of a proposal
  int clusters_ = 1;    // flipped in a sweep
  std::vector<int> boundary_;
};

// Until half of all proposals are accepted and clusters turn N sites on average. Their number is
// fixed thereafter: a sweep that ended once N sites are turned would favour states with large
// clusters.
void Sampler::tune() {
  constexpr int last = tuning_sweeps / 2;
  double turned = 0.0;
  for (int n = 0; n < tuning_sweeps; ++n) {
    const double accepted = propose_everywhere();
    width_ *= std::exp((accepted - 0.5) * 40.0 / (20.0 + n));
    const int size = flip_cluster();
    if (n >= tuning_sweeps - last) turned += size;
  }
  const double mean_size = turned / last;
  clusters_ = static_cast<int>(std::lround(static_cast<double>(x_.size()) / mean_size));
}

// Metropolis, site after site (Eq. 109). The fraction accepted.
double Sampler::propose_everywhere() {
  check_interrupted(interrupted_);
  int accepted = 0;
  for (Eigen::Index i = 0; i < x_.size(); ++i) {
    const double old = x_[i];
    const double proposed = old + width_ * (2.0 * uniforms_.next() - 1.0);
    const double change = potential(proposed * proposed) - potential(old * old) -
                          2.0 * action_.hopping * neighbour_sum(bonds_, x_, i) * (proposed - old);
    if (uniforms_.next() > std::exp(-change)) continue;
    x_[i] = proposed;
    ++accepted;
  }
  return static_cast<double>(accepted) / static_cast<double>(x_.size());
}

// Grows a cluster from a random site and turns its sites as they join (Eq. 110), so that the bonds
// still to be tried are those between opposite signs. The number of sites.
int Sampler::flip_cluster() {
  int size = 0;
  const auto join = [&](int site) {
    x_[site] = -x_[site];
    boundary_.push_back(site);
    ++size;
  };
  join(uniforms_.below(static_cast<int>(x_.size())));
  while (!boundary_.empty()) {
    const int i = boundary_.back();
    boundary_.pop_back();
    for (const int j : bonds_.neighbours.col(i)) {
      const double product = x_[i] * x_[j];
      if (product < 0.0 && uniforms_.next() > std::exp(4.0 * action_.hopping * product)) join(j);
    }
  }
  return size;
}

constexpr int observables = 5;
using Observed = Eigen::Matrix<double, 1, observables>;

class Observer {
 public:
  Observer(const Torus& torus, const Bonds& bonds) : bonds_(bonds), lowest_mode_(torus.sites(), 2) {
    const bool along_rows = torus.columns() >= torus.rows();
    for (int i = 0; i < torus.sites(); ++i) {
      const auto [row, column] = torus.coordinates(i);
      const double turns = along_rows ? static_cast<double>(column) / torus.columns()
                                      : static_cast<double>(row) / torus.rows();
      lowest_mode_(i, 0) = std::cos(2.0 * std::numbers::pi * turns);
      lowest_mode_(i, 1) = std::sin(2.0 * std::numbers::pi * turns);
    }
  }

  Observed operator()(const Field& x) const {
    const double mean = x.mean();
    double pairs = 0.0;
    for (Eigen::Index i = 0; i < x.size(); ++i) pairs += x[i] * neighbour_sum(bonds_, x, i);
    return {mean * mean, pairs, x.squaredNorm(), x.array().square().matrix().squaredNorm(),
            (lowest_mode_.transpose() * x).squaredNorm()};
  }

 private:
  const Bonds& bonds_;
  Eigen::Matrix<double, Eigen::Dynamic, 2> lowest_mode_;
};

// The longest autocorrelation time of a series of observables, one in each column.
AutocorrelationTime slowest_time(const Eigen::Ref<const Eigen::MatrixXd>& series) {
  AutocorrelationTime slowest = autocorrelation_time(series.col(0));
  for (int k = 1; k < observables; ++k)
    if (const AutocorrelationTime time = autocorrelation_time(series.col(k));
        time.time > slowest.time)
      slowest = time;
  slowest.time = std::max(slowest.time, 0.5);
  return slowest;
}

struct Pilot {
  int sweeps;
  double time;
  bool slow;
};

// Runs the chain into equilibrium. The time is that of the second half, which the start, half a run
// away, no longer moves; a run is doubled until it is long in terms of it.
Pilot run_pilot(Sampler& sampler, const Observer& observer) {
  Eigen::MatrixXd series(0, observables);
  for (int sweeps = shortest_pilot;; sweeps *= 2) {
    Eigen::Index done = series.rows();
    series.conservativeResize(sweeps, Eigen::NoChange);
    for (; done < sweeps; ++done) {
      sampler.sweep();
      series.row(done) = observer(sampler.field());
    }
    const double time = slowest_time(series.bottomRows(sweeps / 2)).time;
    const bool slow = !(sweeps >= pilot_times * time);
    if (!slow || sweeps >= longest_pilot) return {sweeps, time, slow};
  }
}

// Steps after which correlations have fallen to kept_correlation, if they fall as a^t: then
// tau = (1 + a) / (2 (1 - a)).
int steps_to_forget(double time) {
  const double a = (2.0 * time - 1.0) / (2.0 * time + 1.0);
  if (a <= kept_correlation) return 1;
  return static_cast<int>(std::ceil(std::log(kept_correlation) / std::log(a)));
}

}  // namespace

FieldChain phi4_chain(const Torus& torus, const Phi4Action& action, int samples, std::uint64_t seed,
                      const std::function<bool()>& interrupted) {
  check(torus, action, samples);
  const Bonds bonds = bonds_of(torus);
  const Observer observer(torus, bonds);
  // From afar the field might still be on its way when the proposals are tuned.
  Sampler sampler(bonds, action, std::sqrt(minimum(torus, action)), seed, interrupted);
  const Pilot pilot = run_pilot(sampler, observer);
  const int discarded = tuning_sweeps + pilot.sweeps;
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  if (pilot.slow)
    return {Eigen::MatrixXd(torus.sites(), 0), unknown, unknown, 0, discarded, pilot.time, true};
  const int between = steps_to_forget(pilot.time);
  Eigen::MatrixXd fields(torus.sites(), samples);
  Eigen::MatrixXd series(samples, observables);
  for (int n = 0; n < samples; ++n) {
    for (int k = 0; k < between; ++k) sampler.sweep();
    series.row(n) = observer(sampler.field());
    fields.col(n) = sampler.sign() * sampler.field();
  }
  const AutocorrelationTime kept = slowest_time(series);
  return {.fields = std::move(fields),
          .autocorrelation_time = kept.time,
          .autocorrelation_error = kept.error,
          .sweeps_between = between,
          .sweeps_discarded = discarded,
          .sweep_time = pilot.time,
          .slow = false};
}

}  // namespace popflow

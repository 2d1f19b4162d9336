// Fixed points of the simple model over gain and bias: the search ends in a few steps at each of
// them, the whole spectrum comes with it, and a sweep gives the same.

#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>
#include <fmt/core.h>

#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/experiment/sweep.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/sweep_results.hpp"
#include "popflow/run/run_fixed_point.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

constexpr double longest_seconds = 2.0;  // of one fixed point, on one processor
constexpr int most_steps = 50;
constexpr double tolerance = 1e-12;

// For the eigenvalues of two Jacobians whose norms are of order one, by differences of either
// order: the rounding of the coarser one, 4e-11 an entry, over 100 x 100 entries.
constexpr double same_rates = 4e-9;

// By central differences, by hand, with a step that differs from the library's: with the truncation
// h^2 A4 S(q)^2 / 2, where S(0) = 14, of some 1e-9.
Eigen::MatrixXd jacobian_by_hand(const AnyFlow& flow, const Eigen::VectorXd& u) {
  constexpr double h = 3e-6;
  Eigen::MatrixXd J(u.size(), u.size());
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    Eigen::VectorXd ahead = u, behind = u, up(u.size()), down(u.size());
    ahead[j] += h;
    behind[j] -= h;
    flow.evaluate(ahead, up, 0.0);
    flow.evaluate(behind, down, 0.0);
    J.col(j) = (up - down) / (ahead[j] - behind[j]);
  }
  return 0.5 * (J + J.transpose());
}

// The numbers that the run gives for its state, computed again from the flow.
void check_state(Claim& claim, const Experiment& experiment, const FixedPointRun& run,
                 const std::string& name) {
  const AnyFlow flow = experiment_flow(experiment).flow;
  const State u = flow.state(run.parameters);
  const double rate = flow(u).values().norm();
  const double expected = std::hypot(run.end.residual, run.end.translation_residual);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(jacobian_by_hand(flow, u.values()));
  const double apart = (eigen.eigenvalues().reverse() - run.spectrum.growth).cwiseAbs().maxCoeff();
  claim.require(
      std::abs(rate - expected) <= 0.1 * tolerance && apart < same_rates,
      fmt::format("{}: |du/dtau| again {:.1e}, required {:.1e}; the spectrum of a Jacobian by hand "
                  "within {:.1e}, required {:.0e}",
                  name, rate, expected, apart, same_rates));
}

double check_point(Claim& claim, const Experiment& experiment, const std::string& name) {
  const auto start = std::chrono::steady_clock::now();
  const FixedPointRun run = run_fixed_point(experiment);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Field u = run.parameters.first().row(0).transpose();
  fmt::print(
      "{}: IPR {:.6f}, across {:.1e}, along {:.1e}, translation rate {:.2e}, slowest rate "
      "{:.5f}, {} steps, {:.2f} s\n",
      name, inverse_participation_ratio(u), run.end.residual, run.end.translation_residual,
      run.translation_rate().value_or(std::nan("")), run.slowest_rate().value_or(0.0),
      run.end.steps, seconds);
  claim.require(run.converged() && run.end.residual <= tolerance && run.end.steps <= most_steps &&
                    run.unstable() == 0,
                fmt::format("{}: {} in {} steps, required converged in {}, and stable", name,
                            std::string(popflow::name(run.end.reason)), run.end.steps, most_steps));
  claim.require(
      run.spectrum.growth.size() == u.size(),
      fmt::format("{}: {} growth rates, required {}", name, run.spectrum.growth.size(), u.size()));
  if (!claim.smoke())
    claim.require(seconds <= longest_seconds, fmt::format("{}: {:.2f} s, required at most {} s",
                                                          name, seconds, longest_seconds));
  check_state(claim, experiment, run, name);
  return inverse_participation_ratio(u);
}

// The program's sweep ends with status 0, so that no point failed, and with the same receptive
// fields.
void check_sweep(Claim& claim, const std::vector<double>& ipr) {
  claim.run_popflow(
      fmt::format("sweep \"{}\" --quiet -o fixed-points.nc", claim.file("sweep.toml")));
  const SweepMap map = read_sweep_map("fixed-points.nc");
  double apart = 0.0;
  for (std::size_t n = 0; n < ipr.size(); ++n)
    apart = std::fmax(apart, std::abs(map.largest_ipr[n] - ipr[n]));
  claim.require(map.run == "fixed-point" && map.largest_ipr.size() == ipr.size() && apart < 1e-9,
                fmt::format("the sweep's IPR at {} points: within {:.1e} of these, required 1e-9",
                            ipr.size(), apart));
  claim.run_popflow("plot fixed-points.nc -o fixed-points.svg --quiet");
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  const Sweep sweep = read_sweep(claim.file("sweep.toml"));
  std::vector<double> ipr;
  for (std::size_t n = 0; n < sweep.points(); ++n) {
    const std::vector<std::string> point = sweep.overrides(n);
    ipr.push_back(check_point(claim, read_experiment(sweep.experiment, point),
                              fmt::format("gain {:>2}, bias {:>4}", sweep.axes[0].values[n / 2],
                                          sweep.axes[1].values[n % 2])));
    if (claim.smoke() && n == 1) break;
  }
  if (!claim.smoke()) check_sweep(claim, ipr);
  return claim.status();
}

#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/tensor/least_squares.hpp"
#include "popflow/tensor/tiled_cp.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "tensor/random_bump.hpp"

namespace popflow {

/// The fit of R templates to kappa / |kappa|, so that its cost is the squared relative error and no
/// constant in it depends on the scale of kappa. The templates carry their weights' magnitudes,
/// |t_r|^4 ~ |lambda_r| / |kappa|, so that all unknowns are of one scale too.
///
///     at(X)         the point of the templates with coefficients X (P x R) in a basis, the weights
///                   at their optimum
///     norm()        |kappa|
///     coefficients  of a point, P x R, and `signs` of the weights, R
template <class P>
concept TemplateProblem = LeastSquaresProblem<P> && std::copyable<P> &&
    requires(P& problem, const P& constant, const typename P::Point& point, Eigen::MatrixXd x) {
  { problem.at(std::move(x)) } -> std::convertible_to<typename P::Point>;
  { constant.norm() } -> std::convertible_to<double>;
  { point.coefficients } -> std::convertible_to<Eigen::MatrixXd>;
  { point.signs } -> std::convertible_to<Eigen::VectorXd>;
};

/// Start number k of a rank: even ones are all new, odd ones add a bump to the best of one rank
/// less. Of some draws the one of least cost is taken.
template <TemplateProblem Problem>
typename Problem::Point template_start(Problem& problem, const Torus& torus,
                                       const Eigen::MatrixXd& basis, const TiledCpOptions& options,
                                       int rank, int k, const Eigen::MatrixXd& smaller) {
  constexpr int draws = 10;
  RandomStream stream(options.seed, Purpose::decomposition, static_cast<std::uint64_t>(k),
                      static_cast<std::uint32_t>(rank));
  std::optional<typename Problem::Point> best;
  double least = 0.0;
  for (int draw = 0; draw < draws; ++draw) {
    Eigen::MatrixXd coefficients(basis.cols(), rank);
    for (Eigen::Index r = 0; r < rank; ++r)
      coefficients.col(r) = (basis.transpose() * random_bump(torus, stream)).normalized();
    if (k % 2 == 1) coefficients.leftCols(smaller.cols()) = smaller;
    auto point = problem.at(std::move(coefficients));
    const double cost = problem.cost(point);
    if (!best || cost < least) {
      best = std::move(point);
      least = cost;
    }
  }
  return *best;
}

/// The best fit of every rank 1, ..., R. All starts go far enough to be told apart, the best to its
/// end. A template added to the fit of one rank less can only lower the cost, since the weights are
/// at their optimum and Levenberg-Marquardt never climbs: so the cost never rises with the rank.
template <TemplateProblem Problem>
std::vector<TiledCpFit> fit_ranks(const Problem& problem, const Torus& torus,
                                  const Eigen::MatrixXd& basis, const TiledCpOptions& options) {
  using Fit = LeastSquaresFit<typename Problem::Point>;
  constexpr Eigen::Index most_unknowns = 2500;  // a Cholesky decomposition of half a second
  if (basis.cols() * options.rank > most_unknowns)
    throw std::invalid_argument(
        fmt::format("{} templates of {} unknowns each: must have at most {} in all (symmetric "
                    "templates have fewer)",
                    options.rank, basis.cols(), most_unknowns));
  const double floor = options.good_enough * options.good_enough;
  const LeastSquaresOptions screening{12, 3e-2, floor, 2, 1e-3, options.interrupted},
      polishing{options.iterations, options.tolerance, floor, 3, 1e-4, options.interrupted};
  const auto stopped = [&options] { return options.interrupted && options.interrupted(); };
  std::vector<TiledCpFit> fits;
  Eigen::MatrixXd smaller(basis.cols(), 0);
  for (int rank = 1; rank <= options.rank; ++rank) {
    if (rank > 1 && (fits.back().relative_error <= options.good_enough || stopped())) {
      fits.push_back(fits.back());
      continue;
    }
    std::vector<std::optional<Fit>> screened(static_cast<std::size_t>(options.starts));
    parallel_for(options.starts,
                 [&](int k) {
                   if (k > 0 && stopped()) return;
                   Problem own = problem;
                   screened[static_cast<std::size_t>(k)] = levenberg_marquardt(
                       own, template_start(own, torus, basis, options, rank, k, smaller),
                       screening);
                 },
                 {.alike = false});
    std::erase_if(screened, [](const std::optional<Fit>& fit) { return !fit; });
    const auto best =
        std::min_element(screened.begin(), screened.end(),
                         [](const auto& a, const auto& b) { return a->cost < b->cost; });
    Problem own = problem;
    const Fit fit = levenberg_marquardt(own, std::move((*best)->point), polishing);
    smaller = fit.point.coefficients;
    fits.push_back({normalised({torus, problem.norm() * fit.point.signs, basis * smaller}),
                    std::sqrt(std::max(fit.cost, 0.0))});
  }
  return fits;
}

inline void check(const TiledCpOptions& options) {
  if (options.rank < 1)
    throw std::invalid_argument(fmt::format("rank {}: must be at least 1", options.rank));
  if (options.starts < 2)
    throw std::invalid_argument(fmt::format("starts {}: must be at least 2", options.starts));
  if (options.band < -1)
    throw std::invalid_argument(
        fmt::format("band {}: must be at least 0, or -1 for all wave numbers", options.band));
  if (options.radius < -1)
    throw std::invalid_argument(fmt::format(
        "radius {}: must be at least 0, or -1 to choose it by the reach", options.radius));
  if (options.iterations < 1)
    throw std::invalid_argument(
        fmt::format("iterations {}: must be at least 1", options.iterations));
  if (!(options.tolerance >= 0.0))
    throw std::invalid_argument(fmt::format("tolerance {}: must be at least 0", options.tolerance));
  if (!(options.good_enough >= 0.0))
    throw std::invalid_argument(
        fmt::format("good_enough {}: must be at least 0", options.good_enough));
}

}  // namespace popflow

#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/moments/interrupted.hpp"
#include "popflow/tensor/least_squares.hpp"
#include "popflow/tensor/tiled_cp.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "tensor/random_bump.hpp"

namespace popflow {

/// The fit of R templates to kappa / |kappa|. Its cost is the squared relative error, and no
/// constant in it depends on the scale of kappa. The templates carry the magnitudes of their
/// weights, |t_r|^4 ~ |lambda_r| / |kappa|, so that all unknowns have the same scale.
///
///     torus()       the lattice
///     basis()       orthonormal fields e_p that span the templates, N x P
///     at(X)         the point of the templates with coefficients X (P x R) in the basis, with the
///                   weights at their optimum
///     norm()        |kappa|
///     coefficients  of a point, P x R, and `signs` of the weights, R
template <class P>
concept TemplateProblem = LeastSquaresProblem<P> && std::copyable<P> &&
    requires(P& problem, const P& constant, const typename P::Point& point, Eigen::MatrixXd x) {
  { problem.at(std::move(x)) } -> std::convertible_to<typename P::Point>;
  { constant.torus() } -> std::convertible_to<const Torus&>;
  { constant.basis() } -> std::convertible_to<const Eigen::MatrixXd&>;
  { constant.norm() } -> std::convertible_to<double>;
  { point.coefficients } -> std::convertible_to<Eigen::MatrixXd>;
  { point.signs } -> std::convertible_to<Eigen::VectorXd>;
};

/// Start number k of the next rank. Even starts are all new; odd starts add one bump to the best
/// templates of the previous rank, `smaller`. The result is the draw of least cost.
template <TemplateProblem Problem>
typename Problem::Point template_start(Problem& problem, std::uint64_t seed, int k,
                                       const Eigen::MatrixXd& smaller) {
  constexpr int draws = 10;
  const Eigen::Index rank = smaller.cols() + 1;
  RandomStream stream(seed, Purpose::decomposition, static_cast<std::uint64_t>(k),
                      static_cast<std::uint32_t>(rank));
  std::optional<typename Problem::Point> best;
  double least = 0.0;
  for (int draw = 0; draw < draws; ++draw) {
    Eigen::MatrixXd coefficients(smaller.rows(), rank);
    for (Eigen::Index r = 0; r < rank; ++r)
      coefficients.col(r) =
          (problem.basis().transpose() * random_bump(problem.torus(), stream)).normalized();
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

/// The best fit of every rank 1, ..., R. All starts are followed far enough to compare them; only
/// the best start is followed to its end. A template added to the fit of the previous rank can only
/// lower the cost, since the weights are at their optimum and Levenberg-Marquardt never climbs. The
/// cost therefore never rises with the rank.
template <TemplateProblem Problem>
std::vector<TiledCpFit> fit_ranks(const Problem& problem, const TiledCpOptions& options) {
  using Fit = LeastSquaresFit<typename Problem::Point>;
  const Eigen::MatrixXd& basis = problem.basis();
  constexpr Eigen::Index most_unknowns = 2500;  // a Cholesky decomposition of half a second
  if (basis.cols() * options.rank > most_unknowns)
    throw std::invalid_argument(
        fmt::format("{} templates of {} unknowns each: must have at most {} in all (symmetric "
                    "templates have fewer)",
                    options.rank, basis.cols(), most_unknowns));
  const double floor = options.good_enough * options.good_enough;
  const LeastSquaresOptions screening{.iterations = 12,
                                      .tolerance = 3e-2,
                                      .floor = floor,
                                      .patience = 2,
                                      .interrupted = options.interrupted},
      polishing{.iterations = options.iterations,
                .tolerance = options.tolerance,
                .floor = floor,
                .damping = 1e-4,
                .interrupted = options.interrupted};
  std::vector<TiledCpFit> fits;
  Eigen::MatrixXd smaller(basis.cols(), 0);
  for (int rank = 1; rank <= options.rank; ++rank) {
    if (rank > 1 && (fits.back().relative_error <= options.good_enough ||
                     is_interrupted(options.interrupted))) {
      fits.resize(static_cast<std::size_t>(options.rank), TiledCpFit(fits.back()));
      break;
    }
    std::vector<std::optional<Fit>> screened(static_cast<std::size_t>(options.starts));
    parallel_for(options.starts,
                 [&](int k) {
                   if (k > 0 && is_interrupted(options.interrupted)) return;
                   Problem own = problem;
                   screened[static_cast<std::size_t>(k)] = levenberg_marquardt(
                       own, template_start(own, options.seed, k, smaller), screening);
                 },
                 {.alike = false});
    std::erase_if(screened, [](const std::optional<Fit>& fit) { return !fit; });
    const auto best =
        std::min_element(screened.begin(), screened.end(),
                         [](const auto& a, const auto& b) { return a->cost < b->cost; });
    Problem own = problem;
    const Fit fit = levenberg_marquardt(own, std::move((*best)->point), polishing);
    smaller = fit.point.coefficients;
    fits.push_back(
        {normalised({problem.torus(), problem.norm() * fit.point.signs, basis * smaller}),
         std::sqrt(std::max(fit.cost, 0.0))});
  }
  return fits;
}

inline void check(const TiledCpOptions& options) {
  const auto check_least = [](const char* name, auto value, int least) {
    if (!(value >= least))
      throw std::invalid_argument(fmt::format("{} {}: must be at least {}", name, value, least));
  };
  check_least("rank", options.rank, 1);
  check_least("starts", options.starts, 2);
  check_least("iterations", options.iterations, 1);
  check_least("tolerance", options.tolerance, 0);
  check_least("good_enough", options.good_enough, 0);
  if (options.band < -1)
    throw std::invalid_argument(
        fmt::format("band {}: must be at least 0, or -1 for all wave numbers", options.band));
  if (options.radius < -1)
    throw std::invalid_argument(fmt::format(
        "radius {}: must be at least 0, or -1 to choose it by the reach", options.radius));
}

}  // namespace popflow

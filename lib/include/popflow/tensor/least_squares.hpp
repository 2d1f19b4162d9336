#pragma once

#include <algorithm>
#include <concepts>
#include <functional>

#include "popflow/lattice/eigen.hpp"
#include "popflow/moments/interrupted.hpp"

namespace popflow {

/// A least-squares problem |residual(x)|^2 whose Gauss-Newton matrix is known in closed form. The
/// residual is a whole tensor and is never formed.
///
///     cost(x)        |residual|^2, >= 0 up to rounding
///     linearise(x)   computes the gradient and the Gauss-Newton matrix H at x
///     step(mu)       -(H + mu D)^-1 gradient at this x, with D a positive diagonal matrix
///     moved(x, p)    the point after a step p from x; may also set linear parameters (the weights
///                    lambda) to their optimum, or change the gauge
template <class P>
concept LeastSquaresProblem = requires(P& problem, const typename P::Point& x,
                                       const Eigen::MatrixXd& p, double damping) {
  { problem.cost(x) } -> std::convertible_to<double>;
  problem.linearise(x);
  { problem.step(damping) } -> std::convertible_to<Eigen::MatrixXd>;
  { problem.moved(x, p) } -> std::convertible_to<typename P::Point>;
};

/// -(H + mu D)^-1 gradient by a Cholesky decomposition. D is the identity times the largest
/// diagonal entry of H. Only the upper triangle of `normal` = H is read. The unknowns are the
/// columns of the gradient, one below the other.
Eigen::MatrixXd damped_step(const Eigen::MatrixXd& normal, const Eigen::MatrixXd& gradient,
                            double damping);

/// When `levenberg_marquardt` stops.
struct LeastSquaresOptions {
  int iterations = 200;     ///< at most
  double tolerance = 1e-6;  ///< a step is slow if it lowers the cost by less than this fraction
  double floor = 0.0;       ///< stop at a cost of at most this, which rounding cannot resolve
  int patience = 3;         ///< stop after this number of slow steps in a row
  double damping = 1e-3;    ///< first mu
  std::function<bool()> interrupted = {};  ///< asked before every step; true: stop
};

/// The end of the iteration: the point, its cost, and the number of iterations.
template <class Point>
struct LeastSquaresFit {
  Point point;
  double cost;
  int iterations;
};

/// The Levenberg-Marquardt method. The cost never rises. Convergence to a point of zero residual is
/// quadratic. A rejected step multiplies the damping by 4; an accepted step divides it by 5.
template <LeastSquaresProblem Problem>
LeastSquaresFit<typename Problem::Point> levenberg_marquardt(Problem& problem,
                                                             typename Problem::Point start,
                                                             const LeastSquaresOptions& options) {
  constexpr double least_damping = 1e-13, most_damping = 1e6;
  LeastSquaresFit<typename Problem::Point> fit{std::move(start), 0.0, 0};
  fit.cost = problem.cost(fit.point);
  double mu = options.damping;
  int slow = 0;
  while (fit.iterations < options.iterations && slow < options.patience &&
         fit.cost > options.floor && !is_interrupted(options.interrupted)) {
    problem.linearise(fit.point);
    const double before = fit.cost;
    while (mu < most_damping && !is_interrupted(options.interrupted)) {
      auto trial = problem.moved(fit.point, problem.step(mu));
      const double cost = problem.cost(trial);
      if (cost < fit.cost) {
        fit.point = std::move(trial);
        fit.cost = cost;
        mu = std::max(mu / 5.0, least_damping);
        break;
      }
      mu *= 4.0;
    }
    if (fit.cost == before) break;
    ++fit.iterations;
    slow = before - fit.cost < options.tolerance * before ? slow + 1 : 0;
  }
  return fit;
}

}  // namespace popflow

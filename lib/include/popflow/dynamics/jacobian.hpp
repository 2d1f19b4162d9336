#pragma once

#include <functional>

#include <Eigen/Core>

#include "popflow/dynamics/flow_access.hpp"

namespace popflow {

/// How a derivative is taken: by (Eq. 93) with 2 evaluations for each entry of the state, or by
/// (Eq. 94) with 4. The latter is exact to rounding if the flow is a polynomial of fourth order.
enum class Differences { two_point, four_point };

namespace detail {

/// A flow that does not depend on time: rate(w, dwdt).
using Rate = std::function<void(const Eigen::VectorXd&, Eigen::VectorXd&)>;

template <class F>
Rate rate_of(F& flow) {
  return [at = timed_rate(flow)](const Eigen::VectorXd& w, Eigen::VectorXd& dwdt) {
    at(w, dwdt, 0.0);
  };
}

Eigen::MatrixXd jacobian(const Rate& rate, const Eigen::VectorXd& w, Differences differences,
                         double scale);

/// df/dx of f(x, out), a vector that depends on one number.
Eigen::VectorXd derivative(const std::function<void(double, Eigen::VectorXd&)>& f, double x,
                           Eigen::Index size, Differences differences, double scale);

}  // namespace detail

/// d flow(w, 0) / dw at w, dimension() x dimension(), by central differences. Column j is the
/// derivative with respect to entry j of the state. The matrix is symmetric for a gradient flow
/// whose parameters all learn at one rate. `scale` > 0 is the size of a change of the state over
/// which the flow bends, of order 1 for networks whose activation and inputs are of order 1. In
/// units of `scale`, the error is 4e-11 (two_point) or 3e-13 (four_point) of the flow's higher
/// derivatives, and as large a part of the flow itself by rounding. The flow must neither depend on
/// time nor be sampled. Throws std::invalid_argument for a bad size or scale.
template <class F>
Eigen::MatrixXd jacobian(F&& flow, const StateOf<F>& w,
                         Differences differences = Differences::four_point, double scale = 1.0) {
  return detail::jacobian(detail::rate_of(flow), detail::values_of(flow, w), differences, scale);
}

}  // namespace popflow

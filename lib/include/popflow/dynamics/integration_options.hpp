#pragma once

#include <cstddef>
#include <functional>

#include "popflow/dynamics/stop_reason.hpp"

namespace popflow {

/// How accurately a flow is integrated, and when it may stop early.
struct IntegrationOptions {
  /// A step is accepted when the Euclidean norm of its estimated error is at most
  /// absolute_tolerance + relative_tolerance |w|. The error at the end is proportional to the
  /// tolerance. absolute_tolerance > 0, in units of the state; relative_tolerance >= 0.
  double absolute_tolerance = 1e-10;
  double relative_tolerance = 1e-8;

  /// The step tried first, in units of tau; > 0. A poor guess costs a few steps.
  double first_step = 1e-3;

  /// Largest number of accepted steps; >= 1.
  std::size_t step_limit = 1'000'000;

  /// Stops as stationary once |dw/dtau| (Euclidean) is at most this; 0 means never. Because of the
  /// error that a step may make, the rate at a fixed point does not fall below about the tolerance
  /// times the fastest decay rate. Choose a value well above that.
  double stationary_rate = 0.0;

  /// Called before every step; if it returns true, the integration stops as interrupted. May be
  /// empty.
  std::function<bool()> interrupted = {};
};

/// How a flow is integrated with fixed steps.
struct FixedStepOptions {
  double step = 0.1;                       ///< largest length of a step, > 0
  std::function<bool()> interrupted = {};  ///< asked before every step; true stops
};

/// How an integration ended, and what it took.
struct IntegrationResult {
  StopReason reason = StopReason::reached_end;
  double tau = 0.0;          ///< time of the last state
  std::size_t steps = 0;     ///< accepted
  std::size_t rejected = 0;  ///< tried again with a smaller step
  /// Evaluations of the flow: 1 + 6 (steps + rejected) by integrate, 4 a step by integrate_fixed.
  /// Evaluations at states that are not finite count too, although the flow is not called there.
  std::size_t evaluations = 0;
};

}  // namespace popflow

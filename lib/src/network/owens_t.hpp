#pragma once

#include <numbers>

#include <boost/math/special_functions/owens_t.hpp>

namespace popflow {

inline constexpr double inv_sqrt_2pi = 0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2;

/// Owen's T function, not in long double and without exceptions: what diverges is to be seen as not
/// finite.
inline double owens_t(double h, double a) {
  using namespace boost::math::policies;
  using Policy = policy<promote_double<false>, domain_error<ignore_error>,
                        overflow_error<ignore_error>, evaluation_error<ignore_error>>;
  return boost::math::owens_t(h, a, Policy());
}

}  // namespace popflow

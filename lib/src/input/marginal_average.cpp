#include "popflow/input/marginal_average.hpp"

#include <algorithm>
#include <numbers>
#include <utility>

#include "input/check_number.hpp"

namespace popflow {

namespace {

constexpr double longest_step = 0.3;
constexpr double reach = 9.0;       // the normal density there is 1e-18
constexpr double sign_gain = 1e17;  // from here on all but 1e-17 of the fields are those of a sign

double normal_density(double z) {
  return std::numbers::inv_sqrtpi / std::numbers::sqrt2 * std::exp(-0.5 * z * z);
}

}  // namespace

MarginalAverage::MarginalAverage(const PointwiseField& field, double steepness, int halvings) {
  check_number(steepness >= 1.0, "steepness", steepness, "at least 1");
  if (field.gain >= sign_gain) {
    first_step_ = 1.0;
    levels_ = {{{field.scale, 0.5 * field.scale}}};
    return;
  }
  const double gamma = steepness * std::max(1.0, field.gain), t_end = std::asinh(reach * gamma);
  const double steps = std::ceil(t_end / longest_step);
  first_step_ = t_end / steps;
  const auto node = [&](double t) {
    const double z = std::sinh(t) / gamma, x = field(z);
    return Node{x, x * normal_density(z) * std::cosh(t) / gamma};
  };
  double h = first_step_;
  for (int level = 0; level <= halvings; ++level) {
    // The first level has the end points of the steps, the others their midpoints.
    const double offset = level == 0 ? 1.0 : 0.5;
    std::vector<Node> nodes;
    for (double n = 0.0; (n + offset) * h <= t_end * (1.0 + 1e-12); ++n)
      nodes.push_back(node((n + offset) * h));
    levels_.push_back(std::move(nodes));
    if (level > 0) h *= 0.5;
  }
}

}  // namespace popflow

#include "popflow/tensor/power_method.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/moments/interrupted.hpp"

namespace popflow {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// A point x of the sphere. `sign` is 1 for ascent and -1 for descent: the search climbs sign T.
struct Climb {
  MatrixXd x;      // n x 1
  MatrixXd image;  // sign T[x, x, x, .]
  double height;   // x . image
};

Climb at(const QuarticAction& form, double sign, VectorXd x) {
  Climb climb{x.normalized(), MatrixXd(x.size(), 1), 0.0};
  form.contract(climb.x, climb.image);
  climb.image *= sign;
  climb.height = climb.x.cwiseProduct(climb.image).sum();
  return climb;
}

double residual(const Climb& climb) { return (climb.image - climb.height * climb.x).norm(); }

// Whether `to` is higher. Near the top rounding hides the rise; then the residual decides.
bool improves(const Climb& from, const Climb& to, double scale) {
  const double rise = to.height - from.height;
  const bool hidden = std::abs(rise) < 1e-14 * std::max(scale, std::abs(from.height));
  return hidden ? residual(to) < residual(from) : rise > 0.0;
}

}  // namespace

ZEigenpair z_eigenpair(const QuarticAction& form, const VectorXd& start, Ascent ascent,
                       const PowerOptions& options) {
  if (start.size() != form.dimension || !(start.norm() > 0.0))
    throw std::invalid_argument(fmt::format(
        "start of the power method: must have {} entries, not all zero", form.dimension));
  const double sign = ascent == Ascent::maximum ? 1.0 : -1.0;
  Climb climb = at(form, sign, start);
  // If the form has one sign only, the climb may lead to lambda = 0. Residuals are therefore also
  // compared with |image| at the start.
  const double scale = climb.image.norm();
  double shift = 0.0;
  int iterations = 0;
  while (iterations < options.iterations && !is_interrupted(options.interrupted) &&
         residual(climb) > options.tolerance * std::max(scale, std::abs(climb.height))) {
    ++iterations;
    Climb next = at(form, sign, climb.image + shift * climb.x);
    if (improves(climb, next, scale)) {
      climb = std::move(next);
      shift *= 0.5;
    } else {
      shift = std::max(2.0 * shift, 0.1 * climb.image.norm());
    }
  }
  return {sign * climb.height, climb.x, residual(climb), iterations};
}

std::vector<ZEigenpair> z_eigenpairs(const QuarticAction& form, const PowerSearch& search) {
  std::vector<ZEigenpair> found;
  for (int k = 0; k < search.starts && !is_interrupted(search.power.interrupted); ++k) {
    VectorXd start(form.dimension);
    RandomStream(search.seed, Purpose::decomposition, static_cast<std::uint64_t>(k))
        .fill_normal(start);
    for (Ascent ascent : {Ascent::maximum, Ascent::minimum}) {
      ZEigenpair pair = z_eigenpair(form, start, ascent, search.power);
      const bool known = std::any_of(found.begin(), found.end(), [&](const ZEigenpair& other) {
        return std::min((other.vector - pair.vector).norm(), (other.vector + pair.vector).norm()) <
               search.same;
      });
      if (!known) found.push_back(std::move(pair));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::abs(a.lambda) > std::abs(b.lambda);
  });
  return found;
}

}  // namespace popflow

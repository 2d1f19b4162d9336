#include "popflow/dynamics/jacobian.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/core.h>

#include "input/check_number.hpp"

namespace popflow::detail {

namespace {

// The step at which the errors of truncation, h^order, and of rounding, epsilon / h, are equal.
double difference_step(Differences differences, double scale) {
  check_positive("scale", scale);
  const double order = differences == Differences::two_point ? 2.0 : 4.0;
  return scale * std::pow(std::numeric_limits<double>::epsilon(), 1.0 / (order + 1.0));
}

}  // namespace

Eigen::VectorXd derivative(const std::function<void(double, Eigen::VectorXd&)>& f, double x,
                           Eigen::Index size, Differences differences, double scale) {
  const double h = difference_step(differences, scale);
  Eigen::VectorXd ahead(size), behind(size);
  // Divided by the distance between the points after rounding.
  const auto quotient = [&](double distance) -> Eigen::VectorXd {
    const double forwards = x + distance, backwards = x - distance;
    f(forwards, ahead);
    f(backwards, behind);
    return (ahead - behind) / (forwards - backwards);
  };
  if (differences == Differences::two_point) return quotient(h);
  return (4.0 * quotient(h) - quotient(2.0 * h)) / 3.0;
}

Eigen::MatrixXd jacobian(const Rate& rate, const Eigen::VectorXd& w, Differences differences,
                         double scale) {
  const Eigen::Index size = w.size();
  Eigen::MatrixXd J(size, size);
  Eigen::VectorXd moved = w;
  for (Eigen::Index j = 0; j < size; ++j) {
    const auto along = [&](double entry, Eigen::VectorXd& out) {
      moved[j] = entry;
      rate(moved, out);
    };
    J.col(j) = derivative(along, w[j], size, differences, scale);
    moved[j] = w[j];
  }
  return J;
}

void check_state_size(Eigen::Index dimension, Eigen::Index size) {
  if (size != dimension)
    throw std::invalid_argument(
        fmt::format("state of {} entries: the flow has {}", size, dimension));
}

}  // namespace popflow::detail

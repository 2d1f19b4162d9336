#include "popflow/measure/localisation.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/measure/receptive_field.hpp"

#include "measure/check_size.hpp"

namespace popflow {

Localisation localisation(const Weights& u, double concentration) {
  if (u.size() == 0)
    throw std::invalid_argument("localisation: there must be at least one neuron and one site");
  if (!(concentration >= 1.0))
    throw std::invalid_argument(fmt::format(
        "concentration {}: must be at least 1, that of a uniform field", concentration));
  Localisation result{.localised = {}, .fraction = 0.0};
  result.localised.resize(u.rows());
  for (Eigen::Index k = 0; k < u.rows(); ++k)
    result.localised[k] =
        static_cast<double>(u.cols()) * inverse_participation_ratio(u.row(k)) > concentration;
  result.fraction = result.localised.cast<double>().mean();
  return result;
}

std::vector<Point> localised_centres(const Torus& torus, const Weights& u, const Localisation& of) {
  check_size(torus, u.cols());
  if (of.localised.size() != u.rows())
    throw std::invalid_argument(
        fmt::format("localisation of {} neurons: there are {}", of.localised.size(), u.rows()));
  std::vector<Point> centres;
  for (Eigen::Index k = 0; k < u.rows(); ++k) {
    if (!of.localised[k]) continue;
    const Point at = centre(torus, u.row(k));
    if (std::isfinite(at[0]) && std::isfinite(at[1])) centres.push_back(at);
  }
  return centres;
}

}  // namespace popflow

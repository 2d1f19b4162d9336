#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/population_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "log_slope.hpp"
#include "random_weights.hpp"
#include "reference_neurons.hpp"

namespace popflow::test {

struct NamedNetwork {
  std::string name;
  Network network;
};

/// Every activation and loss of which averages over Gaussian inputs are known.
inline std::vector<NamedNetwork> closed_form_networks() {
  std::vector<NamedNetwork> networks;
  for (const Loss loss : {Loss::squared, Loss::correlation}) {
    networks.push_back({"erf, " + name(loss), {Erf{}, loss}});
    networks.push_back({"relu, " + name(loss), {Relu{}, loss}});
    networks.push_back({"cubic, " + name(loss), {cubic(), loss}});
    networks.push_back({"linear, " + name(loss), {linear(), loss}});
  }
  return networks;
}

/// Checks that every entry of the gradient is the difference quotient of the loss. The quotients
/// are of fourth order with step 1e-3. Their errors are 1e-12 / 30 times the fifth derivatives,
/// which are of order one to 1e3, and rounding, 1e-15 / 1e-3.
template <PotentialGradient Gradient>
void check_gradient(Gradient& gradient, const Parameters& at, const std::string& where) {
  constexpr double step = 1e-3, tolerance = 1e-9;
  Parameters slope = at, moved = at;
  gradient(at, slope);
  const double scale = 1.0 + slope.values.cwiseAbs().maxCoeff();
  for (Eigen::Index i = 0; i < at.values.size(); ++i) {
    const auto along = [&](double distance) {
      moved.values = at.values;
      moved.values[i] += distance;
      return gradient.loss(moved);
    };
    const double quotient =
        (8.0 * (along(step) - along(-step)) - (along(2.0 * step) - along(-2.0 * step))) /
        (12.0 * step);
    BOOST_TEST(std::abs(quotient - slope.values[i]) <= tolerance * scale,
               where << ", entry " << i << ": " << slope.values[i] << ", quotient " << quotient);
  }
}

/// That gradients move with the weights, under shifts and the point reflection.
template <PopulationGradient Gradient>
void check_equivariance(Gradient& gradient, const Torus& torus, const Parameters& at,
                        const std::string& where) {
  constexpr double rounding = 1e-12;
  Parameters slope = at;
  gradient(at, slope);
  const auto check = [&](const auto& transformed, const std::string& what) {
    const auto of = [&](const Parameters& parameters) {
      Parameters result = parameters;
      for (Eigen::Index k = 0; k < at.hidden(); ++k)
        result.first().row(k) = transformed(parameters.first().row(k).transpose()).transpose();
      return result;
    };
    Parameters there = at;
    gradient(of(at), there);
    BOOST_TEST((there.values - of(slope).values).cwiseAbs().maxCoeff() <=
                   rounding * (1.0 + slope.values.cwiseAbs().maxCoeff()),
               where << ", " << what);
  };
  for (const int s : {1, torus.sites() - 2})
    check([&](const Field& u) { return shifted(torus, u, s); }, "shift");
  check([&](const Field& u) { return reflected(torus, u); }, "reflection");
}

/// That the gradient of one neuron with bias -0.7 and second layer 0.8 differs from that of its
/// quartic flow by the fifth order in the weights.
template <PopulationGradient Gradient>
void check_against_quartic(const Gradient& gradient, const QuarticFlow& flow) {
  const Weights direction = random_weights(1, flow.torus().sites(), 9);
  std::vector<double> sizes, differences;
  for (const double size : {0.16, 0.08, 0.04}) {
    Parameters at(1, direction.cols());
    at.first() = size * direction;
    at.bias().setConstant(-0.7);
    at.second().setConstant(0.8);
    Parameters slope = at;
    gradient(at, slope);
    const Weights rate = flow.weights(flow(flow.state(at)));
    sizes.push_back(size);
    differences.push_back((slope.first() + rate).norm());
  }
  BOOST_TEST(std::abs(log_slope(sizes, differences) - 5.0) < 0.1,
             "slope " << log_slope(sizes, differences));
}

}  // namespace popflow::test

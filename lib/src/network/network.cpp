#include "popflow/network/network.hpp"

#include <stdexcept>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/network/checks.hpp"

#include "network/kernel_sites.hpp"

namespace popflow {

namespace {

double activate(const Network& network, double z) {
  return std::visit([z](const auto& sigma) { return sigma(z); }, network.activation);
}

// Channel k of a convolution, after pooling.
double channel(const Torus& torus, const Network& network, const Parameters& parameters,
               Eigen::Index k, const Eigen::Ref<const Field>& x) {
  const std::vector<int> sites = kernel_sites(torus, *network.convolution);
  Field activity(torus.sites());
  for (int s = 0; s < torus.sites(); ++s) {
    double z = parameters.bias()[k];
    for (std::size_t r = 0; r < sites.size(); ++r)
      z += parameters.first()(k, static_cast<Eigen::Index>(r)) * x[torus.add(s, sites[r])];
    activity[s] = activate(network, z);
  }
  return network.convolution->pooling == Pooling::average ? activity.mean() : activity.maxCoeff();
}

}  // namespace

std::vector<int> kernel_sites(const Torus& torus, const Convolution& convolution) {
  const std::vector<int>& kernel = convolution.kernel;
  bool fits = kernel.size() == torus.shape().size();
  for (std::size_t axis = 0; fits && axis < kernel.size(); ++axis)
    fits = kernel[axis] >= 1 && kernel[axis] <= torus.shape()[axis];
  if (!fits)
    throw std::invalid_argument(
        fmt::format("kernel [{}]: must have one extent an axis of the lattice, each from 1 to the "
                    "lattice's own, [{}]",
                    fmt::join(kernel, ", "), fmt::join(torus.shape(), ", ")));
  std::vector<int> sites;
  const int rows = kernel.size() == 2 ? kernel.front() : 1;
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < kernel.back(); ++column) sites.push_back(torus.site(row, column));
  return sites;
}

Network network_of(const Neuron& neuron, Loss loss) { return {neuron.activation, loss}; }

Parameters parameters_of(const Neuron& neuron, const Weights& u) {
  Parameters parameters(u.rows(), u.cols());
  parameters.first() = u;
  parameters.bias().setConstant(neuron.bias);
  parameters.second().setConstant(neuron.second_layer);
  return parameters;
}

Eigen::Index receptive_sites(const Torus& torus, const Network& network) {
  if (!network.convolution) return torus.sites();
  return static_cast<Eigen::Index>(kernel_sites(torus, *network.convolution).size());
}

void check_shape(const Parameters& parameters, Eigen::Index hidden, Eigen::Index sites) {
  if (parameters.hidden() != hidden || parameters.sites() != sites)
    throw std::invalid_argument(fmt::format("weights of {} x {}: must be {} x {}",
                                            parameters.hidden(), parameters.sites(), hidden,
                                            sites));
}

void check_parameters(const Torus& torus, const Network& network, const Parameters& parameters) {
  check_activation(network.activation);
  const Eigen::Index sites = receptive_sites(torus, network);
  if (parameters.hidden() < 1 || parameters.sites() != sites)
    throw std::invalid_argument(fmt::format("weights of {} x {}: must be K x {}, K at least 1",
                                            parameters.hidden(), parameters.sites(), sites));
  if (!parameters.values.allFinite()) throw std::invalid_argument("parameters: must be finite");
}

double output(const Torus& torus, const Network& network, const Parameters& parameters,
              const Eigen::Ref<const Field>& x) {
  double phi = 0.0;
  for (Eigen::Index k = 0; k < parameters.hidden(); ++k)
    phi += parameters.second()[k] *
           (network.convolution
                ? channel(torus, network, parameters, k, x)
                : activate(network, parameters.first().row(k).dot(x) + parameters.bias()[k]));
  return phi;
}

Weights receptive_fields(const Torus& torus, const Network& network, const Weights& first) {
  if (!network.convolution) return first;
  const std::vector<int> sites = kernel_sites(torus, *network.convolution);
  Weights fields = Weights::Zero(first.rows(), torus.sites());
  for (std::size_t r = 0; r < sites.size(); ++r)
    fields.col(sites[r]) = first.col(static_cast<Eigen::Index>(r));
  return fields;
}

}  // namespace popflow

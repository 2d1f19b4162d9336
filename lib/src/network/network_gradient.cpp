#include "popflow/network/network_gradient.hpp"

#include <algorithm>

#include "network/kernel_sites.hpp"
#include "network/lane_errors.hpp"
#include "network/lane_sigma.hpp"
#include "network/network_kernels.hpp"

namespace popflow {

namespace {

// Sums over this number of groups of samples are kept in registers before they are written. The
// number covers a block of 256 samples, where each class may leave one group half empty.
constexpr int panel = 20;

// The sites under a kernel at every position: N x M.
std::vector<int> neighbours(const Torus& torus, const Network& network) {
  if (!network.convolution) return {};
  std::vector<int> result;
  const std::vector<int> kernel = kernel_sites(torus, *network.convolution);
  for (int s = 0; s < torus.sites(); ++s)
    for (const int r : kernel) result.push_back(torus.add(s, r));
  return result;
}

}  // namespace

template <class Real>
NetworkGradient<Real>::NetworkGradient(const Torus& torus, const Network& network,
                                       Eigen::Index hidden)
    : network_(network),
      hidden_(static_cast<int>(hidden)),
      sites_(static_cast<int>(receptive_sites(torus, network))),
      positions_(network.convolution ? torus.sites() : 1),
      groups_at_once_(network.convolution ? 1 : panel),
      neighbour_(neighbours(torus, network)),
      coefficients_(lane_coefficients<Real>(network.activation)),
      first_(hidden * sites_),
      bias_(hidden),
      second_(hidden),
      gradient_(hidden * (sites_ + 2)) {
  activity_.resize(static_cast<std::size_t>(groups_at_once_ * hidden * positions_ * lanes));
  slope_.resize(activity_.size());
  pooled_.resize(static_cast<std::size_t>(network.convolution ? hidden * lanes : 0));
  phi_.resize(groups_at_once_, lanes);
}

template <class Real>
void NetworkGradient<Real>::set(const Parameters& parameters) {
  Eigen::Map<Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>>(first_.data(), hidden_, sites_) =
      parameters.first().template cast<Real>();
  bias_ = parameters.bias().template cast<Real>();
  second_ = parameters.second().template cast<Real>();
}

template <class Real>
void NetworkGradient<Real>::add(const LaneBatch<Real>& batch, Parameters& sum) {
  for (int first = 0; first < batch.groups; first += groups_at_once_) {
    const int groups = std::min(groups_at_once_, batch.groups - first);
    forward(batch, first, groups);
    lane_errors<Real>(network_.loss, batch.label.middleRows(first, groups),
                      batch.weight.middleRows(first, groups), phi_.topRows(groups));
    backward(batch, first, groups);
    sum.values += gradient_.template cast<double>();
  }
}

template <class Real>
void NetworkGradient<Real>::outputs(const LaneBatch<Real>& batch, LaneFields<Real>& phi) {
  for (int first = 0; first < batch.groups; first += groups_at_once_) {
    const int groups = std::min(groups_at_once_, batch.groups - first);
    forward(batch, first, groups);
    phi.middleRows(first, groups) = phi_.topRows(groups);
  }
}

template <class Real>
void NetworkGradient<Real>::forward(const LaneBatch<Real>& batch, int first, int groups) {
  const NetworkKernels<Real>& kernels = network_kernels<Real>();
  const Real* x = batch.fields(first).data();
  const LaneLayer<Real> layer{.K = hidden_, .sites = sites_, .u = first_.data(), .b = bias_.data()};
  if (network_.convolution)
    kernels.convolved(layer, {.N = positions_, .M = sites_, .site = neighbour_.data()}, x,
                      activity_.data());
  else
    kernels.preactivations(groups, layer, x, activity_.data());
  kernels.activate(lane_sigma(network_.activation, coefficients_),
                   static_cast<std::size_t>(groups) * hidden_ * positions_, activity_.data(),
                   slope_.data());
  kernels.outputs(groups, hidden_, second_.data(), pool(), phi_.data());
}

// One activity a neuron, or a channel.
template <class Real>
const Real* NetworkGradient<Real>::pool() {
  const NetworkKernels<Real>& kernels = network_kernels<Real>();
  if (!network_.convolution) return activity_.data();
  if (network_.convolution->pooling == Pooling::average)
    kernels.pool_average(hidden_, positions_, activity_.data(), pooled_.data());
  else
    kernels.pool_maximum(hidden_, positions_, activity_.data(), pooled_.data(), slope_.data());
  return pooled_.data();
}

template <class Real>
void NetworkGradient<Real>::backward(const LaneBatch<Real>& batch, int first, int groups) {
  const NetworkKernels<Real>& kernels = network_kernels<Real>();
  Real* const gradient = gradient_.data();
  Real* const bias = gradient + Eigen::Index{hidden_} * sites_;
  const Real* const activity = network_.convolution ? pooled_.data() : activity_.data();
  kernels.second_gradient(groups, hidden_, activity, phi_.data(), bias + hidden_);
  const bool average = network_.convolution && network_.convolution->pooling == Pooling::average;
  const Real scale = average ? Real(1) / static_cast<Real>(positions_) : Real(1);
  kernels.backpropagate({.G = groups, .K = hidden_, .S = positions_},
                        {.scale = scale, .v = second_.data()}, phi_.data(), slope_.data(), bias);
  if (network_.convolution)
    kernels.convolved_gradient(hidden_, {.N = positions_, .M = sites_, .site = neighbour_.data()},
                               slope_.data(), batch.fields(first).data(), gradient);
  else
    kernels.first_gradient({.G = groups, .K = hidden_, .S = sites_}, slope_.data(),
                           batch.fields(first).data(), gradient);
}

template class NetworkGradient<float>;
template class NetworkGradient<double>;

}  // namespace popflow

#include "popflow/training/quartic_gradient.hpp"

#include <stdexcept>

#include "popflow/network/quartic_expansion.hpp"

#include "network/network_kernels.hpp"

namespace popflow {

template <class Real>
QuarticGradient<Real>::QuarticGradient(const Task& task, const Network& network,
                                       const Parameters& parameters)
    : first_(parameters.sites()), gradient_(parameters.sites()), lambda_(1, lanes) {
  if (network.convolution || parameters.hidden() != 1)
    throw std::invalid_argument("quartic gradient: must have one fully connected neuron");
  const Neuron neuron{network.activation, parameters.bias()[0], parameters.second()[0]};
  for (const TaskClass& c : task) {
    const auto [A2, A4] = quartic_expansion(neuron, network.loss, c.label);
    second_order_.push_back(static_cast<Real>(A2));
    fourth_order_.push_back(static_cast<Real>(A4));
  }
}

template <class Real>
void QuarticGradient<Real>::set(const Parameters& parameters) {
  first_ = parameters.first().row(0).transpose().template cast<Real>();
}

template <class Real>
void QuarticGradient<Real>::add(const LaneBatch<Real>& batch, Parameters& sum) {
  const NetworkKernels<Real>& kernels = network_kernels<Real>();
  const int sites = static_cast<int>(first_.size());
  const Real no_bias(0);
  for (int g = 0; g < batch.groups; ++g) {
    kernels.preactivations(1, {.K = 1, .sites = sites, .u = first_.data(), .b = &no_bias},
                           batch.fields(g).data(), lambda_.data());
    const auto c = static_cast<std::size_t>(batch.group_class[static_cast<std::size_t>(g)]);
    auto lambda = lambda_.array();
    lambda *= batch.weight.row(g).array() *
              (second_order_[c] + fourth_order_[c] / Real(6) * lambda.square());
    kernels.first_gradient({.G = 1, .K = 1, .S = sites}, lambda_.data(), batch.fields(g).data(),
                           gradient_.data());
    sum.first() += gradient_.transpose().template cast<double>();
  }
}

template class QuarticGradient<float>;
template class QuarticGradient<double>;

}  // namespace popflow

#include "popflow/flow/state.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace popflow {

namespace {

StateLayout checked(StateLayout layout) {
  if (layout.neurons < 1)
    throw std::invalid_argument(
        fmt::format("state of {} neurons: must have at least 1", layout.neurons));
  return layout;
}

std::string description(const StateLayout& layout) {
  return fmt::format("{} neurons on a lattice of {} sites, {} biases and {} second layer",
                     layout.neurons, fmt::join(layout.torus.shape(), " x "),
                     layout.biases ? "trained" : "fixed",
                     layout.second_layer ? "trained" : "fixed");
}

void check_fixed(const char* what, const Eigen::VectorXd& given, const Eigen::VectorXd& fixed) {
  for (Eigen::Index k = 0; k < given.size(); ++k)
    if (given[k] != fixed[k])
      throw std::invalid_argument(
          fmt::format("{} of neuron {} is {}: this flow does not train it, and has {}", what, k,
                      given[k], fixed[k]));
}

}  // namespace

State::State(StateLayout layout)
    : layout_(checked(std::move(layout))), values_(Eigen::VectorXd::Zero(layout_.size())) {}

State::State(StateLayout layout, Eigen::VectorXd values)
    : layout_(checked(std::move(layout))), values_(std::move(values)) {
  if (values_.size() != layout_.size())
    throw std::invalid_argument(fmt::format("state of {} values: {} have {}", values_.size(),
                                            description(layout_), layout_.size()));
}

StateSpace::StateSpace(const Torus& torus, Parameters fixed, bool biases, bool second_layer)
    : layout_(checked({torus, fixed.hidden(), biases, second_layer})),
      fixed_(std::move(fixed)),
      basis_(torus) {
  check_shape(fixed_.hidden(), fixed_.sites());
}

void StateSpace::check_shape(Eigen::Index hidden, Eigen::Index sites) const {
  if (hidden != layout_.neurons || sites != layout_.torus.sites())
    throw std::invalid_argument(fmt::format("weights of {} x {}: the flow has {} x {}", hidden,
                                            sites, layout_.neurons, layout_.torus.sites()));
}

State StateSpace::state(const Parameters& parameters) const {
  check_shape(parameters.hidden(), parameters.sites());
  if (!layout_.biases) check_fixed("the bias", parameters.bias(), fixed_.bias());
  if (!layout_.second_layer)
    check_fixed("the second-layer weight", parameters.second(), fixed_.second());
  Eigen::VectorXd values(layout_.size());
  store(parameters, values);
  return {layout_, std::move(values)};
}

State StateSpace::state(const Weights& first) const {
  check_shape(first.rows(), first.cols());
  Parameters parameters = fixed_;
  parameters.first() = first;
  return state(parameters);
}

Parameters StateSpace::parameters(const State& state) const {
  check(state);
  Parameters parameters = fixed_;
  load(state.values(), parameters);
  return parameters;
}

void StateSpace::check(const State& state) const {
  if (state.values().size() != state.layout().size())
    throw std::invalid_argument("state: its values were moved out");
  if (state.layout() == layout_) return;
  throw std::invalid_argument(fmt::format("state of {}: the flow is of {}",
                                          description(state.layout()), description(layout_)));
}

void StateSpace::load(const Eigen::VectorXd& values, Parameters& parameters) const {
  const Eigen::Index N = layout_.torus.sites(), K = layout_.neurons;
  for (Eigen::Index k = 0; k < K; ++k)
    basis_.to_sites(values.segment(k * N, N), parameters.values.segment(k * N, N));
  if (layout_.biases) parameters.bias() = values.segment(K * N, K);
  if (layout_.second_layer) parameters.second() = values.tail(K);
}

void StateSpace::store(const Parameters& parameters, Eigen::VectorXd& values) const {
  const Eigen::Index N = layout_.torus.sites(), K = layout_.neurons;
  for (Eigen::Index k = 0; k < K; ++k)
    basis_.from_sites(parameters.values.segment(k * N, N), values.segment(k * N, N));
  if (layout_.biases) values.segment(K * N, K) = parameters.bias();
  if (layout_.second_layer) values.tail(K) = parameters.second();
}

}  // namespace popflow

#include "popflow/flow/conditional_gradient.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

#include "flow/one_neuron.hpp"

namespace popflow {

ConditionalGradient::ConditionalGradient(const Task& task, const Network& network)
    : activation_(network.activation), fourier_(lattice_of_one_neuron(task, network)) {
  for (const TaskClass& c : task) {
    const auto field = c.input.pointwise();
    if (!field)
      throw std::invalid_argument(
          fmt::format("the input of label {} does not state the law of one site: must be made from "
                      "a Gaussian field site by site",
                      c.label));
    const MarginalAverage marginal(*field);
    terms_.push_back({c.probability, c.input.spectrum(), c.input.covariance()[0],
                      marginal([](double x) { return x * x * x; }), marginal,
                      NeuronAverage(network.activation, network.loss, c.label)});
  }
}

void ConditionalGradient::operator()(const Parameters& at, Parameters& out) const {
  check_shape(at, 1, torus().sites());
  Scratch scratch;
  Spectrum& u = scratch.spectrum(torus().half_modes());
  fourier_.forward(at.values.head(at.sites()), u);
  out.values.setZero();
  for (const ClassTerm& term : terms_) add(term, u, at, out);
}

// (Eq. 77) for the weights, (Eq. 78) for bias and second layer.
void ConditionalGradient::add(const ClassTerm& term, const Spectrum& u, const Parameters& at,
                              Parameters& out) const {
  Scratch scratch;
  Spectrum& product = scratch.spectrum(u.size());
  Field& Cu = scratch.field(at.sites());
  product = term.spectrum.array() * u.array();
  fourier_.backward(product, Cu);
  const double Q = std::max(at.values.head(at.sites()).dot(Cu), 0.0);
  GaussianNeuron neuron{at.bias()[0], at.second()[0], 0.0, Q};
  out.bias()[0] += term.probability * term.average.slopes(neuron, 0)[0];
  out.second()[0] += term.probability * term.average.second_layer_slope(neuron);
  const bool cubic = Q <= cubic_variance(activation_, neuron.bias);
  for (Eigen::Index i = 0; i < Cu.size(); ++i) {
    const double a = Cu[i] / term.variance;
    neuron.variance = std::max(Q - a * Cu[i], 0.0);
    if (cubic) {
      const auto f = term.average.slopes(neuron);
      const double third = a * a * a * term.fourth / 6.0;
      out.values[i] += term.probability * (Cu[i] * f[1] + third * f[3]);
      continue;
    }
    out.values[i] += term.probability * term.marginal([&](double x) {
      neuron.mean = a * x;
      return term.average.slopes(neuron, 0)[0];
    });
  }
}

}  // namespace popflow

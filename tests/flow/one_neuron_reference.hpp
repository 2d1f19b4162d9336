#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/population_gradient.hpp"
#include "popflow/input/task.hpp"
#include "popflow/network/neuron_average.hpp"

#include "random_values.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"

namespace popflow::test {

/// C u, summed over sites.
inline Field filtered(const Input& input, const Field& u) {
  const Torus& torus = input.torus();
  const Field covariance = input.covariance();
  Field result = Field::Zero(u.size());
  for (int i = 0; i < torus.sites(); ++i)
    for (int a = 0; a < torus.sites(); ++a) result[i] += covariance[a] * u[torus.add(i, a)];
  return result;
}

/// Weights of order `scale` and, for the reference neurons, their biases and second layers.
inline Parameters one_neuron(const Torus& torus, const Neuron& neuron, double scale,
                             std::uint64_t seed) {
  Parameters result(1, torus.sites());
  result.values.head(torus.sites()) = scale * random_unit_vector(torus.sites(), seed);
  result.bias()[0] = neuron.bias;
  result.second()[0] = neuron.second_layer;
  return result;
}

/// The population gradient for Gaussian inputs: E[x f] = C u E f' by Stein's lemma.
inline Eigen::VectorXd gaussian_gradient_at(const Task& task, const Network& network,
                                            const Parameters& at) {
  const Field u = at.values.head(at.sites());
  Parameters sum(1, at.sites());
  for (const TaskClass& c : task) {
    const NeuronAverage average(network.activation, network.loss, c.label);
    const Field Cu = filtered(c.input, u);
    const GaussianNeuron neuron{at.bias()[0], at.second()[0], 0.0, u.dot(Cu)};
    const auto f = average.slopes(neuron, 1);
    sum.values.head(at.sites()) += c.probability * f[1] * Cu;
    sum.bias()[0] += c.probability * f[0];
    sum.second()[0] += c.probability * average.second_layer_slope(neuron);
  }
  return sum.values;
}

/// The gradient in the limit of small weights: E[x f] = C u f'(0).
inline Field linear_gradient(const Task& task, const Network& network, const Parameters& at) {
  const Field u = at.values.head(at.sites());
  Field sum = Field::Zero(u.size());
  for (const TaskClass& c : task)
    sum += c.probability * filtered(c.input, u) *
           NeuronAverage(network.activation, network.loss, c.label)
               .slopes({at.bias()[0], at.second()[0], 0.0, 0.0}, 1)[1];
  return sum;
}

/// The gradient of a copy, as one vector.
template <PopulationGradient Gradient>
Eigen::VectorXd gradient_at(Gradient gradient, const Parameters& at) {
  Parameters out(at.hidden(), at.sites());
  gradient(at, out);
  return out.values;
}

/// The reference neurons and a ReLU.
inline std::vector<NamedNeuron> neurons_with_relu() {
  auto neurons = reference_neurons();
  neurons.push_back({"relu", {Relu{}, 0.3, 1.2}});
  return neurons;
}

/// The neurons whose averages are in closed form.
inline std::vector<NamedNeuron> quick_neurons() {
  auto neurons = neurons_with_relu();
  std::erase_if(neurons, [](const NamedNeuron& named) {
    return named.name == "tanh" || named.name == "logistic";
  });
  return neurons;
}

/// Checks that tiny weights grow at the rates of (Eq. 21), but for the third order in them,
/// some 10 |u|^2 of the first. `gradient_of(network)` is for this task.
template <class MakeGradient>
void check_tiny_weights_grow_at_their_rates(const Task& task, const MakeGradient& gradient_of) {
  for (const auto& [neuron_name, neuron] : quick_neurons()) {
    const Network network{neuron.activation, Loss::squared};
    const PopulationGradient auto gradient = gradient_of(network);
    for (const double scale : {1e-3, 1e-4, 1e-6, 1e-10, 1e-15, 1e-17, 1e-30, 1e-60}) {
      const Parameters at = one_neuron(lattice_of(task), neuron, scale, 6);
      const Field exact = linear_gradient(task, network, at);
      const double error =
          (gradient_at(gradient, at).head(exact.size()) - exact).norm() / exact.norm();
      BOOST_TEST(error <= 1e-11 + 30.0 * scale * scale,
                 neuron_name << ", |u| = " << scale << ": " << error);
    }
  }
}

/// Checks that the gradient belongs to the weights: shifted and mirrored weights have the shifted
/// and mirrored gradient, and the same slopes by bias and second layer.
template <PopulationGradient Gradient>
void check_equivariance(const Gradient& gradient, const Torus& torus, const Parameters& at,
                        const std::function<void(double, const std::string&)>& check) {
  const Eigen::VectorXd here = gradient_at(gradient, at);
  const auto moved = [&torus](const Eigen::VectorXd& values, int shift, int down, int right) {
    Eigen::VectorXd result = values;
    for (int i = 0; i < torus.sites(); ++i) {
      const auto [row, column] = torus.coordinates(i);
      result[torus.add(torus.site(down * row, right * column), shift)] = values[i];
    }
    return result;
  };
  for (const int shift : {0, 1, torus.sites() - 2})
    for (const auto& [down, right] : {std::pair{1, 1}, {1, -1}, {-1, 1}, {-1, -1}}) {
      Parameters there = at;
      there.values = moved(at.values, shift, down, right);
      const double error =
          (gradient_at(gradient, there) - moved(here, shift, down, right)).cwiseAbs().maxCoeff();
      check(error, "shift " + std::to_string(shift) + ", reflection " + std::to_string(down) +
                       std::to_string(right) + ": " + std::to_string(error));
    }
}

}  // namespace popflow::test

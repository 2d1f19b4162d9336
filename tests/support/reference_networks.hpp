#pragma once

#include <string>
#include <vector>

#include "popflow/network/network.hpp"

#include "random_values.hpp"

namespace popflow::test {

struct NamedActivation {
  std::string name;
  Activation activation;
};

/// Every activation that the experiment file knows.
inline std::vector<NamedActivation> all_activations() {
  return {{"erf", Erf{}},
          {"tanh", Tanh{}},
          {"logistic", Logistic{}},
          {"relu", Relu{}},
          {"linear", linear()},
          {"cubic", cubic()},
          {"erf-series", erf_series()},
          {"polynomial", Polynomial{{0.2, 0.7, -0.3, 0.1, 0.05, -0.02}}}};
}

struct NamedArchitecture {
  std::string name;
  std::vector<int> shape;  ///< of the lattice
  std::optional<Convolution> convolution = {};
};

/// Fully connected and convolutional, on a ring and on a torus; kernels of one site, smaller than
/// the lattice and as large.
inline std::vector<NamedArchitecture> architectures() {
  using enum Pooling;
  return {{"ring", {7}},
          {"torus", {3, 4}},
          {"ring, kernel 3, average", {7}, Convolution{{3}, average}},
          {"ring, kernel 7, maximum", {7}, Convolution{{7}, maximum}},
          {"torus, kernel 2 x 3, average", {3, 4}, Convolution{{2, 3}, average}},
          {"torus, kernel 2 x 3, maximum", {3, 4}, Convolution{{2, 3}, maximum}},
          {"torus, kernel 1 x 1, average", {3, 4}, Convolution{{1, 1}, average}}};
}

/// Parameters of order one, none of them alike.
inline Parameters random_parameters(const Torus& torus, const Network& network, Eigen::Index hidden,
                                    std::uint64_t seed) {
  Parameters parameters(hidden, receptive_sites(torus, network));
  parameters.values = random_values(parameters.values.size(), seed);
  return parameters;
}

}  // namespace popflow::test

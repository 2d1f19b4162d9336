#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "popflow/input/input.hpp"

namespace popflow {

/// Comparisons of one property with samples: numbers that are averaged over samples, and what their
/// averages must be.
struct ComparisonFamily {
  std::string property;
  double scale;  // variance to the power of the moment: what rounding is measured in
  std::vector<std::string> where = {};
  std::vector<double> stated = {}, stated_error = {};
  /// One number a comparison, of one sample.
  std::function<void(const Field& sample, Eigen::Ref<Eigen::ArrayXd> out)> measure = {};

  void add(std::string place, double value = 0.0, double error = 0.0);
  std::size_t size() const { return where.size(); }
};

/// All comparisons of an input with its samples, in the order of check_input. Displacements and
/// places are drawn from the numbers of a fixed stream.
std::vector<ComparisonFamily> comparison_families(const Input& input);

/// The displacements a, b, c at which the four-point function is compared: 0, 0, 0 first, and half
/// of the others where the covariance is large.
std::vector<std::vector<int>> compared_displacements(const Input& input, int count);

}  // namespace popflow

#pragma once

#include <algorithm>
#include <vector>

#include <pybind11/numpy.h>

#include "popflow/network/network.hpp"

#include "bindings.hpp"

namespace popflow::python {

/// The numbers as an array.
inline py::array array_of(const std::vector<double>& numbers) {
  return py::array_t<double>(static_cast<py::ssize_t>(numbers.size()), numbers.data());
}

/// Numbers of a list of arrays in one array: S x K x M of first-layer weights, or S x K. `shape`
/// has K and M also where there is no snapshot.
inline py::array stacked_first(const std::vector<Parameters>& snapshots, const Parameters& shape) {
  const auto s = static_cast<py::ssize_t>(snapshots.size());
  py::array_t<double> result({s, shape.hidden(), shape.sites()});
  double* next = result.mutable_data();
  for (const Parameters& p : snapshots)
    next = std::copy_n(p.values.data(), p.hidden() * p.sites(), next);
  return result;
}

inline Weights stacked_bias(const std::vector<Parameters>& snapshots) {
  Weights result(snapshots.size(), snapshots.front().hidden());
  for (std::size_t s = 0; s < snapshots.size(); ++s)
    result.row(static_cast<Eigen::Index>(s)) = snapshots[s].bias();
  return result;
}

inline Weights stacked_second(const std::vector<Parameters>& snapshots) {
  Weights result(snapshots.size(), snapshots.front().hidden());
  for (std::size_t s = 0; s < snapshots.size(); ++s)
    result.row(static_cast<Eigen::Index>(s)) = snapshots[s].second();
  return result;
}

}  // namespace popflow::python

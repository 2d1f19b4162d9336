#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "popflow/lattice/torus.hpp"
#include "popflow/network/network.hpp"

#include "bindings.hpp"
#include "values.hpp"

namespace popflow::python {

/// A flow of the library, its type forgotten: dw/dtau of a flat state w.
struct AnyFlow {
  Eigen::Index dimension = 0;
  std::function<void(const Eigen::VectorXd&, Eigen::VectorXd&, double)> rate = {};
  std::function<double(const Eigen::VectorXd&)> potential = {};  ///< where it has one
  /// Of an expansion: how large the terms are that it neglects.
  std::function<std::optional<double>(const Eigen::VectorXd&)> neglected_terms = {};
  std::function<Eigen::VectorXd(const Parameters&)> state = {};
  std::function<Parameters(const Eigen::VectorXd&)> parameters = {};
  std::optional<Torus> fourier_torus = {};  ///< where its states are half-spectra: on this
  Made made = {};
  /// It owns scratch memory: one thread at a time. Recursive, because an observer may ask it.
  std::recursive_mutex busy = {};
};

}  // namespace popflow::python

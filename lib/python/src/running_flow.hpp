#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bindings.hpp"
#include "flows.hpp"

namespace popflow::python {

using States = Weights;  ///< snapshots x entries

/// Whether what an observer returned stops what it observes: True, of Python or NumPy.
bool says_stop(const py::object& returned);

/// A flow written in Python: what function(state, tau) returns, or function(state) where it takes
/// no more. Its state is an array that it may keep.
class PythonFlow {
 public:
  PythonFlow(py::function function, Eigen::Index size);

  Eigen::Index dimension() const { return dimension_; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau);

 private:
  py::function function_;
  Eigen::Index dimension_;
  bool timed_;
};

/// Anything that has a rate: a flow of the library, which is held while it runs, or a flow written
/// in Python, with states of `size` entries. Made and destroyed with the interpreter lock. Throws
/// py::type_error for anything else.
class RunningFlow {
 public:
  RunningFlow(const py::object& flow, Eigen::Index size);

  Eigen::Index dimension() const { return own_ ? own_->flow.dimension() : python_->dimension(); }

  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    own_ ? own_->flow.evaluate(w, dwdt, tau) : (*python_)(w, dwdt, tau);
  }

  /// The flow of the library; null for one written in Python.
  const BoundFlow* own() const { return own_.get(); }

  /// The shape of the flow's parameters; nothing if it has none.
  std::optional<Parameters> shape() const;

  /// The parameters of every state; empty if the flow has none.
  std::vector<Parameters> parameters(const States& states) const;

 private:
  std::shared_ptr<BoundFlow> own_;
  std::optional<PythonFlow> python_;
};

}  // namespace popflow::python

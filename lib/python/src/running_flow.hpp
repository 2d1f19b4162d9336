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

/// What can be asked for its rate: a flow of the library, held while it runs, or one written in
/// Python, of states of `size` entries. Made and destroyed with the interpreter lock. Throws
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

  /// The shape of its parameters; nothing where the flow does not know of them.
  std::optional<Parameters> shape() const;

  /// Of every state; empty where the flow does not know of them.
  std::vector<Parameters> parameters(const States& states) const;

 private:
  std::shared_ptr<BoundFlow> own_;
  std::optional<PythonFlow> python_;
};

}  // namespace popflow::python

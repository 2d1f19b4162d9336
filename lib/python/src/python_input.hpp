#pragma once

#include <memory>

#include "popflow/input/input.hpp"

#include "bindings.hpp"

namespace popflow::python {

/// An input model written in Python: any object with
///
///     torus               a Torus
///     covariance()        N numbers
///     spectrum()          half_modes() numbers; may be left out
///     four_point(a, b, c) a number
///     sample(stream)      N numbers, drawn from a RandomStream
///
/// The first three are asked for once. The others are called from any thread, one at a time.
class PythonInput {
 public:
  /// With the interpreter lock. Throws std::invalid_argument for an object of another kind.
  explicit PythonInput(const py::object& object);

  const Torus& torus() const { return torus_; }
  const Field& covariance() const { return covariance_; }
  const Field& spectrum() const { return spectrum_; }
  double four_point(int a, int b, int c) const;
  void sample(RandomStream& stream, Eigen::Ref<Field> out);

 private:
  std::shared_ptr<const py::object> object_;  // so that copies do not need the interpreter lock
  Torus torus_;
  Field covariance_, spectrum_;
};

}  // namespace popflow::python

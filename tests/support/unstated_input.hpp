#pragma once

#include "popflow/input/nonlinear_gaussian_field.hpp"

namespace popflow::test {

/// An NLGP field that does not say how it is made.
struct UnstatedInput {
  NonlinearGaussianField field;

  const Torus& torus() const { return field.torus(); }
  Field covariance() const { return field.covariance(); }
  Field spectrum() const { return field.spectrum(); }
  double four_point(int a, int b, int c) const { return field.four_point(a, b, c); }
  void sample(RandomStream& stream, Eigen::Ref<Field> out) { field.sample(stream, out); }
};

}  // namespace popflow::test

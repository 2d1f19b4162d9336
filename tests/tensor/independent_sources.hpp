#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include <Eigen/Core>

#include "popflow/input/random_stream.hpp"
#include "popflow/tensor/factors.hpp"

#include "random_values.hpp"

namespace popflow::test {

/// Four independent sources s of unit variance and known fourth cumulant, mixed into N = 6
/// channels, x = A s. The fourth cumulant is exactly sum_r kappa_r a_r^(x4), where a_r are the
/// columns of A: rank 4, with weights of both signs. A SampleSource.
class IndependentSources {
 public:
  static constexpr Eigen::Index channels = 6, sources = 4;

  explicit IndependentSources(std::uint64_t seed) : seed_(seed) {
    for (Eigen::Index r = 0; r < sources; ++r)
      mixing_.col(r) = (Eigen::VectorXd::Unit(channels, r) +
                        0.5 * random_unit_vector(channels, 100 + static_cast<std::uint64_t>(r)))
                           .normalized();
  }

  /// The closed form, normalised().
  Factors factors() const {
    return normalised({Eigen::Vector4d(-2.0, -1.2, 1.0, -0.75072), mixing_});
  }

  /// A A^T, the covariance of x.
  Eigen::MatrixXd covariance() const { return mixing_ * mixing_.transpose(); }

  void operator()(std::uint64_t first, Eigen::Ref<Eigen::MatrixXd> samples) const {
    for (Eigen::Index p = 0; p < samples.cols(); ++p) {
      RandomStream stream(seed_, Purpose::evaluation, first + static_cast<std::uint64_t>(p));
      const Eigen::Vector4d s(sign(stream), flat(stream), spread(stream),
                              0.6 * sign(stream) + 0.8 * flat(stream));
      samples.col(p) = mixing_ * s;
    }
  }

  Eigen::MatrixXd draw(std::uint64_t first, Eigen::Index samples) const {
    Eigen::MatrixXd x(channels, samples);
    (*this)(first, x);
    return x;
  }

 private:
  // kappa = -2.
  static double sign(RandomStream& stream) { return stream.uniform() < 0.5 ? -1.0 : 1.0; }
  // Uniform: kappa = -6/5.
  static double flat(RandomStream& stream) {
    return std::sqrt(3.0) * (2.0 * stream.uniform() - 1.0);
  }
  // +-2 with probability 1/8 each, otherwise 0: kappa = 4 - 3.
  static double spread(RandomStream& stream) {
    const double u = stream.uniform();
    return u < 0.125 ? -2.0 : u < 0.25 ? 2.0 : 0.0;
  }

  std::uint64_t seed_;
  Eigen::MatrixXd mixing_{channels, sources};
};

}  // namespace popflow::test

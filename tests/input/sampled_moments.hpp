#pragma once

#include <array>
#include <numeric>
#include <vector>

#include <Eigen/Core>

#include "popflow/input/lane_fields.hpp"
#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/torus.hpp"

#include "statistics.hpp"

namespace popflow::test {

/// Draws `samples` independent fields of a model and checks that their mean, their covariance at
/// every displacement, and their four-point function at `triples` are what the model says, within
/// four standard errors. Within a field every product is averaged over its shifts, and standard
/// errors are taken between fields.
template <class Model>
class SampledMoments {
 public:
  using Triple = std::array<int, 3>;

  SampledMoments(const Model& model, std::vector<Triple> triples)
      : model_(model),
        triples_(std::move(triples)),
        means_(1 + model.torus().sites() + static_cast<Eigen::Index>(triples_.size())) {}

  void check(int samples, std::uint64_t seed) {
    Field x(torus().sites());
    for (int n = 0; n < samples; ++n) {
      RandomStream stream(seed, Purpose::evaluation, static_cast<std::uint64_t>(n));
      model_.sample(stream, x);
      means_.add(moments(x));
    }
    check_means(means_, exact_moments());
  }

  /// The same of the fields that sample_lanes draws.
  template <class Real>
  void check_lanes(int samples, std::uint64_t seed) {
    LaneFields<Real> x(torus().sites(), lanes);
    std::array<std::uint64_t, lanes> indices;
    std::iota(indices.begin(), indices.end(), 0);
    for (int n = 0; n < samples; n += lanes) {
      model_.sample_lanes(SampleKey{seed, Purpose::evaluation}, indices, x);
      for (int l = 0; l < lanes; ++l) means_.add(moments(x.col(l).template cast<double>()));
      for (std::uint64_t& index : indices) index += lanes;
    }
    check_means(means_, exact_moments());
  }

 private:
  const Torus& torus() const { return model_.torus(); }

  Eigen::ArrayXd moments(const Field& x) const {
    const int n = torus().sites();
    std::vector<Field> seen(static_cast<std::size_t>(n));  // seen[a](i) = x(i + a)
    for (int a = 0; a < n; ++a) seen[a] = shifted(torus(), x, torus().negate(a));
    Eigen::ArrayXd result(1 + n + static_cast<Eigen::Index>(triples_.size()));
    Eigen::Index k = 0;
    result[k++] = x.mean();
    for (int a = 0; a < n; ++a) result[k++] = x.dot(seen[a]) / n;
    for (const auto& [a, b, c] : triples_)
      result[k++] = (x.array() * seen[a].array() * seen[b].array() * seen[c].array()).mean();
    return result;
  }

  Eigen::ArrayXd exact_moments() const {
    const int n = torus().sites();
    Eigen::ArrayXd result(1 + n + static_cast<Eigen::Index>(triples_.size()));
    result[0] = 0.0;
    result.segment(1, n) = model_.covariance();
    Eigen::Index k = 1 + n;
    for (const auto& [a, b, c] : triples_) result[k++] = model_.four_point(a, b, c);
    return result;
  }

  Model model_;
  std::vector<Triple> triples_;
  SampleMeans means_;
};

/// One site alone, coincident pairs, neighbours and distant sites, on a ring of 24.
inline std::vector<std::array<int, 3>> ring_triples() {
  return {{0, 0, 0}, {0, 3, 3}, {0, 0, 4}, {1, 2, 3}, {2, 5, 11}, {12, 12, 0}, {1, 13, 14}};
}

/// The same on a torus of 5 x 6: displacements within a row, a column and neither.
inline std::vector<std::array<int, 3>> torus_triples() {
  return {{0, 0, 0}, {0, 1, 1}, {0, 6, 6}, {1, 6, 7}, {2, 13, 20}, {0, 0, 7}, {1, 2, 3}};
}

}  // namespace popflow::test

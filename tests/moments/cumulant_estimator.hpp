#pragma once

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <Eigen/Core>

#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/moments/arcsine.hpp"

#include "four_correlations.hpp"
#include "statistics.hpp"

namespace popflow::test {

/// Estimates fourth cumulants of the erf field from samples that the library's sampler has no part
/// in: latent fields from a matrix square root, a batch of fields a matrix of samples x sites.
class CumulantEstimator {
 public:
  CumulantEstimator(const NonlinearGaussianField& model, std::vector<std::array<int, 3>> entries)
      : torus_(model.torus()),
        entries_(std::move(entries)),
        gain_(model.gain()),
        covariance_(model.covariance()),
        means_(static_cast<Eigen::Index>(entries_.size())) {
    const int n = torus_.sites();
    Eigen::MatrixXd latent(n, n);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        latent(i, j) = model.latent().covariance()[torus_.add(j, torus_.negate(i))];
    root_ = square_root(latent);
  }

  const SampleMeans& estimate(int samples) {
    for (int first = 0; first < samples; first += batch) add_batch();
    return means_;
  }

 private:
  static constexpr int batch = 500;

  void add_batch() {
    const int n = torus_.sites();
    const Eigen::MatrixXd white =
        Eigen::MatrixXd::NullaryExpr(batch, n, [this] { return normal_(generator_); });
    const double scale = gain_ / std::sqrt(2.0), norm = erf_normalisation(gain_);
    x_ = (white * root_.transpose())
             .unaryExpr([=](double z) { return std::erf(scale * z) / norm; })
             .array();
    Eigen::ArrayXXd pair(batch, n);  // x_0 x_d, averaged over shifts
    for (int d = 0; d < n; ++d) pair.col(d) = shift_average<2>({0, d});
    Eigen::ArrayXXd values(batch, entries_.size());
    for (std::size_t k = 0; k < entries_.size(); ++k)
      values.col(static_cast<Eigen::Index>(k)) = cumulant_values(entries_[k], pair);
    for (int s = 0; s < batch; ++s) means_.add(values.row(s).transpose());
  }

  template <std::size_t size>
  Eigen::ArrayXd shift_average(const std::array<int, size>& sites) const {
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(batch);
    Eigen::ArrayXd product(batch);
    for (int i = 0; i < torus_.sites(); ++i) {
      product = x_.col(torus_.add(i, sites[0]));
      for (std::size_t k = 1; k < size; ++k) product *= x_.col(torus_.add(i, sites[k]));
      sum += product;
    }
    return sum / torus_.sites();
  }

  // x_0 x_a x_b x_c - (C_0a x_b x_c + 5 more) + (C_0a C_bc + 2 more): its mean is kappa, and an
  // error of C would enter to second order only.
  Eigen::ArrayXd cumulant_values(const std::array<int, 3>& t, const Eigen::ArrayXXd& pair) const {
    const auto& [a, b, c] = t;
    Eigen::ArrayXd values = shift_average<4>({0, a, b, c});
    const auto subtract = [&](int d, int i, int j) {
      const int e = torus_.add(j, torus_.negate(i));
      values -= covariance_[d] * pair.col(e) + covariance_[e] * pair.col(d);
      values += covariance_[d] * covariance_[e];
    };
    subtract(a, b, c);
    subtract(b, a, c);
    subtract(c, a, b);
    return values;
  }

  Torus torus_;
  std::vector<std::array<int, 3>> entries_;
  double gain_;
  Field covariance_;
  SampleMeans means_;
  Eigen::MatrixXd root_;
  Eigen::ArrayXXd x_;
  std::mt19937_64 generator_{17};
  std::normal_distribution<double> normal_;
};

}  // namespace popflow::test

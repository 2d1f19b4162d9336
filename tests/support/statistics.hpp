#pragma once

#include <cmath>

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

namespace popflow::test {

/// A statistical test passes within this many standard errors. A correct quantity fails it with
/// probability 6.3e-5 when the seed is changed; seeds are fixed, so a test that passes once passes
/// always.
inline constexpr double allowed_standard_errors = 4.0;

/// Sample counts of a Release build; without NDEBUG (sanitizers) a tenth, with standard errors to
/// match.
constexpr int sample_count(int in_release) {
#ifdef NDEBUG
  return in_release;
#else
  return in_release / 10;
#endif
}

/// Means of several quantities over independent samples, with their standard errors.
class SampleMeans {
 public:
  explicit SampleMeans(Eigen::Index quantities)
      : sum_(Eigen::ArrayXd::Zero(quantities)), squares_(Eigen::ArrayXd::Zero(quantities)) {}

  void add(const Eigen::ArrayXd& values) {
    sum_ += values;
    squares_ += values.square();
    ++samples_;
  }

  Eigen::ArrayXd mean() const { return sum_ / samples_; }

  Eigen::ArrayXd standard_error() const {
    return ((squares_ / samples_ - mean().square()).max(0.0) / (samples_ - 1)).sqrt();
  }

 private:
  Eigen::ArrayXd sum_;
  Eigen::ArrayXd squares_;
  double samples_ = 0;
};

/// Rounding of a mean of numbers of order one: what a quantity without variance may differ by.
inline constexpr double rounding_of_means = 1e-12;

/// Checks every mean against its exact value.
inline void check_means(const SampleMeans& means, const Eigen::ArrayXd& exact) {
  const Eigen::ArrayXd mean = means.mean(), error = means.standard_error();
  for (Eigen::Index k = 0; k < exact.size(); ++k)
    BOOST_TEST(
        std::abs(mean[k] - exact[k]) <= allowed_standard_errors * error[k] + rounding_of_means,
        "quantity " << k << ": " << mean[k] << " +- " << error[k] << ", exact " << exact[k]);
}

}  // namespace popflow::test

#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "measured.hpp"

/// The results of one number of samples, for every seed.
struct Row {
  int samples;                   ///< P; 0: fresh ones without end
  std::vector<Learnt> networks;  ///< by seed
  std::vector<Factor> factors;   ///< of P/2 samples; none of fresh ones
};

/// A mean over seeds, and its standard error.
struct Estimate {
  double mean, error;
};

inline Estimate estimate(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0.0, squares = 0.0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += std::pow(value - mean, 2);
  return {mean, std::sqrt(squares / (n - 1.0) / n)};
}

/// Over the seeds, of `value` of a network or a factor.
template <class Measured, class Value>
Estimate over(const std::vector<Measured>& seeds, const Value& value) {
  std::vector<double> values;
  values.reserve(seeds.size());
  for (const Measured& one : seeds) values.push_back(static_cast<double>(std::invoke(value, one)));
  return estimate(values);
}

#include "popflow/tensor/factors.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "tensor/normalise.hpp"

namespace popflow {

namespace {

void check_shape(const Factors& factors) {
  if (factors.vectors.cols() != factors.lambda.size())
    throw std::invalid_argument(fmt::format("factors: {} vectors for {} weights: must be as many",
                                            factors.vectors.cols(), factors.lambda.size()));
}

}  // namespace

Factors normalised(Factors factors) {
  check_shape(factors);
  normalise(factors);
  return factors;
}

double inner_product(const Factors& a, const Factors& b) {
  check_shape(a);
  check_shape(b);
  const Eigen::MatrixXd squared = (a.vectors.transpose() * b.vectors).array().square();
  return a.lambda.dot(squared.cwiseAbs2() * b.lambda);
}

}  // namespace popflow

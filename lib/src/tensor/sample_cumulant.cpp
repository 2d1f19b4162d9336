#include "popflow/tensor/sample_cumulant.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

namespace popflow {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Eigen's matrix product takes packing space from the stack up to 128 kB an operand, 16384 doubles.
constexpr Index largest_block = 16384;

struct Range {
  Index first, count;
};

Range range(Index number, Index size, Index end) {
  return {number * size, std::min(size, end - number * size)};
}

Index pieces(Index end, Index size) { return (end + size - 1) / size; }

// Samples are summed in at most 32 groups, whatever the number of threads.
Index group_size(Index samples) { return std::max(Index{64}, pieces(samples, 32)); }
Index groups(Index samples) { return pieces(samples, group_size(samples)); }

Index block_size(Index dimension) {
  return std::clamp(largest_block / dimension, Index{1}, Index{256});
}

// Calls visit(samples, columns) for all blocks of a group of samples and of the columns.
template <class Visit>
void for_blocks(Index group, Index samples, Index columns, Index dimension, const Visit& visit) {
  const Range all = range(group, group_size(samples), samples);
  const Index rows = block_size(dimension), panel = std::min(rows, Index{64});
  for (Index b = 0; b < pieces(all.count, rows); ++b)
    for (Index c = 0; c < pieces(columns, panel); ++c) {
      Range block = range(b, rows, all.count);
      block.first += all.first;
      visit(block, range(c, panel, columns));
    }
}

void check(Index samples) {
  if (samples < 2)
    throw std::invalid_argument(
        fmt::format("fourth cumulant of {} samples: must be at least 2", samples));
}

// Sum of (x_p . x_q)^4 over the pairs p < q of a group of samples.
double pair_sum(const MatrixXd& samples, Range group) {
  constexpr Index block = 256;
  const auto x = samples.middleCols(group.first, group.count);
  const Index blocks = pieces(group.count, block);
  VectorXd sums(blocks);
#pragma omp parallel for schedule(dynamic) if (blocks > 1)
  for (Index b = 0; b < blocks; ++b) {
    const auto [first, count] = range(b, block, group.count);
    const Index end = first + count;
    const MatrixXd gram = x.middleCols(first, count).transpose() * x.leftCols(end);
    double sum = 0.0;
    for (Index p = 0; p < count; ++p)
      sum += gram.row(p).head(first + p).array().square().square().sum();
    sums[b] = sum;
  }
  return sums.sum();
}

// |M4|^2, with the mean over pairs within groups for that over all pairs.
double moment_squared_norm(const MatrixXd& samples) {
  constexpr Index group = 4096;
  const Index P = samples.cols();
  double sum = 0.0, pairs = 0.0;
  for (Index g = 0; g < pieces(P, group); ++g) {
    const Range members = range(g, group, P);
    sum += pair_sum(samples, members);
    pairs += 0.5 * static_cast<double>(members.count) * static_cast<double>(members.count - 1);
  }
  const auto count = static_cast<double>(P);
  const double same = samples.colwise().squaredNorm().array().square().square().mean();
  return (same + (count - 1.0) * sum / pairs) / count;
}

}  // namespace

SampleCumulant::SampleCumulant(MatrixXd samples) : samples_(std::move(samples)) { check(size()); }

void SampleCumulant::contract(const MatrixXd& X, MatrixXd& out) {
  projections_.resize(size(), X.cols());
  square_sums_.resize(X.cols(), groups(size()));
  mean_squares_.resize(X.cols());
  sums_.resize(static_cast<std::size_t>(groups(size())));
  project(X);
  weigh_and_sum(X.cols());
  out.setZero();
  for (const MatrixXd& sum : sums_) out += sum;
  out /= static_cast<double>(size());
}

// y_pr = x_p . x_r, and C[x_r, x_r] = mean_p y_pr^2.
void SampleCumulant::project(const MatrixXd& X) {
#pragma omp parallel for schedule(static) if (sums_.size() > 1)
  for (Index g = 0; g < groups(size()); ++g) {
    square_sums_.col(g).setZero();
    for_blocks(g, size(), X.cols(), dimension(), [&](Range p, Range r) {
      auto y = projections_.block(p.first, r.first, p.count, r.count);
      y.noalias() =
          samples_.middleCols(p.first, p.count).transpose() * X.middleCols(r.first, r.count);
      square_sums_.col(g).segment(r.first, r.count) += y.colwise().squaredNorm().transpose();
    });
  }
  mean_squares_ = square_sums_.rowwise().sum() / static_cast<double>(size());
}

// sum_p w_pr x_p over each group, w = a y^3 - 3 b C[x_r, x_r] y (Eq. 50): both parts in one
// product.
void SampleCumulant::weigh_and_sum(Index columns) {
  const auto P = static_cast<double>(size());
  const double a = (P + 2.0) / (P - 1.0), b = P / (P - 1.0);
#pragma omp parallel for schedule(static) if (sums_.size() > 1)
  for (Index g = 0; g < groups(size()); ++g) {
    MatrixXd& sum = sums_[static_cast<std::size_t>(g)];
    sum.setZero(dimension(), columns);
    for_blocks(g, size(), columns, dimension(), [&](Range p, Range r) {
      auto w = projections_.block(p.first, r.first, p.count, r.count).array();
      for (Index k = 0; k < r.count; ++k)
        w.col(k) *= a * w.col(k).square() - 3.0 * b * mean_squares_[r.first + k];
      sum.middleCols(r.first, r.count).noalias() +=
          samples_.middleCols(p.first, p.count) * w.matrix();
    });
  }
}

double SampleCumulant::squared_norm() const {  // (Eq. 51)
  const auto P = static_cast<double>(size());
  const double a = (P + 2.0) / (P - 1.0), b = P / (P - 1.0);
  const MatrixXd C = samples_ * samples_.transpose() / P;
  const double mixed = samples_.cwiseProduct(C * samples_).colwise().sum().squaredNorm() / P;
  const double square = C.squaredNorm(), fourth = (C * C).squaredNorm();
  return a * a * moment_squared_norm(samples_) - 6.0 * a * b * mixed +
         b * b * (3.0 * square * square + 6.0 * fourth);
}

ProjectedCumulants projected_cumulants(const MatrixXd& samples, const MatrixXd& X) {
  check(samples.cols());
  if (samples.rows() != X.rows())
    throw std::invalid_argument(fmt::format("vectors of {} entries: must be {}, as of the samples",
                                            X.rows(), samples.rows()));
  const auto P = static_cast<double>(samples.cols());
  ProjectedCumulants result{VectorXd(X.cols()), VectorXd(X.cols())};
  for (Index r = 0; r < X.cols(); ++r) {
    const ArrayXd square = (samples.transpose() * X.col(r)).array().square();
    const double variance = square.mean();
    const ArrayXd fourth = square.square(), influence = fourth - 6.0 * variance * square;
    result.value[r] = ((P + 2.0) * fourth.mean() - 3.0 * P * variance * variance) / (P - 1.0);
    result.standard_error[r] =
        std::sqrt((influence - influence.mean()).square().sum() / (P * (P - 1.0)));
  }
  return result;
}

}  // namespace popflow

#include "popflow/tensor/sample_cumulant.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/threads/parallel_for.hpp"

namespace popflow {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Up to 128 kB (16384 doubles) per operand, the matrix product of Eigen packs on the stack.
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

// Calls visit(samples, columns) for all blocks of the samples of a group and of the columns.
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

constexpr Index norm_block = 256;

// |M4|^2 = mean_pq (x_p . x_q)^4 from products of samples, O(P^2 N).
double moment_squared_norm_by_samples(const MatrixXd& samples) {
  const Index P = samples.cols(), blocks = pieces(P, norm_block);
  VectorXd sums(blocks);
  parallel_for(blocks, [&](Index b) {
    const auto [first, count] = range(b, norm_block, P);
    const MatrixXd gram =
        samples.middleCols(first, count).transpose() * samples.leftCols(first + count);
    sums[b] = 2.0 * gram.leftCols(first).array().square().square().sum() +
              gram.rightCols(count).array().square().square().sum();
  });
  return sums.sum() / (static_cast<double>(P) * static_cast<double>(P));
}

Index channel_pairs(Index dimension) { return dimension * (dimension + 1) / 2; }

// z_p: x_i x_j over the pairs i <= j, times sqrt 2 if i < j, so that |z_p|^2 = |x_p|^4.
MatrixXd pair_products(const Eigen::Ref<const MatrixXd>& samples) {
  const Index n = samples.rows();
  MatrixXd products(channel_pairs(n), samples.cols());
  for (Index i = 0, first = 0; i < n; first += n - i, ++i) {
    auto rows = products.middleRows(first, n - i);
    rows =
        std::sqrt(2.0) * samples.bottomRows(n - i).cwiseProduct(samples.row(i).replicate(n - i, 1));
    rows.row(0) /= std::sqrt(2.0);
  }
  return products;
}

// |M4|^2 from M4 as a matrix between pairs of channels, O(P N^4 / 4).
double moment_squared_norm_by_channels(const MatrixXd& samples) {
  const Index P = samples.cols(), pairs = channel_pairs(samples.rows());
  constexpr Index panel = 64;
  MatrixXd moment = MatrixXd::Zero(pairs, pairs);  // only the lower part is used
  for (Index b = 0; b < pieces(P, norm_block); ++b) {
    const auto [first, count] = range(b, norm_block, P);
    const MatrixXd products = pair_products(samples.middleCols(first, count));
    parallel_for(pieces(pairs, panel), [&](Index k) {
      const auto [row, rows] = range(k, panel, pairs);
      moment.block(row, 0, rows, row + rows).noalias() +=
          products.middleRows(row, rows) * products.topRows(row + rows).transpose();
    });
  }
  const MatrixXd lower = moment.triangularView<Eigen::StrictlyLower>();
  return (2.0 * lower.squaredNorm() + moment.diagonal().squaredNorm()) /
         (static_cast<double>(P) * static_cast<double>(P));
}

// The way by channels is faster exactly if its matrix is smaller than the samples.
double moment_squared_norm(const MatrixXd& samples) {
  const Index pairs = channel_pairs(samples.rows());
  return pairs * pairs < samples.size() ? moment_squared_norm_by_channels(samples)
                                        : moment_squared_norm_by_samples(samples);
}

}  // namespace

SampleCumulant::SampleCumulant(MatrixXd samples) : samples_(std::move(samples)) { check(size()); }

void SampleCumulant::contract(const MatrixXd& X, MatrixXd& out) {
  projections_.resize(size(), X.cols());
  square_sums_.resize(X.cols(), groups(size()));
  sums_.resize(static_cast<std::size_t>(groups(size())));
  // y_pr = x_p . x_r, and C[x_r, x_r] = mean_p y_pr^2.
  parallel_for(groups(size()), [&](Index g) {
    square_sums_.col(g).setZero();
    for_blocks(g, size(), X.cols(), dimension(), [&](Range p, Range r) {
      auto y = projections_.block(p.first, r.first, p.count, r.count);
      y.noalias() =
          samples_.middleCols(p.first, p.count).transpose() * X.middleCols(r.first, r.count);
      square_sums_.col(g).segment(r.first, r.count) += y.colwise().squaredNorm().transpose();
    });
  });
  const auto P = static_cast<double>(size());
  mean_squares_ = square_sums_.rowwise().sum() / P;
  // sum_p w_pr x_p over each group, with w = a y^3 - 3 b C[x_r, x_r] y (Eq. 37): one matrix product
  // for both terms.
  const double a = (P + 2.0) / (P - 1.0), b = P / (P - 1.0);
  parallel_for(groups(size()), [&](Index g) {
    MatrixXd& sum = sums_[static_cast<std::size_t>(g)];
    sum.setZero(dimension(), X.cols());
    for_blocks(g, size(), X.cols(), dimension(), [&](Range p, Range r) {
      auto w = projections_.block(p.first, r.first, p.count, r.count).array();
      for (Index k = 0; k < r.count; ++k)
        w.col(k) *= a * w.col(k).square() - 3.0 * b * mean_squares_[r.first + k];
      sum.middleCols(r.first, r.count).noalias() +=
          samples_.middleCols(p.first, p.count) * w.matrix();
    });
  });
  out.setZero();
  for (const MatrixXd& sum : sums_) out += sum;
  out /= P;
}

double SampleCumulant::squared_norm() const {  // (Eq. 38)
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

#include "popflow/tensor/tiled_cp_from_entries.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <Eigen/Sparse>
#include <fmt/core.h>

#include "popflow/tensor/signed_weights.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "tensor/nested_ranks.hpp"
#include "tensor/padded_template.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct FittedTemplates {
  VectorXd signs;
  MatrixXd coefficients;  // P x R
  MatrixXd values;        // entries of each template, times the root of their weight: n x R
};

// The derivatives of an entry of the tiled form by the values of the template at the sites of the
// box (row-major). Each of the four sites of the entry contributes one term.
void entry_derivative(const Torus& torus, const PaddedTemplate& t, const Box& box,
                      const CumulantEntry& entry, Eigen::Ref<VectorXd> out) {
  const std::array<int, 4> sites{0, entry.a, entry.b, entry.c};
  out.setZero();
  for (std::size_t own = 0; own < 4; ++own) {
    const int back = torus.negate(sites[own]);
    std::array<int, 3> others;
    for (std::size_t k = 0; k < 3; ++k) others[k] = torus.add(sites[(own + 1 + k) % 4], back);
    for (int row = 0; row < box.rows; ++row) {
      double* sum = out.data() + Index{row} * box.columns;
      const double *t1 = t.row(box, row, others[0]), *t2 = t.row(box, row, others[1]),
                   *t3 = t.row(box, row, others[2]);
      for (int k = 0; k < box.columns; ++k) sum[k] += t1[k] * t2[k] * t3[k];
    }
  }
}

class EntriesProblem {
 public:
  using Point = FittedTemplates;

  EntriesProblem(const EntrySample& sample, const MatrixXd& basis)
      : sample_(&sample),
        basis_(&basis),
        box_(support(sample.torus, basis)),
        boxed_basis_(boxed(sample.torus, basis, box_)),
        root_weight_(static_cast<Index>(sample.entries.size())),
        kappa_(root_weight_.size()) {
    for (Index n = 0; n < kappa_.size(); ++n) {
      const CumulantEntry& entry = sample.entries[static_cast<std::size_t>(n)];
      root_weight_[n] = std::sqrt(entry.weight);
      kappa_[n] = root_weight_[n] * entry.kappa;
    }
    norm_ = kappa_.norm();
    kappa_ /= norm_;
  }

  const Torus& torus() const { return sample_->torus; }
  const MatrixXd& basis() const { return *basis_; }
  double norm() const { return norm_; }

  Point at(MatrixXd coefficients) const {
    const MatrixXd fields = *basis_ * coefficients;
    MatrixXd values =
        root_weight_.asDiagonal() * template_entries(sample_->torus, fields, sample_->entries);
    const auto [signs, scale] =
        optimal_weights(values.transpose() * values, values.transpose() * kappa_);
    return {signs, coefficients * scale.asDiagonal(),
            values * scale.array().square().square().matrix().asDiagonal()};
  }

  Point moved(const Point& from, const MatrixXd& step) const {
    return at(from.coefficients + step);
  }

  double cost(const Point& point) const {
    return (kappa_ - point.values * point.signs).squaredNorm();
  }

  void linearise(const Point& point) {
    const Index unknowns = point.coefficients.size();
    const VectorXd residual = kappa_ - point.values * point.signs;
    const std::vector<PaddedTemplate> padded =
        padded_templates(sample_->torus, *basis_ * point.coefficients);
    // The number of partial sums is fixed, so that the bits do not depend on the number of threads.
    constexpr int parts = 8;
    std::vector<MatrixXd> normal(parts, MatrixXd::Zero(unknowns, unknowns));
    std::vector<VectorXd> gradient(parts, VectorXd::Zero(unknowns));
    parallel_for(parts, [&](int part) {
      constexpr Index block = 256;
      for (Index first = part * block; first < kappa_.size(); first += parts * block) {
        const Index count = std::min(block, kappa_.size() - first);
        const MatrixXd jacobian = derivatives(point, padded, first, count);  // unknowns x entries
        normal[static_cast<std::size_t>(part)].selfadjointView<Eigen::Upper>().rankUpdate(jacobian);
        gradient[static_cast<std::size_t>(part)] -= jacobian * residual.segment(first, count);
      }
    });
    normal_ = MatrixXd::Zero(unknowns, unknowns);
    gradient_ = MatrixXd::Zero(point.coefficients.rows(), point.coefficients.cols());
    for (const MatrixXd& part : normal) normal_ += part;
    for (const VectorXd& part : gradient) gradient_.reshaped() += part;
  }

  MatrixXd step(double damping) const { return damped_step(normal_, gradient_, damping); }

 private:
  using SparseBasis = Eigen::SparseMatrix<double, Eigen::RowMajor>;

  // The transposed basis over the sites of the box (row-major), P x sites.
  static SparseBasis boxed(const Torus& torus, const MatrixXd& basis, const Box& box) {
    std::vector<int> sites;
    for (int row = 0; row < box.rows; ++row)
      for (int column = 0; column < box.columns; ++column)
        sites.push_back(torus.site(box.row_begin + row, box.column_begin + column));
    const MatrixXd inside = basis(sites, Eigen::all).transpose();
    return inside.sparseView();
  }

  MatrixXd derivatives(const Point& point, const std::vector<PaddedTemplate>& padded, Index first,
                       Index count) const {
    const Index modes = basis_->cols();
    MatrixXd jacobian(point.coefficients.size(), count), by_site(boxed_basis_.cols(), count);
    for (Index r = 0; r < point.signs.size(); ++r) {
      for (Index n = 0; n < count; ++n) {
        entry_derivative(sample_->torus, padded[static_cast<std::size_t>(r)], box_,
                         sample_->entries[static_cast<std::size_t>(first + n)], by_site.col(n));
        by_site.col(n) *= point.signs[r] * root_weight_[first + n];
      }
      jacobian.middleRows(r * modes, modes) = boxed_basis_ * by_site;
    }
    return jacobian;
  }

  const EntrySample* sample_;
  const MatrixXd* basis_;
  Box box_;
  SparseBasis boxed_basis_;
  VectorXd root_weight_, kappa_;  // kappa times the root of its weight, scaled to length 1
  double norm_;
  // At the point of the last linearise(): half of the gradient and the Gauss-Newton matrix.
  MatrixXd normal_, gradient_;
};

// The largest distance from site 0, along any axis, at which the reach is at least 1 % of its value
// at site 0.
int window_radius(const Torus& torus, const Field& reach) {
  int radius = 0;
  for (int d = 0; d < torus.sites(); ++d)
    if (!(std::abs(reach[d]) < 0.01 * std::abs(reach[0])))
      radius = std::max(radius, std::ranges::max(torus.distances(d)));
  return radius;
}

}  // namespace

std::vector<TiledCpFit> tiled_cp_from_entries(const EntrySample& sample, const Field& reach,
                                              const TiledCpOptions& options) {
  check(options);
  const Torus& torus = sample.torus;
  if (reach.size() != torus.sites())
    throw std::invalid_argument(
        fmt::format("reach of {} sites: must be {}", reach.size(), torus.sites()));
  const int radius = options.radius < 0 ? window_radius(torus, reach) : options.radius;
  const MatrixXd basis = window_basis(torus, radius, options.symmetry);
  const Index unknowns = basis.cols() * options.rank;
  if (unknowns > std::ssize(sample.entries))
    throw std::invalid_argument(
        fmt::format("{} entries for {} templates of {} unknowns each: must be at least {}",
                    sample.entries.size(), options.rank, basis.cols(), unknowns));
  const EntriesProblem problem(sample, basis);
  if (!(problem.norm() > 0.0))
    throw std::invalid_argument("tiled CP from entries: all sampled entries vanish");
  return fit_ranks(problem, options);
}

}  // namespace popflow

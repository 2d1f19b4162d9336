#pragma once

#include <cstddef>
#include <cstdint>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// The coefficients rho_ij^m / m! of the tetrachoric series (Eq. 90), of sites i with active sites
/// j, that matter at a tolerance. High powers of rho_ij fall off fast with the distance, so that
/// no term has more coefficients than the term before.
///
/// Sites i are taken in groups of four neighbours, which share a list of active sites: those that
/// matter to at least one of the four.
///
/// Nothing is allocated after construction.
class LatentSeries {
 public:
  static constexpr std::ptrdiff_t rows = 4;  ///< of a group

  /// `tolerance` is relative, below 1; `most_terms` from 1 to 170.
  LatentSeries(Eigen::Index sites, double tolerance, int most_terms);

  /// Starts anew with this number of active sites, and all rho_ij zero.
  void start(Eigen::Index active);

  /// The row rho_ij of the active site at position a, to be set before expand is called.
  double& rho(Eigen::Index i, Eigen::Index a) {
    return rho_[(i / rows * active_ + a) * rows + i % rows];
  }

  /// Keeps the entries of term m for which weight[a] |rho_ij|^m / m! is above a fraction of the
  /// tolerance. `effective` is the effective correlation, weighted in the same way, and sets the
  /// number of terms. The last term has a factor of at most 1, so that the sum is a continuous
  /// function of the correlations.
  void expand(const Eigen::Ref<const Eigen::VectorXd>& weight, double effective);

  int terms() const { return terms_; }

  /// terms x groups + 1: where the list of every group begins, and the last one ends.
  const std::ptrdiff_t* begin() const { return begin_.data(); }
  /// For every entry of a list, the position of its site j among the active sites...
  const std::int32_t* position() const { return position_.data(); }
  /// ... and rho_ij^m / m! of the group's sites i.
  const double* power() const { return power_.data(); }

 private:
  void add_entry(std::ptrdiff_t a, const Eigen::Vector4d& power, double least);
  void first_term(const Eigen::Ref<const Eigen::VectorXd>& weight);
  void next_term(int m, double factor, const Eigen::Ref<const Eigen::VectorXd>& weight);

  Eigen::Index groups_, active_ = 0;
  double tolerance_;
  int most_terms_, terms_ = 0;
  std::ptrdiff_t lists_ = 0, entries_ = 0;  // so far
  Eigen::VectorXd rho_;                     // groups x active x rows
  Eigen::Vector<std::ptrdiff_t, Eigen::Dynamic> begin_;
  Eigen::Vector<std::int32_t, Eigen::Dynamic> position_;
  Eigen::VectorXd power_;
};

}  // namespace popflow

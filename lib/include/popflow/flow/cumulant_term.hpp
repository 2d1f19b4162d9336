#pragma once

#include <vector>

#include "popflow/input/task.hpp"
#include "popflow/lattice/fourier_basis.hpp"
#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// The covariance of a class, in the real Fourier basis, and its fourth cumulant.
struct CumulantTerm {
  double label, probability;
  Field C;  ///< diagonal of the covariance, N entries
  CumulantOperator cumulant;

  /// kappa[u, u, u] and kappa[u, v, w] (Eq. 14), all in the basis. `out` must have N entries, and
  /// must not be one of the arguments.
  void contract(const FourierBasis& basis, const Eigen::Ref<const Field>& u,
                Eigen::Ref<Field> out) const;
  void contract(const FourierBasis& basis, const Eigen::Ref<const Field>& u,
                const Eigen::Ref<const Field>& v, const Eigen::Ref<const Field>& w,
                Eigen::Ref<Field> out) const;
};

/// The terms of all classes of a task. Throws std::invalid_argument unless there is one operator
/// for each class, on the task's lattice.
std::vector<CumulantTerm> cumulant_terms(const Task& task, std::vector<CumulantOperator> cumulants);

}  // namespace popflow

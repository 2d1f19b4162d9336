#pragma once

#include <concepts>
#include <functional>

#include <Eigen/Core>

#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// A symmetric fourth-order tensor T over R^n, known only through its action on vectors:
///
///     contract(X, out)    column r of out is T[x_r, x_r, x_r, .], for every column x_r of X
///
/// X and out are n x R. `out` has its size already and does not alias X. `contract` need not be
/// const: a form may own scratch memory. CP decompositions and power methods ask nothing else of a
/// tensor, so that they work with tables, operators in Fourier space and samples alike.
template <class T>
concept QuarticForm = requires(T& form, const T& constant, const Eigen::MatrixXd& X,
                               Eigen::MatrixXd& out) {
  { constant.dimension() } -> std::convertible_to<Eigen::Index>;
  form.contract(X, out);
};

/// The action of a QuarticForm of any type. It refers to the form, which must outlive it.
struct QuarticAction {
  Eigen::Index dimension;
  std::function<void(const Eigen::MatrixXd&, Eigen::MatrixXd&)> contract;

  template <QuarticForm Form>
  QuarticAction(Form& form)
      : dimension(form.dimension()),
        contract(
            [&form](const Eigen::MatrixXd& X, Eigen::MatrixXd& out) { form.contract(X, out); }) {}
};

/// A cumulant operator as a form over fields in real space. Column r of the result is kappa_i[x_r,
/// x_r, x_r] (Eq. 14). A column costs two FFTs and one contraction.
class LatticeForm {
 public:
  explicit LatticeForm(CumulantOperator cumulant);

  Eigen::Index dimension() const { return fourier_.torus().sites(); }

  void contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out) const;

 private:
  CumulantOperator cumulant_;
  FourierTransform fourier_;
};

}  // namespace popflow

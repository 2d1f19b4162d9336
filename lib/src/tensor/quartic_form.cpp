#include "popflow/tensor/quartic_form.hpp"

#include <utility>

namespace popflow {

LatticeForm::LatticeForm(CumulantOperator cumulant)
    : cumulant_(std::move(cumulant)),
      fourier_(cumulant_.torus()),
      x_(cumulant_.torus().half_modes()),
      kappa_(cumulant_.torus().half_modes()) {}

void LatticeForm::contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out) {
  for (Eigen::Index r = 0; r < X.cols(); ++r) {
    fourier_.forward(X.col(r), x_);
    cumulant_.contract(x_, kappa_);
    fourier_.backward(kappa_, out.col(r));
  }
}

}  // namespace popflow

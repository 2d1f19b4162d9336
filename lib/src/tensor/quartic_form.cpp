#include "popflow/tensor/quartic_form.hpp"

#include <utility>

#include "popflow/lattice/scratch.hpp"

namespace popflow {

LatticeForm::LatticeForm(CumulantOperator cumulant)
    : cumulant_(std::move(cumulant)), fourier_(cumulant_.torus()) {}

void LatticeForm::contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out) const {
  Scratch scratch;
  const Eigen::Index modes = cumulant_.torus().half_modes();
  Spectrum &x = scratch.spectrum(modes), &kappa = scratch.spectrum(modes);
  for (Eigen::Index r = 0; r < X.cols(); ++r) {
    fourier_.forward(X.col(r), x);
    cumulant_.contract(x, kappa);
    fourier_.backward(kappa, out.col(r));
  }
}

}  // namespace popflow

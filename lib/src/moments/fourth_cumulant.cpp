#include "popflow/moments/fourth_cumulant.hpp"

#include "popflow/moments/four_point.hpp"

namespace popflow {

FourthCumulant::FourthCumulant(const Torus& torus, Field covariance, FourPoint four_point,
                               LatticeSymmetry symmetry)
    : torus_(torus),
      covariance_(std::move(covariance)),
      four_point_(std::move(four_point)),
      symmetry_(symmetry) {
  check_symmetry(torus_, symmetry_);
}

double FourthCumulant::operator()(int a, int b, int c) const {
  return four_point_(a, b, c) - gaussian_four_point(correlations_of(torus_, covariance_, a, b, c));
}

}  // namespace popflow

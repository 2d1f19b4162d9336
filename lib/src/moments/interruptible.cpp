#include "popflow/moments/interruptible.hpp"

#include <utility>

#include "popflow/moments/interrupted.hpp"

namespace popflow {

FourthCumulant interruptible(const FourthCumulant& kappa, std::function<bool()> interrupted) {
  if (!interrupted) return kappa;
  // Without a covariance the four-point function is the cumulant.
  return {kappa.torus(), Field::Zero(kappa.torus().sites()),
          [kappa, interrupted = std::move(interrupted)](int a, int b, int c) {
            check_interrupted(interrupted);
            return kappa(a, b, c);
          },
          kappa.symmetry()};
}

}  // namespace popflow

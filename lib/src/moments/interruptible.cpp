#include "popflow/moments/interruptible.hpp"

#include <utility>

namespace popflow {

FourthCumulant interruptible(const FourthCumulant& kappa, std::function<bool()> interrupted) {
  if (!interrupted) return kappa;
  // Without a covariance the four-point function is the cumulant.
  return {kappa.torus(), Field::Zero(kappa.torus().sites()),
          [kappa, interrupted = std::move(interrupted)](int a, int b, int c) {
            return interrupted() ? 0.0 : kappa(a, b, c);
          },
          kappa.symmetry()};
}

}  // namespace popflow

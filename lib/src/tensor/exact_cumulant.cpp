#include "popflow/tensor/exact_cumulant.hpp"

#include <cstddef>
#include <optional>

#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/moments/interruptible.hpp"
#include "popflow/moments/zero_cumulant.hpp"

namespace popflow {

CumulantOperator exact_cumulant(const Input& input, double truncation,
                                const std::function<bool()>& interrupted) {
  if (input.is_gaussian()) return ZeroCumulant(input.torus());
  if (std::optional<CumulantOperator> own = input.cumulant_operator()) return *own;
  // The transform needs a little more than as much memory again.
  constexpr std::size_t most_table_bytes = std::size_t{1} << 30;
  const FourthCumulant kappa = interruptible(fourth_cumulant(input), interrupted);
  const CumulantTable table(kappa, most_table_bytes);
  check_interrupted(interrupted);  // the transform takes long
  return BandLimitedCumulant(table, truncation);
}

}  // namespace popflow

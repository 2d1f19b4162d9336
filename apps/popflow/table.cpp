#include "table.hpp"

namespace popflow {

std::vector<std::size_t> printed_rows(std::size_t count) {
  constexpr std::size_t most = 21;
  const std::size_t stride = count <= most ? 1 : (count + most - 3) / (most - 1);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row + 1 < count; row += stride) rows.push_back(row);
  if (count > 0) rows.push_back(count - 1);
  return rows;
}

}  // namespace popflow

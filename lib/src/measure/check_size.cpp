#include "measure/check_size.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

void check_size(const Torus& torus, Eigen::Index size) {
  if (size != torus.sites())
    throw std::invalid_argument(
        fmt::format("field of {} entries: the lattice has {} sites", size, torus.sites()));
}

}  // namespace popflow

#include "popflow/moments/cumulant_operator.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

const CumulantOperator::Interface& CumulantOperator::self() const {
  if (!self_) throw std::logic_error("cumulant operator: was moved from");
  return *self_;
}

void CumulantOperator::check(std::initializer_list<Eigen::Index> sizes) const {
  const Eigen::Index modes = torus().half_modes();
  for (const Eigen::Index size : sizes)
    if (size != modes)
      throw std::invalid_argument(fmt::format(
          "cumulant operator: a spectrum has {} entries: the lattice has {} modes", size, modes));
}

void CumulantOperator::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                                Spectrum& out) const {
  check({u.size(), v.size(), w.size(), out.size()});
  self_->contract(u, v, w, out);
}

void CumulantOperator::contract(const Spectrum& u, Spectrum& out) const {
  check({u.size(), out.size()});
  self_->contract(u, out);
}

}  // namespace popflow

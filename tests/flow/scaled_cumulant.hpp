#pragma once

#include <vector>

#include "popflow/input/task.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

namespace popflow::test {

/// A cumulant times a number: a way to kurtoses of either sign and any size.
class ScaledCumulant {
 public:
  ScaledCumulant(CumulantOperator op, double factor) : op_(std::move(op)), factor_(factor) {}
  const Torus& torus() const { return op_.torus(); }
  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const {
    op_.contract(u, v, w, out);
    out *= factor_;
  }
  void contract(const Spectrum& u, Spectrum& out) const {
    op_.contract(u, out);
    out *= factor_;
  }

 private:
  CumulantOperator op_;
  double factor_;
};

inline std::vector<CumulantOperator> scaled_cumulants(const Task& task, double factor = 1.0) {
  std::vector<CumulantOperator> result;
  for (const TaskClass& c : task)
    result.emplace_back(ScaledCumulant(exact_cumulant(c.input), factor));
  return result;
}

}  // namespace popflow::test

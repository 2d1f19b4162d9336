#pragma once

#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

// Checks of one number of an argument. They throw std::invalid_argument, whose message has the
// number: "step 0: must be positive and finite".

template <class Number>
void check_number(bool allowed, const char* what, Number value, const char* must_be) {
  if (!allowed) throw std::invalid_argument(fmt::format("{} {}: must be {}", what, value, must_be));
}

inline void check_finite(const char* what, double value) {
  check_number(std::isfinite(value), what, value, "finite");
}

inline void check_positive(const char* what, double value) {
  check_number(value > 0.0 && std::isfinite(value), what, value, "positive and finite");
}

inline void check_not_negative(const char* what, double value) {
  check_number(value >= 0.0 && std::isfinite(value), what, value, "at least 0 and finite");
}

}  // namespace popflow

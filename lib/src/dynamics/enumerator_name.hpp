#pragma once

#include <cstddef>
#include <stdexcept>
#include <string_view>

#include <fmt/core.h>

namespace popflow {

// The name of an enumerator, from the names of all of them in their order, up to the last one.
// Throws std::invalid_argument for a value that has no name; the message calls it `what`.
template <auto last, std::size_t count>
std::string_view enumerator_name(const char* what, decltype(last) value,
                                 const std::string_view (&names)[count]) {
  static_assert(count == static_cast<std::size_t>(last) + 1);
  const auto at = static_cast<std::size_t>(value);
  if (at >= count) throw std::invalid_argument(fmt::format("{}: not one of the enumerators", what));
  return names[at];
}

}  // namespace popflow

#include "message.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/core.h>

#include "popflow/experiment/printable.hpp"

namespace popflow {

void say(std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  fmt::print(stderr, "popflow: {}\n", printable(message));
}

nlohmann::json json_of(double value) {
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  return value;
}

void print_line(const nlohmann::json& object) {
  fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace popflow

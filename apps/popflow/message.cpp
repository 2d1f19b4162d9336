#include "message.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

#include "popflow/experiment/printable.hpp"

namespace popflow {

void say(std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  fmt::print(stderr, "popflow: {}\n", printable(message));
}

void print_line(const nlohmann::json& object) {
  fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace popflow

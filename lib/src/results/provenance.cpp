#include "popflow/results/provenance.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <string>

#include <fmt/core.h>

#include "popflow/lanes/instruction_set.hpp"
#include "popflow/results/version.hpp"

namespace popflow {

namespace {

std::time_t seconds_of_epoch(const char* text) {
  constexpr long long last = 253402300799;  // 9999-12-31T23:59:59Z
  const char* end = text + std::strlen(text);
  long long seconds = -1;
  const auto [rest, error] = std::from_chars(text, end, seconds);
  if (error != std::errc() || rest != end || seconds < 0 || seconds > last)
    throw std::invalid_argument(fmt::format(
        "SOURCE_DATE_EPOCH: is \"{}\": must be an integer from 0 to {} (seconds since 1970)", text,
        last));
  return static_cast<std::time_t>(seconds);
}

std::string date() {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t seconds = epoch ? seconds_of_epoch(epoch) : std::time(nullptr);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

Provenance provenance(const std::string& command_line) {
  return {std::string(version()),
          std::string(git_revision()),
          std::string(compiler()),
          instruction_set(),
          command_line,
          date()};
}

}  // namespace popflow

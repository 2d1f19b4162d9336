#include "popflow/experiment/provenance.hpp"

#include <ctime>

#include "popflow/experiment/version.hpp"

namespace popflow {

namespace {

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

Provenance provenance(const std::string& command_line) {
  return {std::string(version()), std::string(git_revision()), std::string(compiler()),
          command_line, now()};
}

}  // namespace popflow

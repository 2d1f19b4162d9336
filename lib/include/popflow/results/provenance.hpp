#pragma once

#include <string>

namespace popflow {

/// What produced a results file.
struct Provenance {
  std::string version;       ///< of popflow
  std::string git_revision;  ///< of popflow, as git_revision() says it
  std::string compiler;
  std::string instruction_set;  ///< of the processor, as instruction_set() says it
  std::string command_line;
  std::string date;  ///< ISO 8601, UTC, to the second: "2024-05-17T09:30:00Z"
};

/// Of this program, now, or where the environment variable SOURCE_DATE_EPOCH is set (reproducible-
/// builds.org) at that many seconds since 1970: the same run then gives the same file. Throws
/// std::invalid_argument when the variable is no integer from 0 to the end of the year 9999.
Provenance provenance(const std::string& command_line);

}  // namespace popflow

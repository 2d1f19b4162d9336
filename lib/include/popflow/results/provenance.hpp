#pragma once

#include <string>

namespace popflow {

/// The version, the machine, the command and the date that produced a results file.
struct Provenance {
  std::string version;       ///< of popflow
  std::string git_revision;  ///< of popflow, as git_revision() says it
  std::string compiler;
  std::string instruction_set;  ///< of the processor, as instruction_set() says it
  std::string command_line;
  std::string date;  ///< ISO 8601, UTC, to the second: "2024-05-17T09:30:00Z"
};

/// The provenance of results that this program makes now. If the environment variable
/// SOURCE_DATE_EPOCH is set (reproducible-builds.org), `date` is that many seconds after 1970, so
/// that the same run gives the same file. Throws std::invalid_argument if the variable is not an
/// integer from 0 to the end of the year 9999.
Provenance provenance(const std::string& command_line);

}  // namespace popflow

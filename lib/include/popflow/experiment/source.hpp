#pragma once

#include <optional>
#include <string>

namespace popflow {

/// The text of an experiment, its file and its folder. Names of data files (class.N.input.file) are
/// relative to the folder.
struct ExperimentSource {
  std::string file;  ///< as it was named, and as messages name it
  std::string text;
  std::string folder;  ///< absolute
  /// Names and digests that the data files must have, in lines as in ExperimentFiles::data; lines
  /// of other files do not matter. If it is empty, data files may have any content.
  std::optional<std::string> known_data = {};
};

/// Reads a file. Throws InvalidExperiment if it cannot be read.
ExperimentSource source_of(const std::string& file);

/// The parts of results that name an experiment's files, so that it can be run again.
struct ExperimentFiles {
  std::string file = {};    ///< the experiment's, as it was named
  std::string folder = {};  ///< of that file; absolute
  /// The data files that were read, by name: "SHA-1  NAME", one a line, as sha1sum(1) has them.
  /// The digest of a file that does not exist is "-".
  std::string data = {};
};

}  // namespace popflow

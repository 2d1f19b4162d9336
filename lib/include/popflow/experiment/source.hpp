#pragma once

#include <optional>
#include <string>

namespace popflow {

/// The text of an experiment, and where it stands. Names of data files (class.N.input.file) are
/// relative to its folder.
struct ExperimentSource {
  std::string file;  ///< as it was named, and as messages name it
  std::string text;
  std::string folder;  ///< absolute
  /// What its data files must be: one line each as in ExperimentFiles::data, among which others may
  /// be. Without it they may be anything.
  std::optional<std::string> known_data = {};
};

/// Reads a file. Throws InvalidExperiment where that cannot be done.
ExperimentSource source_of(const std::string& file);

/// What results carry of an experiment's files, besides its text, to be run again.
struct ExperimentFiles {
  std::string file = {};    ///< the experiment's, as it was named
  std::string folder = {};  ///< of that file; absolute
  /// The data files that were read, by name: "SHA-1  NAME", one a line, as sha1sum(1) has them.
  /// Where there is no such file, "-" is in the digest's place.
  std::string data = {};
};

}  // namespace popflow

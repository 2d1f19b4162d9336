#pragma once

#include <set>
#include <string>
#include <vector>

#include "popflow/experiment/source.hpp"

#include "experiment/value.hpp"

namespace popflow {

/// The path of an experiment file, however it was named.
std::string path_of(const ExperimentSource& source);

/// SHA-1 of a regular file's bytes, 40 hexadecimal digits; "-" where there is none to be read.
std::string sha1_of(const std::string& file);

/// The data files that an experiment names: class.N.input.file of all classes.
std::set<std::string> data_file_names(const Value& document);

/// Names and digests of the data files as they are now, in the form of ExperimentFiles::data.
/// Throws InvalidExperiment if the source knows a file with another digest.
std::string checked_data(const std::set<std::string>& names, const ExperimentSource& source);

/// The paths of the files that such lines name.
std::vector<std::string> data_paths(const std::string& lines, const std::string& folder);

}  // namespace popflow

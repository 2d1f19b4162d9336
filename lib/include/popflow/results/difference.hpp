#pragma once

#include <string>
#include <vector>

namespace popflow {

/// A variable that is not the same in two results files, bit for bit.
struct VariableDifference {
  std::string name;
  /// Why values could not be compared: "is only in the first file", "is only in the second file",
  /// "has other dimensions" or "has another type". Empty if they were compared.
  std::string form = {};
  std::size_t values = 0;     ///< how many it has
  std::size_t differing = 0;  ///< how many of them differ
  /// Largest |difference| of numbers. Infinite if only one of two numbers is finite, or if only one
  /// is NaN. 0 for strings, and if only signs of zero or kinds of NaN differ.
  double largest = 0.0;
  double magnitude = 0.0;  ///< largest finite |value| of numbers in the first file
};

/// A global attribute that differs; `before` or `now` is empty if that file does not have it.
struct AttributeDifference {
  std::string name, before, now;
};

/// How results differ from those of a run that should have been the same.
struct ResultsDifference {
  std::size_t compared = 0;                        ///< variables of either file
  std::vector<VariableDifference> variables = {};  ///< by name, as the others
  std::vector<AttributeDifference> outcome = {};   ///< how the runs went, and what they were
  /// Differences of the program: popflow_version, git_revision, compiler, instruction_set.
  std::vector<AttributeDifference> provenance = {};

  /// Whether all but the provenance is the same.
  bool same() const { return variables.empty() && outcome.empty(); }
};

/// Reads all of a results file, of any kind. Throws InvalidResults where that cannot be done.
void check_whole(const std::string& file);

/// Compares two results files of any kind, variable by variable. Where and when a run was made
/// (attributes command_line, date, experiment_folder), and how long it took (variable `seconds` of
/// a ladder) do not matter. Throws InvalidResults.
ResultsDifference difference(const std::string& before, const std::string& now);

}  // namespace popflow

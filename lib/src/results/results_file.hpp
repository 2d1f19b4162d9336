#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <netcdf>

#include "popflow/lattice/torus.hpp"
#include "popflow/results/provenance.hpp"

namespace popflow {

/// An open results file or checkpoint, which says what is missing: everything here throws
/// InvalidResults.
class ResultsFile {
 public:
  /// `what` it should be: "results file".
  ResultsFile(const std::string& path, const std::string& what);

  [[noreturn]] void refuse(const std::string& reason) const;

  bool has_dimension(const std::string& name) const { return !file_.getDim(name).isNull(); }
  bool has_variable(const std::string& name) const { return !file_.getVar(name).isNull(); }

  std::size_t dimension(const std::string& name) const;

  /// All values of a variable, which must have these dimensions.
  std::vector<double> values(const std::string& name,
                             const std::vector<std::string>& dimensions) const;
  std::vector<std::uint64_t> integers(const std::string& name,
                                      const std::vector<std::string>& dimensions) const;

  /// The names of a variable's dimensions.
  std::vector<std::string> dimensions_of(const std::string& name) const;

  /// Names of all variables; the extents of one by the names of its dimensions, and its type.
  std::vector<std::string> variables() const;
  std::vector<std::pair<std::string, std::size_t>> shape_of(const std::string& name) const;
  std::string type_of(const std::string& name) const;

  /// Whether a variable holds numbers of double precision.
  bool holds_numbers(const std::string& name) const;

  /// All strings of a variable, which must have these dimensions.
  std::vector<std::string> strings(const std::string& name,
                                   const std::vector<std::string>& dimensions) const;

  bool has_attribute(const std::string& name) const { return file_.getAtts().count(name) > 0; }

  /// Names of all global attributes, and any of them as text; empty where there is none.
  std::vector<std::string> attributes() const;
  std::string attribute_text(const std::string& name) const;

  std::string text(const std::string& name) const;
  std::uint64_t integer(const std::string& name) const;

  /// Refuses what is not of one of these kinds, and says what it is.
  void require_kind(const std::vector<std::string>& kinds) const;

  /// The provenance of the file.
  Provenance provenance() const;

  /// The lattice, and the names of its dimensions: site, or row and column.
  Torus torus() const;
  std::vector<std::string> lattice_dimensions() const;

 private:
  template <class Value>
  std::vector<Value> all(const std::string& name, const std::vector<std::string>& dimensions) const;
  netCDF::NcVar variable(const std::string& name) const;
  std::size_t size_of(const netCDF::NcVar& variable,
                      const std::vector<std::string>& dimensions) const;
  netCDF::NcGroupAtt attribute(const std::string& name) const;

  std::string path_, what_;
  std::uintmax_t bytes_;  // of the file
  netCDF::NcFile file_;
};

/// Opens a file, which should be a results file or `what` else, and reads from it. Throws
/// InvalidResults for whatever goes wrong, in one line.
void read_results_file(const std::string& path, const std::function<void(const ResultsFile&)>& read,
                       const std::string& what = "results file");

}  // namespace popflow

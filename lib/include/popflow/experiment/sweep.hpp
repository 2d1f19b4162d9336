#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "popflow/experiment/experiment.hpp"

namespace popflow {

/// One axis of a grid: the keys of the experiment that take its values, all keys the same value.
struct SweepAxis {
  std::string name;
  std::vector<std::string> keys;
  std::vector<std::string> values;   ///< TOML, as an override has it
  std::vector<double> numbers = {};  ///< the same as numbers; empty where they are none

  std::size_t size() const { return values.size(); }
};

/// The computation at every point of a sweep.
enum class SweepRun { stability, flow, sgd, fixed_point };

/// Variations of one experiment, as a grid or a list.
struct Sweep {
  std::string file;             ///< as it was named
  std::string text;             ///< as it stands
  ExperimentSource experiment;  ///< knows the data files of all points
  SweepRun run = SweepRun::flow;
  bool weights = false;                             ///< whether the weights at the end are kept
  std::vector<std::string> set = {};                ///< KEY=VALUE of all points
  std::vector<SweepAxis> axes = {};                 ///< the last varies fastest; or
  std::vector<std::vector<std::string>> list = {};  ///< KEY=VALUE of every point

  /// Number of points along every axis, or of the list.
  std::vector<std::size_t> shape() const;
  std::size_t points() const;

  /// KEY=VALUE of a point, from 0 to points() - 1, row-major.
  std::vector<std::string> overrides(std::size_t point) const;

  /// A point in words: "gain = 3, bias = -1", or for a list its KEY=VALUE.
  std::string described(std::size_t point) const;
};

/// Reads a sweep file (TOML). Throws InvalidExperiment for everything that is not in this table,
/// and what read_experiment throws for the first point.
///
///     key            what is allowed                                        default
///     experiment     path of the experiment file, from the sweep file's     required
///                    folder
///     run            "stability", "flow", "sgd" or "fixed-point"            "flow"
///     weights        true or false: keep the weights at the end             false
///     set            list of "KEY=VALUE" for all points, no key twice       none
///     axis           one [[axis]] or more: a grid, at most 10^7 points      this, or point
///      .name         letters, digits and _, at most 64, the first a         required
///                    letter: of the dimension of the results, none like
///                    another or one of sweep_result_names()
///      .key          key of the experiment, "network.bias", or a list of    required
///                    keys that take the same values; none twice, nor with
///                    the section that holds it
///      .values       list of numbers or strings, none twice                 this, or range
///      .from, .to    finite numbers
///      .count        integer from 2 to 100000
///      .spacing      "linear" or "logarithmic"                              "linear"
///     point          one [[point]] or more: a list
///      .set          list of "KEY=VALUE", no key twice, or of all points    required
Sweep read_sweep(const std::string& file, const std::function<bool()>& interrupted = {});

/// Reads the text of a sweep file, with its experiment; messages call the sweep `file`. Throws
/// InvalidExperiment also if a data file is not the one that the experiment's source knows.
Sweep read_sweep(const std::string& file, const std::string& text, ExperimentSource experiment,
                 const std::function<bool()>& interrupted = {});

/// Paths of the files from which the sweep was read: its own file, the experiment's file, and the
/// data files of all points.
std::vector<std::string> files_read(const Sweep& sweep);

/// A quantity of a point with run = "fixed-point".
struct FixedPointQuantity {
  const char* name;         ///< of the variable in the results
  const char* description;  ///< its long_name
};

/// All of these quantities, in the order of SweepPoint::fixed_point.
const std::vector<FixedPointQuantity>& fixed_point_quantities();

/// The names of the variables and dimensions that results of a sweep have beside its axes: an axis
/// must have another name.
const std::vector<std::string_view>& sweep_result_names();

}  // namespace popflow

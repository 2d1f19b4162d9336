#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "popflow/experiment/sweep.hpp"
#include "popflow/results/provenance.hpp"

namespace popflow {

/// The results of one point of a sweep: the end of its flow or training run. If there are several
/// runs, these are the results of the first one.
struct SweepPoint {
  std::string stop_reason;  ///< as Results has it, or "done"; "failed" where it threw
  std::string failure;      ///< why it threw; else empty
  double tau = 0.0;
  double growth_rate = 0.0;  ///< largest at the origin, in closed form; NaN where it has none
  std::vector<double> norm = {}, ipr = {};  ///< of every neuron
  std::vector<int> shape = {};              ///< of the lattice
  std::vector<double> weights = {};         ///< K x N, row-major, if they are kept
  /// Neglected terms at the end, of a flow by expansion (flow/expansion.hpp); else NaN.
  double neglected_terms = std::numeric_limits<double>::quiet_NaN();
  /// With run = "fixed-point": fixed_point_quantities(), and the growth rates of all perturbations,
  /// falling; otherwise empty. Quantities that a point does not have are NaN.
  std::vector<double> fixed_point = {}, spectrum = {};
};

/// Whether a run with this stop_reason did what was asked for: it reached the end, rest or a fixed
/// point, or is "done". Values of a run that diverged or took too many steps are those of an
/// earlier time.
bool succeeded(std::string_view stop_reason);

/// Kind of results files that write_sweep writes.
inline constexpr const char* sweep_kind = "sweep";

/// Writes the results of a sweep; the file appears whole or not at all. NetCDF-4, with one
/// dimension an axis, under its name (below: axis, ...), or `point` for a list:
///
///     <axis>(axis)                     its values, numbers or strings, with an attribute `keys`
///     overrides(point)                 of a list: KEY=VALUE, one a line
///     stop_reason, failure(axis, ...)  strings; succeeded(stop_reason) says whether the point is
///                                      what was asked for; failure is why it threw
///     tau, growth_rate(axis, ...)      time of the end; largest growth rate at the origin
///     neglected_terms(axis, ...)       at the end, where a point is a flow by expansion
///     norm, ipr(axis, ..., neuron)     at the end
///     residual, drift, ...(axis, ...)  of fixed points: fixed_point_quantities()
///     spectrum(axis, ..., direction)   of fixed points: growth rates of all perturbations, falling
///     weights(axis, ..., neuron, site) if they are kept (row, column on tori; site where lattices
///                                      differ)
///
/// and attributes kind ("sweep"), run, sweep and experiment (both files), and those of results.hpp
/// from experiment_file on. Values that a point does not have are NaN. Throws
/// UnwritableOutput, or std::runtime_error when writing fails.
void write_sweep(const std::string& path, const Sweep& sweep, const std::vector<SweepPoint>& points,
                 const Provenance& provenance);

/// The parts of a sweep that a figure shows: axes with their values, and for each point the largest
/// inverse participation ratio of its neurons and the largest growth rate at the origin.
struct SweepMap {
  std::vector<SweepAxis> axes;  ///< without keys
  std::string run;
  std::vector<double> largest_ipr, growth_rate;  ///< row-major; NaN where a point has none
  std::vector<bool> failed;  ///< whether a point did not succeed; its largest_ipr is NaN
};

/// Throws InvalidResults, also for a list.
SweepMap read_sweep_map(const std::string& path);

/// Whether a file that can be opened holds a sweep.
bool holds_sweep(const std::string& path);

}  // namespace popflow

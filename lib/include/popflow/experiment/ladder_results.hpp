#pragma once

#include <string>

#include "popflow/experiment/ladder.hpp"

namespace popflow {

/// The attribute `kind` of files that write_ladder writes.
inline constexpr const char* ladder_kind = "ladder";

/// Writes a ladder; the file appears whole or not at all. NetCDF-4, with one entry a row of the
/// ladder along the dimension `kind`, S snapshots and K neurons (row, column on tori in place of
/// site):
///
///     kind(kind)                             names of the rows, LadderRow::name
///     time(snapshot)                         flow time tau
///     reason, stop_reason(kind)              strings, as in LadderRow
///     tau, runs, evaluations, seconds(kind)  how far it came, and what it cost
///     weights(kind, snapshot, neuron, site)  u, mean over runs
///     ipr(kind, snapshot, neuron)            inverse participation ratio, mean over runs
///     distance, error, standard_error(kind, snapshot)   from the population, LadderErrors
///     neuron_distance, neuron_error, neuron_standard_error(kind, snapshot, neuron)
///     aligned_distance, aligned_error, aligned_standard_error(kind, snapshot)
///     quartic_distance, quartic_error, quartic_standard_error(snapshot)   of "sgd quartic", from
///                                                                         the row "quartic"
///
/// and attributes kind ("ladder"), stop_reason, and those of results.hpp from seed on. Values that
/// a row does not have are NaN. `popflow rerun` does not compare `seconds`, which differs from run
/// to run. Throws std::invalid_argument if the shapes of the rows disagree, UnwritableOutput, or
/// std::runtime_error if writing fails.
void write_ladder(const std::string& path, const Ladder& ladder);

/// Reads a ladder back; its member `files` stays empty. Throws InvalidResults.
Ladder read_ladder(const std::string& path);

/// Whether a file that can be opened holds a ladder.
bool holds_ladder(const std::string& path);

}  // namespace popflow

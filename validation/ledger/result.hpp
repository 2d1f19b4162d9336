#pragma once

#include <string>
#include <vector>

#include "entries.hpp"
#include "reference.hpp"
#include "rungs.hpp"

namespace ledger {

/// Relative errors at the snapshots after the start, of all neurons and of those with a negative
/// bias; infinite at snapshots that were not reached.
struct Errors {
  std::vector<double> all, negative_bias;

  double worst(Neurons neurons = Neurons::all) const;
};

/// A rung on one experiment.
struct Row {
  Rung rung;
  Climb climb;
  Errors errors;
};

/// One experiment with its reference and every rung that applies.
struct Result {
  Entry entry;
  Reference reference;
  Errors standard_errors;  ///< of the reference
  double transform_seconds;
  std::vector<Row> rows;

  /// Null where the rung does not apply.
  const Row* row(const Rung& rung) const;
};

Result measured(const Entry& entry);

}  // namespace ledger

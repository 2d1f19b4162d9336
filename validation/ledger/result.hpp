#pragma once

#include <string>
#include <vector>

#include "closures.hpp"
#include "entries.hpp"
#include "reference.hpp"

namespace ledger {

/// Relative errors at the snapshots after the start, of all neurons and of those with a negative
/// bias; infinite at snapshots that were not reached.
struct Errors {
  std::vector<double> all, negative_bias;

  double worst(Neurons neurons = Neurons::all) const;
};

/// A closure on one experiment.
struct Row {
  Closure closure;
  ClosureRun climb;
  Errors errors;
};

/// One experiment with its reference and every closure that applies.
struct Result {
  Entry entry;
  Reference reference;
  Errors standard_errors;  ///< of the reference
  double transform_seconds;
  std::vector<Row> rows;

  /// Null where the closure does not apply.
  const Row* row(const Closure& closure) const;
};

Result measured(const Entry& entry);

}  // namespace ledger

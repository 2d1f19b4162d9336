#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "popflow/input/input.hpp"

namespace popflow {

/// Options of check_input: its samples, and its rate of false alarms.
struct CheckOptions {
  std::int64_t samples = 10'000;  ///< at least 100
  std::uint64_t seed = 1;
  /// The probability that an input is reported although it is as it states. It is that of all
  /// comparisons of a report together, over all seeds; between 0 and 1, both excluded.
  double false_alarms = 1e-3;
  std::function<bool()> interrupted = {};  ///< whether to stop and report on the samples drawn
};

/// One property of an input. The numbers are those of the comparison that disagrees most.
struct InputCheck {
  std::string name;             ///< of the property: "covariance"
  std::string where;            ///< "displacement 3"
  double stated = 0.0;          ///< by the input, or 0 where a symmetry of the law says so
  double found = 0.0;           ///< in the samples, or in something else that the input states
  double standard_error = 0.0;  ///< of found - stated; 0 where nothing was sampled
  /// found - stated in standard errors, corrected for skewness (Eq. 120); 0 if they agree within
  /// rounding, infinite if they disagree and have no standard error.
  double deviation = 0.0;
  int comparisons = 0;
  bool passed = true;
};

/// The findings of check_input.
struct InputReport {
  std::vector<InputCheck> checks;
  std::int64_t samples = 0;  ///< drawn
  double threshold = 0.0;    ///< the largest deviation that passes

  bool passed() const;
};

/// The report as a table: property, place, stated, found, standard error, deviation, verdict.
std::string text(const InputReport& report);

/// Draws samples of an input and compares them with what the input states, and with what the theory
/// assumes of every law (InputModel). The properties are, in this order,
///
///     finite       every entry of every sample is finite
///     mean         E x_i = 0 at every site, and averaged over sites
///     evenness     E x_i x_j x_k = 0, at sites near each other
///     invariance   variances, products of two and of four sites at single places have the average
///                  over all places
///     reflection   products of four sites have the average of their mirror images, of all that
///                  symmetry() states
///     covariance   at every displacement, averaged over places
///     four-point function  for E x^4 and for displacements drawn at random, most of them short
///
/// and, without samples, that spectrum(), symmetry(), pointwise() and is_gaussian() agree with the
/// covariance and the four-point function.
///
/// Half of the samples come from sample(), half from sample_lanes(). They are taken as independent.
/// Standard errors come from their spread, and are combined with those that the input states for
/// its own moments. Deviations are corrected for skewness (Eq. 120). The threshold is that of
/// normal deviations, with the false alarms divided among the comparisons (Bonferroni): some 5
/// standard errors. Differences below rounding_of_stated_moments are ignored.
///
/// Moments up to the eighth must be finite. With heavy tails, false alarms are more frequent than
/// `false_alarms` says, because means are nearly normal only for many samples (Laplace's law on
/// four sites, 1000 samples: 12 % for 5 %). If rare samples dominate a moment, the check hardly
/// notices that it is stated too large.
///
///     const InputReport report = check_input(Stripes{ring, 20});
///     if (!report.passed()) std::cerr << text(report);
///
/// Throws std::invalid_argument for options out of range. Each sample costs a transform and some
/// hundred products of four fields.
InputReport check_input(const Input& input, const CheckOptions& options = {});

}  // namespace popflow

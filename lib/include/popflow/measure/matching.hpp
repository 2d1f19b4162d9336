#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <Eigen/Core>

#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/network/weights.hpp"

namespace popflow {

// Two sets of fields over a torus, K x N and R x N, one field a row (CP factors, templates,
// receptive fields). They are compared up to scale, sign and order, and on request also up to place
// and handedness.
// Every function here throws std::invalid_argument unless K, R >= 1, the rows have N entries, and
// all of these are finite.

/// The fields that count as the same, besides multiples of one another.
struct MatchOptions {
  bool shift = false;  ///< translates on the lattice
  /// The point reflection a_{-i}: through site 0, or through every site and every point
  /// half-way between sites if shifts count. On a torus this inverts both axes; a mirror that
  /// inverts only one does not count.
  bool reflection = false;
  /// Called before every field of the first set, by any thread. If it returns true, Interrupted is
  /// thrown.
  std::function<bool()> interrupted = {};
};

/// How field `a` of the first set resembles field `b` of the second, both counted from 0. If
/// similarities are equal (to 1e-14), the field itself comes before its reflection, and then the
/// smallest shift comes first.
struct Match {
  int a;
  int b;
  double similarity;  ///< rho of Eq. 43, in [0, 1]
  int shift;          ///< displacement T, a site number
  int sign;           ///< s, +1 or -1
  bool reflected;     ///< P reflects through site 0; otherwise it is the identity
};

/// s T P a: field `a` of a match brought onto its partner, but for the scale.
/// Throws std::invalid_argument unless `a` has N entries.
Field aligned(const Torus& torus, const Eigen::Ref<const Field>& a, const Match& match);

/// The pairs of fields of one set with fields of another set.
struct Matching {
  std::vector<Match> matches;  ///< in the order of the first set
  double mean_similarity;      ///< over the matches, in [0, 1]
};

/// K x R, the similarities rho of Eq. 43, in [0, 1]; 0 for a field that is zero everywhere.
/// O(K R N log N) with shifts, by FFT, and O(K R N) without.
Eigen::MatrixXd similarity_matrix(const FourierTransform& fourier, const Weights& a,
                                  const Weights& b, const MatchOptions& options = {});

/// The min(K, R) pairs {row, column} of a K x R matrix with the largest sum, no two in one row or
/// column, in the order of the rows (Eq. 44). Boost.Graph's minimum-cost flow finds them exactly,
/// except that entries are rounded to 2^-40 (1e-12). If several sets of pairs have the same sum,
/// the choice depends on the matrix alone. Throws std::invalid_argument unless there are entries
/// and all are in [0, 1].
std::vector<std::array<int, 2>> best_assignment(const Eigen::MatrixXd& similarity);

/// The matching of largest total similarity (Eq. 44): min(K, R) matches, in which every field of
/// the smaller set has a partner of its own.
Matching best_matching(const FourierTransform& fourier, const Weights& a, const Weights& b,
                       const MatchOptions& options = {});

/// For each field of `a`, the most similar field of `b`, the first if several are: K matches.
/// Fields may share a partner, as receptive fields at different places share one template up to
/// shift.
Matching nearest(const FourierTransform& fourier, const Weights& a, const Weights& b,
                 const MatchOptions& options = {});

/// The random fields with which a set is compared, to see which part of a match is chance.
enum class NullModel {
  white,            ///< independent standard normal entries
  phase_randomised  ///< the set's own fields with random phases (Eq. 45)
};

/// A random set, K x N like `a`, from the next numbers of `stream`. Phase-randomised fields have
/// the power spectra |a^(q)|^2 of `a`, to rounding. For a sinusoid they are its random translates.
Weights random_fields(const FourierTransform& fourier, const Weights& a, NullModel null,
                      RandomStream& stream);

/// Whether two fields may have the same partner: not in best_matching, but in nearest.
enum class Partners { distinct, shared };

/// How `random_baseline` draws its random sets.
struct BaselineOptions {
  NullModel null = NullModel::phase_randomised;
  Partners partners = Partners::distinct;
  int trials = 1000;  ///< at least 2
  std::uint64_t seed = 0;
};

/// The mean similarity that random sets reach, over trials.
struct Baseline {
  double mean;
  double standard_error;      ///< of the mean
  double standard_deviation;  ///< of a trial
};

/// The similarity that chance gives: mean_similarity with random_fields in the place of `a`. Trial
/// t uses the stream (seed, Purpose::matching, t). Trials share out the threads, with the same bits
/// on any number of threads. Throws std::invalid_argument unless trials >= 2.
Baseline random_baseline(const FourierTransform& fourier, const Weights& a, const Weights& b,
                         const MatchOptions& options = {}, const BaselineOptions& baseline = {});

}  // namespace popflow

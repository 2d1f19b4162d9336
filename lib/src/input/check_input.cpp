#include "popflow/input/check_input.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include <boost/math/distributions/normal.hpp>
#include <fmt/core.h>

#include "popflow/input/correlation.hpp"
#include "popflow/moments/arcsine.hpp"
#include "popflow/moments/four_point.hpp"

#include "input/comparison_family.hpp"

namespace popflow {

namespace {

constexpr int exact_four_points = 8;  // an input's own statements are compared at so many

void check_options(const CheckOptions& options) {
  if (options.samples < 100)
    throw std::invalid_argument(
        fmt::format("{} samples to check an input: must be at least 100", options.samples));
  if (!(options.false_alarms > 0.0 && options.false_alarms < 1.0))
    throw std::invalid_argument(
        fmt::format("probability {} of a false alarm: must lie between 0 and 1, both excluded",
                    options.false_alarms));
}

// Sums over samples of the first three powers of what is measured less what is stated.
struct Sums {
  ComparisonFamily family;
  Eigen::ArrayXd values, first, second, third;

  explicit Sums(ComparisonFamily of)
      : family(std::move(of)),
        values(Eigen::ArrayXd::Zero(static_cast<Eigen::Index>(family.size()))),
        first(values),
        second(values),
        third(values) {}

  void add(const Field& sample) {
    if (family.size() == 0) return;
    family.measure(sample, values);
    for (std::size_t n = 0; n < family.size(); ++n)
      values[static_cast<Eigen::Index>(n)] -= family.stated[n];
    first += values;
    second += values.square();
    third += values.cube();
  }
};

struct Drawn {
  std::int64_t samples = 0, infinite = 0;
};

void add_sample(const Field& sample, std::vector<Sums>& sums, Drawn& drawn) {
  ++drawn.samples;
  if (!sample.allFinite()) {
    ++drawn.infinite;
    return;
  }
  for (Sums& each : sums) each.add(sample);
}

// Sixteen at a time, by sample() and by sample_lanes() in turn.
Drawn draw(Input input, const CheckOptions& options, std::vector<Sums>& sums) {
  const SampleKey key{options.seed, Purpose::evaluation};
  Drawn drawn;
  Field sample(input.torus().sites());
  LaneFields<double> side_by_side(sample.size(), lanes);
  for (std::uint64_t block = 0; drawn.samples < options.samples; ++block) {
    if (block > 0 && options.interrupted && options.interrupted()) break;
    std::array<std::uint64_t, lanes> indices;
    for (std::size_t l = 0; l < indices.size(); ++l) indices[l] = block * lanes + l;
    if (block % 2 == 1) input.sample_lanes(key, indices, side_by_side);
    for (int l = 0; l < lanes && drawn.samples < options.samples; ++l) {
      if (block % 2 == 1) {
        sample = side_by_side.col(l);
      } else {
        RandomStream stream(key.seed, key.purpose, indices[static_cast<std::size_t>(l)]);
        input.sample(stream, sample);
      }
      add_sample(sample, sums, drawn);
    }
  }
  return drawn;
}

// A difference in standard errors, corrected for the skewness of what was averaged (Eq. 120).
double corrected_deviation(double W, double skewness, double n) {
  return std::sqrt(n) * (W + skewness * W * W / 3.0 + skewness * skewness * W * W * W / 27.0 +
                         skewness / (6.0 * n));
}

// Values within rounding of 0 count as 0.
double beyond_rounding(double difference, double rounding) {
  return std::copysign(std::max(std::abs(difference) - rounding, 0.0), difference);
}

// Comparison k of a family from n samples.
InputCheck comparison(const Sums& sums, std::size_t k, double n) {
  const auto at = static_cast<Eigen::Index>(k);
  const ComparisonFamily& family = sums.family;
  const double mean = sums.first[at] / n, square = sums.second[at] / n;
  const double rounding = rounding_of_stated_moments * family.scale;
  const double variance = std::max(square - mean * mean, 0.0), sd = std::sqrt(variance);
  InputCheck check{family.property, family.where[k], family.stated[k], family.stated[k] + mean};
  const double own = family.stated_error[k] * std::sqrt(n);
  check.standard_error = std::sqrt((variance + own * own) / n);
  const double difference = beyond_rounding(mean, rounding);
  if (difference == 0.0) return check;
  if (check.standard_error <= 1e-3 * rounding) {
    check.deviation = std::copysign(std::numeric_limits<double>::infinity(), difference);
    return check;
  }
  const double skewness =
      sd > 0.0
          ? (sums.third[at] / n - 3.0 * mean * square + 2.0 * mean * mean * mean) / (sd * sd * sd)
          : 0.0;
  check.deviation = own > sd ? difference / check.standard_error
                             : corrected_deviation(difference / std::hypot(sd, own), skewness, n);
  return check;
}

// Of every property, the comparison that disagrees most. Comparisons of one property come one after
// another.
class WorstComparisons {
 public:
  // `off` is larger, the more the comparison disagrees.
  void add(InputCheck found, double off) {
    const bool first = checks.empty() || checks.back().name != found.name;
    if (first) checks.emplace_back();
    const int comparisons = checks.back().comparisons + 1;
    if (first || (!std::isnan(off_) && !(off <= off_))) {
      checks.back() = std::move(found);
      off_ = off;
    }
    checks.back().comparisons = comparisons;
  }

  // What an input states, compared with what else it states: within rounding.
  void add_exact(const char* property, const std::string& where, double stated, double found,
                 double scale) {
    const double off = std::abs(found - stated) / scale;
    const bool passed = off <= rounding_of_stated_moments;
    const double deviation = passed ? 0.0 : std::numeric_limits<double>::infinity();
    add({property, where, stated, found, 0.0, deviation, 1, passed}, off);
  }

  std::vector<InputCheck> checks;

 private:
  double off_ = 0.0;  // of the last check
};

void add_family(WorstComparisons& worst, const Sums& sums, double n, double threshold) {
  for (std::size_t k = 0; k < sums.family.size(); ++k) {
    InputCheck found = comparison(sums, k, n);
    const double off = std::abs(found.deviation);
    found.passed = off <= threshold;
    worst.add(std::move(found), off);
  }
}

void check_spectrum(const Input& input, WorstComparisons& worst) {
  const Field stated = input.spectrum();
  const Field exact = covariance_spectrum(input.torus(), input.covariance());
  for (Eigen::Index q = 0; q < exact.size(); ++q)
    worst.add_exact("spectrum", fmt::format("mode {}", q), stated[q], std::max(exact[q], 0.0),
                    exact.maxCoeff());
}

void check_symmetry_of_covariance(const Input& input, WorstComparisons& worst) {
  const Field covariance = input.covariance();
  for (const std::vector<int>& map : displacement_maps(input.torus(), input.symmetry()))
    for (int a = 0; a < input.torus().sites(); ++a) {
      const int image = map[static_cast<std::size_t>(a)];
      worst.add_exact("symmetry", fmt::format("displacement {} and its image {}", a, image),
                      covariance[a], covariance[image], covariance[0]);
    }
}

// The four-point function is `law` of the correlations of a Gaussian field.
template <class Law>
void check_four_points(const Input& input, const Field& correlation, const char* property,
                       const Law& law, WorstComparisons& worst) {
  const double variance = input.covariance()[0];
  for (const std::vector<int>& a : compared_displacements(input, exact_four_points))
    worst.add_exact(property, fmt::format("displacements {}, {}, {}", a[0], a[1], a[2]),
                    input.four_point(a[0], a[1], a[2]),
                    law(correlations_of(input.torus(), correlation, a[0], a[1], a[2])),
                    variance * variance);
}

void check_gaussian(const Input& input, WorstComparisons& worst) {
  if (input.is_gaussian())
    check_four_points(input, input.covariance(), "Gaussian", gaussian_four_point, worst);
}

// The moments of the pointwise field that the input says it is (Eq. 8, 9).
void check_pointwise(const Input& input, WorstComparisons& worst) {
  const std::optional<PointwiseField> field = input.pointwise();
  if (!field) return;
  const Field covariance = input.covariance();
  const double own = field->scale * field->scale;
  const bool linear = field->gain == 0.0;
  worst.add_exact("pointwise", "entries of the latent covariance",
                  static_cast<double>(field->latent.size()), static_cast<double>(covariance.size()),
                  1.0);
  if (field->latent.size() != covariance.size()) return;
  for (int a = 0; a < input.torus().sites(); ++a) {
    const double z = field->latent[a];
    worst.add_exact("pointwise", fmt::format("displacement {}", a), covariance[a],
                    own * (linear ? z : erf_two_point(field->gain, z)), covariance[0]);
  }
  const auto law = [&](const FourCorrelations& z) {
    return own * own * (linear ? gaussian_four_point(z) : ErfFourPoint(field->gain)(z));
  };
  check_four_points(input, field->latent, "pointwise", law, worst);
}

void check_finite_samples(const Drawn& drawn, WorstComparisons& worst) {
  const auto infinite = static_cast<double>(drawn.infinite);
  worst.add_exact("finite", "samples that are not", 0.0, infinite, 1.0);
}

// Above it is the absolute value of one of `comparisons` normal numbers with the probability
// `false_alarms`, at most.
double threshold_of(double false_alarms, std::size_t comparisons) {
  return -boost::math::quantile(boost::math::normal(),
                                0.5 * false_alarms / static_cast<double>(comparisons));
}

}  // namespace

bool InputReport::passed() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const InputCheck& check) { return check.passed; });
}

InputReport check_input(const Input& input, const CheckOptions& options) {
  check_options(options);
  std::vector<Sums> sums;
  std::size_t comparisons = 0;
  for (ComparisonFamily& family : comparison_families(input)) {
    comparisons += family.size();
    sums.emplace_back(std::move(family));
  }
  const Drawn drawn = draw(input, options, sums);
  const double threshold = threshold_of(options.false_alarms, comparisons);
  WorstComparisons worst;
  check_finite_samples(drawn, worst);
  const auto finite = static_cast<double>(drawn.samples - drawn.infinite);
  for (const Sums& each : sums)
    if (finite > 0.0) add_family(worst, each, finite, threshold);
  check_spectrum(input, worst);
  check_symmetry_of_covariance(input, worst);
  check_pointwise(input, worst);
  check_gaussian(input, worst);
  return {std::move(worst.checks), drawn.samples, threshold};
}

std::string text(const InputReport& report) {
  std::string table = fmt::format("{:<20} {:>11} {:>12} {:>9} {:>10} {:>9}\n", "property",
                                  "comparisons", "stated", "found", "error", "deviation");
  for (const InputCheck& check : report.checks)
    table += fmt::format("{:<20} {:>11} {:>12.5g} {:>9.5g} {:>10.2g} {:>9.1f}  {}{}\n", check.name,
                         check.comparisons, check.stated, check.found, check.standard_error,
                         check.deviation, check.passed ? "" : "DISAGREES: ", check.where);
  table += fmt::format("{}: {} samples; deviations in standard errors, up to {:.1f} pass\n",
                       report.passed() ? "passed" : "failed", report.samples, report.threshold);
  return table;
}

}  // namespace popflow

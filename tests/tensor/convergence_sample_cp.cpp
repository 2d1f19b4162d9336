#include <cmath>
#include <functional>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/moments/cumulant_table.hpp"
#include "popflow/tensor/sample_cp.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

#include "independent_sources.hpp"
#include "log_slope.hpp"
#include "reference_inputs.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(convergence_of_sample_cp)

using namespace popflow;
using namespace popflow::test;
using Eigen::Index;
using Eigen::MatrixXd;

namespace {

// |A - B| / |B| of two CP forms as tensors. Unlike factor_distance it needs no matching of columns.
double relative_distance(const Factors& a, const Factors& b) {
  const double norm = inner_product(b, b);
  return std::sqrt((inner_product(a, a) - 2.0 * inner_product(a, b) + norm) / norm);
}

// A law with a known CP form of its fourth cumulant.
struct KnownLaw {
  std::function<SampleSource(std::uint64_t seed)> source;
  Factors factors;
  int seeds;

  // The fit starts at the solution, since the test measures the distance of the nearest minimum.
  SymmetricCpOptions options() const {
    return {.rank = static_cast<int>(factors.rank()),
            .starts = 0,
            .more_starts = {factors.vectors},
            .renewals = 0,
            .tolerance = 1e-8};
  }
};

KnownLaw independent_sources() {
  return {[](std::uint64_t seed) { return IndependentSources(seed); },
          IndependentSources(0).factors(), 32};
}

// A ring of 20 sites, correlation length 1.6, gain 3, in N factors: shifts of one bump. At this
// rank a tenth of the tensor remains unexplained.
KnownLaw nonlinear_gaussian_field() {
  const auto model = nlgp({20}, 3.0, 1.6);
  SymmetricTensor tensor(CumulantTable(fourth_cumulant(model)));
  MatrixXd bumps(20, 20);
  for (Index i = 0; i < 20; ++i)
    for (Index s = 0; s < 20; ++s) {
      const double r = std::remainder(static_cast<double>(i - s), 20.0);
      bumps(i, s) = std::exp(-r * r / (2.0 * 0.8 * 0.8));
    }
  const auto fit = symmetric_cp(tensor, tensor.squared_norm(),
                                {.rank = 20,
                                 .starts = 0,
                                 .more_starts = {bumps},
                                 .renewals = 0,
                                 .iterations = 1000,
                                 .tolerance = 1e-10});
  return {[input = Input(model)](std::uint64_t seed) { return fresh_samples(input, seed); },
          fit.factors, 8};
}

const std::vector<double> sample_counts{1024, 4096, 16384, 65536};

// Distances: one seed per row, one number of samples per column.
using Distances = Eigen::ArrayXXd;

Distances distances_of_fixed_sets(const KnownLaw& law) {
  Distances distances(law.seeds, std::ssize(sample_counts));
  for (int seed = 0; seed < law.seeds; ++seed)
    for (Index k = 0; k < distances.cols(); ++k) {
      MatrixXd samples(law.factors.dimension(), static_cast<Index>(sample_counts[k]));
      law.source(static_cast<std::uint64_t>(seed))(0, samples);
      distances(seed, k) = relative_distance(
          symmetric_cp_from_samples(std::move(samples), law.options()).factors, law.factors);
    }
  return distances;
}

// The first fit uses the smallest number of samples.
Distances distances_of_fresh_samples(const KnownLaw& law) {
  Distances distances(law.seeds, std::ssize(sample_counts));
  constexpr Index batch = 256;
  const auto first = static_cast<Index>(sample_counts.front());
  const int steps = static_cast<int>((sample_counts.back() - sample_counts.front()) / batch);
  for (int seed = 0; seed < law.seeds; ++seed) {
    Index k = 0;
    symmetric_cp_from_fresh_samples(
        law.source(static_cast<std::uint64_t>(seed)), law.factors.dimension(),
        {.start = law.options(), .first = first, .batch = batch, .steps = steps},
        [&](const FreshSampleCpState& state) {
          if (static_cast<double>(state.samples) == sample_counts[k])
            distances(seed, k++) = relative_distance(state.factors, law.factors);
        });
  }
  return distances;
}

Eigen::ArrayXd root_mean_squares(const Distances& distances) {
  return distances.square().colwise().mean().sqrt();
}

// Every seed has its own slope; the scatter of the slopes gives the standard error of their mean.
// Errors of the next order are a fraction ~ distance^2 < 0.06 of the distance at the smallest
// number of samples, and negligible at the largest number, which is 64 times larger. They change
// the slope by log(1.06) / log(64).
void check_rate(const Distances& distances) {
  constexpr double next_order = 0.015;
  SampleMeans slope(1);
  for (Index seed = 0; seed < distances.rows(); ++seed) {
    const Eigen::ArrayXd row = distances.row(seed);
    slope.add(Eigen::ArrayXd::Constant(1, log_slope(sample_counts, {row.begin(), row.end()})));
  }
  BOOST_TEST_MESSAGE("distances " << root_mean_squares(distances).transpose() << ", slope "
                                  << slope.mean() << " +- " << slope.standard_error());
  BOOST_TEST(std::abs(slope.mean()[0] + 0.5) <
             allowed_standard_errors * slope.standard_error()[0] + next_order);
}

// Both use the same samples, so that their ratio scatters less than either of them.
void check_as_good(const Distances& fresh, const Distances& fixed) {
  const Eigen::ArrayXd ratio = root_mean_squares(fresh) / root_mean_squares(fixed);
  BOOST_TEST_MESSAGE("fresh over fixed " << ratio.transpose());
  BOOST_TEST(ratio.maxCoeff() < 1.15);
}

void check(const KnownLaw& law) {
  const Distances fixed = distances_of_fixed_sets(law), fresh = distances_of_fresh_samples(law);
  check_rate(fixed);
  check_rate(fresh);
  check_as_good(fresh, fixed);
}

}  // namespace

BOOST_AUTO_TEST_CASE(distance_from_the_mixing_of_sources_falls_as_one_over_root_samples) {
  check(independent_sources());
}

BOOST_AUTO_TEST_CASE(distance_from_the_factors_of_a_field_falls_as_one_over_root_samples) {
  check(nonlinear_gaussian_field());
}

BOOST_AUTO_TEST_SUITE_END()

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/gaussian_field.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/cumulant_table.hpp"

#include "cumulant_tensor.hpp"
#include "random_values.hpp"
#include "reference_inputs.hpp"

BOOST_AUTO_TEST_SUITE(band_limited_cumulant)

using namespace popflow;
using test::nlgp;

namespace {

// Relative; sums over N^3 < 2000 entries and their transforms.
constexpr double rounding = 1e-12;

std::vector<NonlinearGaussianField> fields() {
  return {nlgp({12}, 3.0, 2.5), nlgp({11}, 3.0, 2.0), nlgp({4, 3}, 3.0, 1.2)};
}

constexpr double truncations[] = {0.5, 0.2, 0.05, 1e-2, 1e-3, 1e-5};

bool in_band(const Torus& torus, int q, int band) {
  const auto [row, column] = torus.coordinates(q);
  return std::min(row, torus.rows() - row) <= band &&
         std::min(column, torus.columns() - column) <= band;
}

// kappa^ of all N^3 modes, which is even, from the half that joint_spectrum gives.
Eigen::VectorXd whole_spectrum(const Torus& torus, const Eigen::VectorXd& values) {
  const Eigen::VectorXcd half = joint_spectrum(torus, 3, values);
  const std::vector<StoredMode> stored = stored_modes(torus);
  const int n = torus.sites();
  Eigen::VectorXd whole(values.size());
  Eigen::Index entry = 0;
  for (int q1 = 0; q1 < n; ++q1)
    for (int q2 = 0; q2 < n; ++q2)
      for (const StoredMode& q3 : stored) {
        const Eigen::Index pair =
            q3.conjugate ? torus.negate(q1) * n + torus.negate(q2) : q1 * n + q2;
        whole[entry++] = half[pair * torus.half_modes() + q3.index].real();
      }
  return whole;
}

// The tensor without every mode of which a momentum, q1 + q2 + q3 included, is outside the band.
Eigen::VectorXd truncated_tensor(const CumulantTable& table, int band) {
  const Torus& torus = table.torus();
  const int n = torus.sites();
  Eigen::VectorXd modes = whole_spectrum(torus, table.values());
  Eigen::Index entry = 0;
  for (int q1 = 0; q1 < n; ++q1)
    for (int q2 = 0; q2 < n; ++q2)
      for (int q3 = 0; q3 < n; ++q3, ++entry)
        for (int q : {q1, q2, q3, torus.add(q1, torus.add(q2, q3))})
          if (!in_band(torus, q, band)) modes[entry] = 0.0;
  // Modes are real and even, so the forward transform is also the backward one, times N^3.
  return whole_spectrum(torus, modes) / (1.0 * n * n * n);
}

// Share of the energy in modes of which q1, q2 or q3 is outside the band.
double energy_outside(const CumulantTable& table, int band) {
  const Torus& torus = table.torus();
  const Eigen::VectorXd modes = whole_spectrum(torus, table.values());
  double outside = 0.0;
  Eigen::Index entry = 0;
  const int n = torus.sites();
  for (int q1 = 0; q1 < n; ++q1)
    for (int q2 = 0; q2 < n; ++q2)
      for (int q3 = 0; q3 < n; ++q3, ++entry)
        if (!in_band(torus, q1, band) || !in_band(torus, q2, band) || !in_band(torus, q3, band))
          outside += modes[entry] * modes[entry];
  return outside / modes.squaredNorm();
}

double relative_distance(const Eigen::VectorXd& tensor, const Eigen::VectorXd& whole) {
  return (tensor - whole).norm() / whole.norm();
}

// Contraction with real-space fields.
Field contraction(BandLimitedCumulant& op, const Field& u, const Field& v, const Field& w) {
  FourierTransform fourier(op.torus());
  Spectrum out(op.torus().half_modes());
  op.contract(fourier.forward(u), fourier.forward(v), fourier.forward(w), out);
  return fourier.backward(out);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_stated_error_is_the_distance_from_the_truncated_tensor) {
  for (const NonlinearGaussianField& field : fields()) {
    const CumulantTable table(fourth_cumulant(field));
    for (double truncation : truncations) {
      const BandLimitedCumulant op(table, truncation);
      const Eigen::VectorXd kept = truncated_tensor(table, op.band());
      BOOST_TEST(std::abs(op.truncation_error() - relative_distance(kept, table.values())) <
                 rounding);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_band_is_the_narrowest_that_obeys_the_tolerance) {
  for (const NonlinearGaussianField& field : fields()) {
    const CumulantTable table(fourth_cumulant(field));
    for (double truncation : truncations) {
      const BandLimitedCumulant op(table, truncation);
      BOOST_TEST(op.truncation_error() <= truncation);
      if (op.band() == 0) continue;
      const Eigen::VectorXd narrower = truncated_tensor(table, op.band() - 1);
      BOOST_TEST(relative_distance(narrower, table.values()) > truncation);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_tolerance_keeps_every_mode) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    const BandLimitedCumulant op(CumulantTable(fourth_cumulant(field)), 0.0);
    BOOST_TEST(op.band() == std::max(torus.rows(), torus.columns()) / 2);
    BOOST_TEST(op.truncation_error() == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(contractions_are_those_of_the_truncated_tensor) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    const CumulantTable table(fourth_cumulant(field));
    const Field u = test::random_unit_vector(torus.sites(), 31),
                v = test::random_unit_vector(torus.sites(), 32),
                w = test::random_unit_vector(torus.sites(), 33);
    for (double truncation : truncations) {
      BandLimitedCumulant op(table, truncation);
      const Eigen::VectorXd kept = truncated_tensor(table, op.band());
      const Field expected = test::naive_contraction(torus, kept, u, v, w);
      BOOST_TEST((contraction(op, u, v, w) - expected).cwiseAbs().maxCoeff() < rounding);
    }
  }
}

// Cauchy-Schwarz: |sum delta(a,b,c) u_a v_b w_c| <= ||delta|| for unit vectors.
BOOST_AUTO_TEST_CASE(the_error_of_a_contraction_is_bounded_by_the_stated_one) {
  for (const NonlinearGaussianField& field : fields()) {
    const Torus& torus = field.torus();
    const CumulantTable table(fourth_cumulant(field));
    BandLimitedCumulant whole(table, 0.0);
    for (double truncation : truncations)
      for (std::uint64_t seed : {41, 42, 43}) {
        BandLimitedCumulant op(table, truncation);
        const Field u = test::random_unit_vector(torus.sites(), seed);
        const Field error = contraction(op, u, u, u) - contraction(whole, u, u, u);
        BOOST_TEST(error.cwiseAbs().maxCoeff() <=
                   op.truncation_error() * table.values().norm() + rounding);
      }
  }
}

BOOST_AUTO_TEST_CASE(smoother_fields_need_narrower_bands) {
  int wider = 13;
  for (double xi : {2.0, 3.0, 4.0, 6.0, 8.0}) {
    const BandLimitedCumulant op(CumulantTable(fourth_cumulant(nlgp({24}, 3.0, xi))), 0.05);
    BOOST_TEST(op.band() < wider, "xi " << xi << ": band " << op.band());
    wider = op.band();
  }
}

// Ring of 100, xi = 8, g = 3: theory.md has all but 4e-5 of the energy in |q| <= 20, counting q1,
// q2 and q3. The operator also counts their sum.
BOOST_AUTO_TEST_CASE(modes_up_to_20_hold_the_published_share_of_the_energy) {
  constexpr double published = 4e-5, half_a_digit = 0.5e-5;
  const CumulantTable table(fourth_cumulant(nlgp({100}, 3.0, 8.0)));
  const double outside = energy_outside(table, 20);
  BOOST_TEST(std::abs(outside - published) < half_a_digit);
  const BandLimitedCumulant op(table, std::sqrt(published + 2 * half_a_digit));
  BOOST_TEST(op.band() == 20);
  BOOST_TEST(op.truncation_error() > std::sqrt(outside));
}

BOOST_AUTO_TEST_CASE(the_cumulant_of_a_gaussian_contracts_to_zero) {
  const NonlinearGaussianField field = nlgp({12}, 3.0, 2.5);
  for (double truncation : {0.0, 0.1}) {
    BandLimitedCumulant op(CumulantTable(fourth_cumulant(gaussian_clone(field))), truncation);
    BOOST_TEST(op.truncation_error() == 0.0);
    const Field u = test::random_unit_vector(12, 51);
    BOOST_TEST(contraction(op, u, u, u).cwiseAbs().maxCoeff() == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(truncations_below_zero_are_refused) {
  const CumulantTable table(fourth_cumulant(nlgp({4}, 3.0, 1.0)));
  BOOST_CHECK_THROW(BandLimitedCumulant(table, -1e-3), std::invalid_argument);
  BOOST_CHECK_THROW(BandLimitedCumulant(table, std::numeric_limits<double>::quiet_NaN()),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <cmath>
#include <complex>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/half_spectrum.hpp"

#include "direct_fourier.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(half_spectrum)

using namespace popflow;

namespace {

// Sums of at most 32 values of size at most 1, as in test_fourier.
constexpr double rounding_of_sums = 2e-13;

std::vector<Torus> lattices() {
  std::vector<Torus> result;
  for (const std::vector<int>& shape :
       std::vector<std::vector<int>>{{5}, {8}, {4, 6}, {3, 5}, {5, 4}, {1}, {2}, {6, 1}})
    result.emplace_back(shape);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_mode_is_found_where_it_is_stored) {
  for (const Torus& torus : lattices()) {
    const Field field = test::random_values(torus.sites(), 20);
    const Spectrum half = FourierTransform(torus).forward(field);
    const Eigen::VectorXcd all = test::direct_transform(torus, field);
    const std::vector<StoredMode> modes = stored_modes(torus);
    BOOST_TEST(modes.size() == static_cast<std::size_t>(torus.sites()));
    for (int q = 0; q < torus.sites(); ++q) {
      const std::complex<double> stored = half[modes[q].index];
      const std::complex<double> value = modes[q].conjugate ? std::conj(stored) : stored;
      BOOST_TEST(std::abs(value - all[q]) < rounding_of_sums);
    }
  }
}

BOOST_AUTO_TEST_CASE(multiplicities_weigh_a_half_spectrum_like_the_whole) {
  for (const Torus& torus : lattices()) {
    const Field field = test::random_values(torus.sites(), 21);
    const Field energy = FourierTransform(torus).forward(field).cwiseAbs2();
    const Field multiplicity = mode_multiplicity(torus);
    BOOST_TEST(multiplicity.sum() == torus.sites());
    BOOST_TEST(multiplicity.minCoeff() >= 1.0);
    BOOST_TEST(multiplicity.maxCoeff() <= 2.0);
    const double whole = test::direct_transform(torus, field).squaredNorm();
    // N sums of N values.
    BOOST_TEST(std::abs(multiplicity.dot(energy) - whole) < torus.sites() * rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(multiplicities_of_even_and_odd_rings_are_known) {
  BOOST_CHECK(mode_multiplicity(Torus({8})) == (Field(5) << 1, 2, 2, 2, 1).finished());
  BOOST_CHECK(mode_multiplicity(Torus({5})) == (Field(3) << 1, 2, 2).finished());
}

BOOST_AUTO_TEST_CASE(inner_product_of_spectra_is_that_of_the_fields) {
  for (const Torus& torus : lattices()) {
    FourierTransform fourier(torus);
    const Field a = test::random_values(torus.sites(), 22),
                b = test::random_values(torus.sites(), 23);
    const double product = inner_product(mode_multiplicity(torus), torus.sites(),
                                         fourier.forward(a), fourier.forward(b));
    BOOST_TEST(std::abs(product - a.dot(b)) < rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(full_spectrum_of_an_even_field_is_its_transform) {
  for (const Torus& torus : lattices()) {
    const Field field = test::random_values(torus.sites(), 24);
    const Field even = 0.5 * (field + reflected(torus, field));
    const Field full = full_spectrum(torus, FourierTransform(torus).forward(even).real());
    const Eigen::VectorXcd all = test::direct_transform(torus, even);
    BOOST_TEST((full - all).cwiseAbs().maxCoeff() < rounding_of_sums);
  }
}

// A spectrum whose stored pairs disagree stands for a complex field; what is kept is its real part.
BOOST_AUTO_TEST_CASE(make_hermitian_keeps_the_real_part_of_the_field) {
  for (const Torus& torus : {Torus({8}), Torus({7}), Torus({6, 4}), Torus({5, 6}), Torus({4, 5})}) {
    FourierTransform fourier(torus);
    const Spectrum real = fourier.forward(test::random_values(torus.sites(), 1));
    const Spectrum imaginary =
        std::complex(0.0, 1.0) * fourier.forward(test::random_values(torus.sites(), 2));
    Spectrum spectrum = real;
    const int width = torus.columns() / 2 + 1;
    for (int row = 0; row < torus.rows(); ++row)
      for (int column : {0, width - 1})
        if (column == 0 || torus.columns() % 2 == 0)
          spectrum[row * width + column] += imaginary[row * width + column];
    BOOST_TEST((spectrum - real).norm() > 0.1);
    make_hermitian(torus, spectrum);
    BOOST_TEST((spectrum - real).cwiseAbs().maxCoeff() < 1e-13);
    for (int row = 0; row < torus.rows(); ++row)
      BOOST_TEST((spectrum[row * width] ==
                  std::conj(spectrum[(torus.rows() - row) % torus.rows() * width])));
  }
}

BOOST_AUTO_TEST_SUITE_END()

#include <array>
#include <complex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/half_spectrum.hpp"

#include "direct_fourier.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(fourier)

using namespace popflow;

namespace {

// Sums of at most 32 values of size at most 1, each product right to 3 roundings of 1.1e-16 and
// each partial sum below 32: at most 32 * (3 + 32) * 1.1e-16 = 1.2e-13, typically a hundredth.
constexpr double rounding_of_sums = 2e-13;

std::vector<Torus> lattices() {
  std::vector<Torus> result;
  for (const std::vector<int>& shape :
       std::vector<std::vector<int>>{{5}, {8}, {4, 6}, {3, 5}, {5, 4}, {1}, {6, 1}})
    result.emplace_back(shape);
  return result;
}

// The modes that a half-spectrum holds: all rows, the first columns / 2 + 1 columns.
Spectrum direct_half_spectrum(const Torus& torus, const Field& field) {
  const Eigen::VectorXcd all = test::direct_transform(torus, field);
  Spectrum half(torus.half_modes());
  int k = 0;
  for (int row = 0; row < torus.rows(); ++row)
    for (int column = 0; column <= torus.columns() / 2; ++column)
      half[k++] = all[torus.site(row, column)];
  return half;
}

// The wave number of entry k of a half-spectrum.
int stored_mode(const Torus& torus, int k) {
  const int width = torus.columns() / 2 + 1;
  return torus.site(k / width, k % width);
}

double distance(const Spectrum& a, const Spectrum& b) { return (a - b).cwiseAbs().maxCoeff(); }

// A smooth random field's transform and back, many times over.
void transform_repeatedly(FourierTransform fourier, const Field& field, Spectrum& spectrum,
                          Field& back) {
  for (int n = 0; n < 2000; ++n) {
    fourier.forward(field, spectrum);
    fourier.backward(spectrum, back);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(forward_is_the_direct_sum) {
  for (const Torus& torus : lattices()) {
    FourierTransform fourier(torus);
    const Field field = test::random_values(torus.sites(), 3);
    const Spectrum spectrum = fourier.forward(field);
    BOOST_TEST(spectrum.size() == torus.half_modes());
    BOOST_TEST(distance(spectrum, direct_half_spectrum(torus, field)) < rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(backward_is_the_inverse_of_forward) {
  for (const Torus& torus : lattices()) {
    FourierTransform fourier(torus);
    const Field field = test::random_values(torus.sites(), 4);
    const Field back = fourier.backward(fourier.forward(field));
    BOOST_TEST((back - field).cwiseAbs().maxCoeff() < rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(backward_is_the_direct_sum_over_all_modes) {
  for (const Torus& torus : lattices()) {
    const Field field = test::random_values(torus.sites(), 5);
    const Eigen::VectorXcd modes = test::direct_transform(torus, field);
    Field expected = Field::Zero(torus.sites());
    for (int j = 0; j < torus.sites(); ++j)
      for (int q = 0; q < torus.sites(); ++q)
        expected[j] += (modes[q] * std::conj(test::plane_wave(torus, q, j))).real() / torus.sites();
    const Field back = FourierTransform(torus).backward(direct_half_spectrum(torus, field));
    BOOST_TEST((back - expected).cwiseAbs().maxCoeff() < rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(arguments_are_left_as_they_were) {
  const Torus torus({4, 6});
  FourierTransform fourier(torus);
  const Field field = test::random_values(torus.sites(), 6);
  Field argument = field;
  const Spectrum spectrum = fourier.forward(argument);
  BOOST_CHECK(argument == field);
  Spectrum modes = spectrum;
  fourier.backward(modes);
  BOOST_TEST(distance(modes, spectrum) == 0.0);
}

// A vector that starts one number beyond an aligned address has half of FFTW's alignment.
BOOST_AUTO_TEST_CASE(arguments_may_start_at_any_address) {
  for (const Torus& torus : lattices()) {
    FourierTransform fourier(torus);
    const int n = torus.sites(), m = torus.half_modes();
    const Eigen::VectorXd numbers = test::random_values(n + 1, 7);
    const Eigen::Map<const Field> field(numbers.data() + 1, n);
    Eigen::VectorXd room(2 * m + 1);
    Eigen::Map<Spectrum> spectrum(reinterpret_cast<std::complex<double>*>(room.data() + 1), m);
    Eigen::VectorXd field_room(n + 1);
    Eigen::Map<Field> back(field_room.data() + 1, n);
    fourier.forward(field, spectrum);
    fourier.backward(spectrum, back);
    const Field copy = field;
    BOOST_TEST(distance(spectrum, fourier.forward(copy)) == 0.0);
    BOOST_TEST((back - field).cwiseAbs().maxCoeff() < rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(copies_serve_two_threads_at_once) {
  const Torus torus({12, 20});
  FourierTransform fourier(torus);
  std::array<Field, 2> field, back;
  std::array<Spectrum, 2> spectrum;
  for (int k : {0, 1}) {
    field[k] = test::random_values(torus.sites(), 8 + k);
    back[k].resize(torus.sites());
    spectrum[k].resize(torus.half_modes());
  }
  std::thread other(transform_repeatedly, fourier, std::cref(field[1]), std::ref(spectrum[1]),
                    std::ref(back[1]));
  transform_repeatedly(fourier, field[0], spectrum[0], back[0]);
  other.join();
  for (int k : {0, 1}) {
    BOOST_TEST(distance(spectrum[k], fourier.forward(field[k])) == 0.0);
    BOOST_CHECK(back[k] == fourier.backward(spectrum[k]));
  }
}

BOOST_AUTO_TEST_CASE(a_copy_outlives_its_original) {
  const Torus torus({8});
  const Field field = test::random_values(torus.sites(), 10);
  auto original = std::make_unique<FourierTransform>(torus);
  FourierTransform copy = *original;
  original.reset();
  BOOST_TEST(distance(copy.forward(field), direct_half_spectrum(torus, field)) < rounding_of_sums);
}

BOOST_AUTO_TEST_CASE(making_and_destroying_transforms_is_safe_in_two_threads) {
  const auto make_many = [] {
    for (int extent = 2; extent < 200; ++extent) FourierTransform(Torus({extent}));
  };
  std::thread other(make_many);
  make_many();
  other.join();
}

BOOST_AUTO_TEST_CASE(joint_spectrum_of_two_variables_is_the_direct_double_sum) {
  for (const Torus& torus : lattices()) {
    const int n = torus.sites(), half = torus.half_modes();
    const Eigen::VectorXd values = test::random_values(n * n, 11);
    const Eigen::VectorXcd spectrum = joint_spectrum(torus, 2, values);
    Eigen::VectorXcd expected = Eigen::VectorXcd::Zero(n * half);
    for (int q1 = 0; q1 < n; ++q1)
      for (int k = 0; k < half; ++k)
        for (int a = 0; a < n; ++a)
          for (int b = 0; b < n; ++b)
            expected[q1 * half + k] += values[a * n + b] * test::plane_wave(torus, q1, a) *
                                       test::plane_wave(torus, stored_mode(torus, k), b);
    // N sums of N values.
    BOOST_TEST((spectrum - expected).cwiseAbs().maxCoeff() < n * rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(joint_spectrum_of_a_product_is_the_product_of_spectra) {
  for (const Torus& torus : lattices()) {
    const int n = torus.sites();
    const Field f = test::random_values(n, 12), g = test::random_values(n, 13),
                h = test::random_values(n, 14);
    const Eigen::VectorXcd f_modes = test::direct_transform(torus, f),
                           g_modes = test::direct_transform(torus, g),
                           h_modes = test::direct_transform(torus, h);
    const int half = torus.half_modes();
    Eigen::VectorXd values(n * n * n);
    Eigen::VectorXcd expected(n * n * half);
    for (int a = 0, site = 0, mode = 0; a < n; ++a)
      for (int b = 0; b < n; ++b) {
        for (int c = 0; c < n; ++c) values[site++] = f[a] * g[b] * h[c];
        for (int k = 0; k < half; ++k)
          expected[mode++] = f_modes[a] * g_modes[b] * h_modes[stored_mode(torus, k)];
      }
    const Eigen::VectorXcd spectrum = joint_spectrum(torus, 3, values);
    BOOST_TEST((spectrum - expected).cwiseAbs().maxCoeff() < n * n * rounding_of_sums);
  }
}

BOOST_AUTO_TEST_CASE(fields_and_spectra_of_the_wrong_size_are_refused) {
  FourierTransform fourier(Torus({8}));
  for (int values : {0, 7, 9})
    BOOST_CHECK_THROW(fourier.forward(Field::Zero(values)), std::invalid_argument);
  for (int modes : {0, 4, 6})
    BOOST_CHECK_THROW(fourier.backward(Spectrum::Zero(modes)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

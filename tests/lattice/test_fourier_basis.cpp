#include <cmath>
#include <complex>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/fourier_basis.hpp"

#include "allocation_precondition.hpp"
#include "direct_fourier.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(fourier_basis)

using namespace popflow;
using namespace popflow::test;

namespace {

// Sums of at most 20 numbers of order one, some of them times a wave number of order one.
constexpr double rounding = 1e-13;

const std::vector<std::vector<int>> shapes{{1},    {2},    {7},    {8},    {1, 8}, {6, 1},
                                           {3, 4}, {4, 4}, {4, 5}, {5, 3}, {2, 2}, {2, 4}};

double largest(const Field& field) { return field.cwiseAbs().maxCoeff(); }

Field coefficients(const FourierBasis& basis, const Field& f) {
  Field w(f.size());
  basis.from_sites(f, w);
  return w;
}

Field field_of(const FourierBasis& basis, const Field& w) {
  Field f(w.size());
  basis.to_sites(w, f);
  return f;
}

// By the definition, from all modes, summed term by term.
Field direct_coefficients(const Torus& torus, const Field& f) {
  const Eigen::VectorXcd modes = direct_transform(torus, f);
  const double N = torus.sites();
  std::vector<bool> done(static_cast<std::size_t>(torus.sites()), false);
  Field w(torus.sites());
  Eigen::Index next = 0;
  for (int row = 0; row < torus.rows(); ++row)
    for (int column = 0; column <= torus.columns() / 2; ++column) {
      const int q = torus.site(row, column), opposite = torus.negate(q);
      if (done[static_cast<std::size_t>(q)]) continue;
      done[static_cast<std::size_t>(q)] = done[static_cast<std::size_t>(opposite)] = true;
      if (opposite == q) {
        w[next++] = modes[q].real() / std::sqrt(N);
      } else {
        w[next++] = std::sqrt(2.0 / N) * modes[q].real();
        w[next++] = std::sqrt(2.0 / N) * modes[q].imag();
      }
    }
  BOOST_TEST_REQUIRE(next == w.size());
  return w;
}

}  // namespace

BOOST_AUTO_TEST_CASE(coefficients_are_those_of_the_definition) {
  for (const auto& shape : shapes) {
    const FourierBasis basis{Torus(shape)};
    const Field f = random_values(basis.torus().sites(), 1);
    BOOST_TEST(largest(coefficients(basis, f) - direct_coefficients(basis.torus(), f)) < rounding);
  }
}

// The coefficients of the unit vectors are the columns of an orthogonal matrix. The way back is its
// transpose.
BOOST_AUTO_TEST_CASE(the_basis_is_orthonormal) {
  for (const auto& shape : shapes) {
    const FourierBasis basis{Torus(shape)};
    const Eigen::Index N = basis.torus().sites();
    const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(N, N);
    Eigen::MatrixXd forth(N, N), back(N, N);
    for (Eigen::Index j = 0; j < N; ++j) {
      basis.from_sites(one.col(j), forth.col(j));
      basis.to_sites(one.col(j), back.col(j));
    }
    BOOST_TEST((forth.transpose() * forth - one).cwiseAbs().maxCoeff() < rounding);
    BOOST_TEST((forth * forth.transpose() - one).cwiseAbs().maxCoeff() < rounding);
    BOOST_TEST((back - forth.transpose()).cwiseAbs().maxCoeff() < rounding);
  }
}

BOOST_AUTO_TEST_CASE(half_spectra_are_those_of_the_transform) {
  for (const auto& shape : shapes) {
    const FourierBasis basis{Torus(shape)};
    const FourierTransform fourier(basis.torus());
    const Field f = random_values(basis.torus().sites(), 2);
    const Spectrum spectrum = fourier.forward(f);
    Field w(f.size());
    basis.from_spectrum(spectrum, w);
    BOOST_TEST(largest(w - coefficients(basis, f)) < rounding);
    Spectrum back(spectrum.size());
    basis.to_spectrum(w, back);
    BOOST_TEST((back - spectrum).cwiseAbs().maxCoeff() < rounding);
  }
}

// Any N numbers are coefficients of a real field: its half-spectrum has what a transform leaves.
BOOST_AUTO_TEST_CASE(every_vector_is_that_of_a_real_field) {
  for (const auto& shape : shapes) {
    const FourierBasis basis{Torus(shape)};
    const FourierTransform fourier(basis.torus());
    const Field w = random_values(basis.torus().sites(), 3);
    Spectrum spectrum(basis.torus().half_modes());
    basis.to_spectrum(w, spectrum);
    const Field f = fourier.backward(spectrum);
    BOOST_TEST(largest(f - field_of(basis, w)) < rounding);
    BOOST_TEST((fourier.forward(f) - spectrum).cwiseAbs().maxCoeff() < rounding);
    BOOST_TEST(largest(coefficients(basis, f) - w) < rounding);
  }
}

// C u over sites, term by term, of a covariance: even, which is all that matters.
BOOST_AUTO_TEST_CASE(a_covariance_is_diagonal) {
  for (const auto& shape : shapes) {
    const FourierBasis basis{Torus(shape)};
    const Torus& torus = basis.torus();
    const Field any = random_values(torus.sites(), 4), u = random_values(torus.sites(), 5);
    const Field C = any + reflected(torus, any);
    const Field diagonal = basis.diagonal(FourierTransform(torus).forward(C).real());
    BOOST_TEST(diagonal.size() == torus.sites());
    Field Cu = Field::Zero(torus.sites());
    for (int i = 0; i < torus.sites(); ++i)
      for (int a = 0; a < torus.sites(); ++a) Cu[i] += C[a] * u[torus.add(i, a)];
    const Field product = diagonal.cwiseProduct(coefficients(basis, u));
    BOOST_TEST(largest(field_of(basis, product) - Cu) < rounding);
  }
}

BOOST_AUTO_TEST_CASE(transforms_allocate_nothing_after_the_first,
                     *boost::unit_test::precondition(counting_allocations)) {
  const FourierBasis basis(Torus({5, 7}));
  const Field f = random_values(35, 8);
  Field w(35), back(35);
  Spectrum spectrum(basis.torus().half_modes());
  const auto call = [&] {
    basis.from_sites(f, w);
    basis.to_sites(w, back);
    basis.to_spectrum(w, spectrum);
    basis.from_spectrum(spectrum, w);
  };
  call();
  const std::size_t before = allocation_count();
  call();
  BOOST_TEST(allocation_count() == before);
}

BOOST_AUTO_TEST_CASE(arrays_of_another_size_are_refused) {
  const FourierBasis basis(Torus({8}));  // 5 modes
  Field fits(8);
  Spectrum modes(5);
  fits.setZero();
  modes.setZero();
  for (const int size : {0, 7, 9, 16}) {
    Field other = Field::Zero(size);
    BOOST_CHECK_THROW(basis.from_sites(other, fits), std::invalid_argument);
    BOOST_CHECK_THROW(basis.from_sites(fits, other), std::invalid_argument);
    BOOST_CHECK_THROW(basis.to_sites(other, fits), std::invalid_argument);
    BOOST_CHECK_THROW(basis.to_sites(fits, other), std::invalid_argument);
    BOOST_CHECK_THROW(basis.from_spectrum(modes, other), std::invalid_argument);
    BOOST_CHECK_THROW(basis.to_spectrum(other, modes), std::invalid_argument);
    BOOST_CHECK_THROW(basis.derivative(other, 0), std::invalid_argument);
    BOOST_CHECK_THROW(basis.displaced(other, 0, 1.0), std::invalid_argument);
  }
  for (const int size : {0, 4, 6, 8}) {
    Spectrum other = Spectrum::Zero(size);
    BOOST_CHECK_THROW(basis.from_spectrum(other, fits), std::invalid_argument);
    BOOST_CHECK_THROW(basis.to_spectrum(fits, other), std::invalid_argument);
    BOOST_CHECK_THROW(basis.diagonal(Field::Zero(size)), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(refuses_an_axis_that_is_not_there) {
  const FourierBasis ring(Torus({4})), torus(Torus({2, 4}));
  for (const int axis : {-1, 1}) {
    BOOST_CHECK_THROW(ring.derivative(Field::Zero(4), axis), std::invalid_argument);
    BOOST_CHECK_THROW(ring.displaced(Field::Zero(4), axis, 0.5), std::invalid_argument);
  }
  for (const int axis : {-1, 2})
    BOOST_CHECK_THROW(torus.derivative(Field::Zero(8), axis), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <cmath>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/lanes.hpp"
#include "popflow/network/activation.hpp"

#include "each_instruction_set.hpp"
#include "network/network_kernels.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(kernels_of_networks)

using namespace popflow;
using namespace popflow::test;

namespace {

// Not multiples of what the kernels take at once.
constexpr int groups = 3, hidden = 11, sites = 13, kernel = 4;

template <class Real>
std::vector<Real> random_numbers(std::size_t size, std::uint64_t seed) {
  const Eigen::VectorXd values = random_values(static_cast<Eigen::Index>(size), seed);
  return {values.begin(), values.end()};
}

// Sums of up to a few hundred products of numbers below 1, and functions of them.
template <class Real>
constexpr double rounding = 100.0 * std::numeric_limits<Real>::epsilon();

template <class Real>
void check_close(const std::vector<Real>& found, const std::vector<double>& expected,
                 const char* what) {
  double worst = 0.0;
  for (std::size_t n = 0; n < expected.size(); ++n)
    worst =
        std::max(worst, std::abs(double{found[n]} - expected[n]) / (1.0 + std::abs(expected[n])));
  BOOST_TEST(worst < rounding<Real>, what << ": " << worst);
}

std::size_t at(std::size_t row, int lane) { return row * lanes + static_cast<std::size_t>(lane); }

template <class Real>
void check_products(const NetworkKernels<Real>& kernels) {
  const auto u = random_numbers<Real>(sites * hidden, 1), b = random_numbers<Real>(hidden, 2),
             x = random_numbers<Real>(groups * sites * lanes, 3);
  std::vector<Real> z(groups * hidden * lanes);
  std::vector<double> expected(z.size());
  kernels.preactivations(groups, {hidden, sites, u.data(), b.data()}, x.data(), z.data());
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t k = 0; k < hidden; ++k)
      for (int l = 0; l < lanes; ++l) {
        double& sum = expected[at(g * hidden + k, l)] = double{b[k]};
        for (std::size_t i = 0; i < sites; ++i)
          sum += double{u[i * hidden + k]} * double{x[at(g * sites + i, l)]};
      }
  check_close(z, expected, "pre-activations");

  std::vector<Real> first(hidden * sites);
  expected.assign(first.size(), 0.0);
  kernels.first_gradient({groups, hidden, sites}, z.data(), x.data(), first.data());
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t k = 0; k < hidden; ++k)
      for (std::size_t i = 0; i < sites; ++i)
        for (int l = 0; l < lanes; ++l)
          expected[k * sites + i] +=
              double{z[at(g * hidden + k, l)]} * double{x[at(g * sites + i, l)]};
  check_close(first, expected, "gradient");
}

template <class Real>
void check_convolution(const NetworkKernels<Real>& kernels) {
  std::vector<int> neighbour;
  for (int s = 0; s < sites; ++s)
    for (int r = 0; r < kernel; ++r) neighbour.push_back((s + 3 * r) % sites);
  const auto u = random_numbers<Real>(kernel * hidden, 4), b = random_numbers<Real>(hidden, 5),
             x = random_numbers<Real>(sites * lanes, 6);
  std::vector<Real> z(hidden * sites * lanes);
  std::vector<double> expected(z.size());
  kernels.convolved({hidden, kernel, u.data(), b.data()}, {sites, kernel, neighbour.data()},
                    x.data(), z.data());
  std::vector<Real> first(hidden * kernel);
  kernels.convolved_gradient(hidden, {sites, kernel, neighbour.data()}, z.data(), x.data(),
                             first.data());
  std::vector<double> gradient(first.size(), 0.0);
  for (std::size_t k = 0; k < hidden; ++k)
    for (std::size_t s = 0; s < sites; ++s)
      for (int l = 0; l < lanes; ++l) {
        double& sum = expected[at(k * sites + s, l)] = double{b[k]};
        for (std::size_t r = 0; r < kernel; ++r) {
          const double input = x[at(static_cast<std::size_t>(neighbour[s * kernel + r]), l)];
          sum += double{u[r * hidden + k]} * input;
          gradient[k * kernel + r] += double{z[at(k * sites + s, l)]} * input;
        }
      }
  check_close(z, expected, "convolution");
  check_close(first, gradient, "its gradient");
}

template <class Real>
void check_activations(const NetworkKernels<Real>& kernels) {
  const Polynomial polynomial{{0.5, -0.25, 0.125, 0.0625}};
  const std::vector<Real> coefficients(polynomial.coefficients.begin(),
                                       polynomial.coefficients.end());
  const std::vector<std::pair<SigmaKind, Activation>> pairs{{SigmaKind::erf, Erf{}},
                                                            {SigmaKind::tanh, Tanh{}},
                                                            {SigmaKind::logistic, Logistic{}},
                                                            {SigmaKind::polynomial, polynomial},
                                                            {SigmaKind::relu, Relu{}}};
  for (const auto& [kind, activation] : pairs) {
    std::vector<Real> z, slope(64 * lanes);
    for (std::size_t n = 0; n < slope.size(); ++n)
      z.push_back(static_cast<Real>(12.0 * (static_cast<double>(n) / 512.0 - 1.0) + 0.001));
    std::vector<double> value, derivative;
    for (const Real point : z) {
      const auto s = derivatives(activation, double{point});
      value.push_back(s[0]);
      derivative.push_back(s[1]);
    }
    kernels.activate({kind, coefficients.data(), 4}, 64, z.data(), slope.data());
    check_close(z, value, "activation");
    check_close(slope, derivative, "slope");
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_instruction_set_computes_the_definition) {
  in_each_instruction_set([](auto arch) {
    BOOST_TEST_CONTEXT(decltype(arch)::name()) {
      check_products(MakeNetworkKernels{}(arch, 0.0F));
      check_products(MakeNetworkKernels{}(arch, 0.0));
      check_convolution(MakeNetworkKernels{}(arch, 0.0F));
      check_convolution(MakeNetworkKernels{}(arch, 0.0));
      check_activations(MakeNetworkKernels{}(arch, 0.0F));
      check_activations(MakeNetworkKernels{}(arch, 0.0));
    }
  });
}

BOOST_AUTO_TEST_SUITE_END()

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/autocorrelation.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/input/phi4_chain.hpp"
#include "popflow/lattice/fourier.hpp"

#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(phi4_chain_of_fields)

using namespace popflow;

namespace {

using Sites = std::vector<int>;  // a product of fields, one factor a site

// The exact moments of a ring, or of a torus of two rows, by its transfer matrix (Eq. 114) between
// columns, whose fields are discretised: the trapezoid rule, which for these integrands converges
// exponentially in 1 / step.
class TransferMatrix {
 public:
  TransferMatrix(const Torus& torus, const Phi4Action& action, double step) : torus_(torus) {
    const Eigen::VectorXd grid = grid_of(torus, action, step);
    const auto states = static_cast<Eigen::Index>(std::pow(grid.size(), torus.rows()));
    fields_.resize(states, torus.rows());
    for (Eigen::Index s = 0; s < states; ++s) {
      fields_(s, 0) = grid[s % grid.size()];
      if (torus.rows() == 2) fields_(s, 1) = grid[s / grid.size()];
    }
    // Half of the terms of one column; its two rows are bound twice.
    const Eigen::ArrayXXd square = fields_.array().square();
    Eigen::ArrayXd half =
        0.5 * (square + action.coupling * (square - 1.0).square()).rowwise().sum();
    if (torus.rows() == 2) half -= 2.0 * action.hopping * fields_.rowwise().prod().array();
    if (torus.dimensions() > torus.rows()) half -= action.hopping * square.rowwise().sum();
    const Eigen::VectorXd weight = (-half).exp();
    T_ = weight.asDiagonal() *
         (2.0 * action.hopping * fields_ * fields_.transpose()).array().exp().matrix() *
         weight.asDiagonal();
    T_ /= T_.trace();
  }

  double moment(const Sites& sites) const { return trace(sites) / trace({}); }

 private:
  // To where exp(-S) of a uniform field has fallen by exp(-30).
  static Eigen::VectorXd grid_of(const Torus& torus, const Phi4Action& action, double step) {
    const auto S = [&](double x) {
      return (1.0 - 2.0 * action.hopping * torus.dimensions()) * x * x +
             action.coupling * std::pow(x * x - 1.0, 2);
    };
    int points = 1;
    while (S(points * step) < 30.0) ++points;
    return Eigen::VectorXd::LinSpaced(2 * points + 1, -points * step, points * step);
  }

  // The trace of the product over all columns of T and the fields in them, in order.
  double trace(const Sites& sites) const {
    Eigen::MatrixXd product;
    for (int column = 0; column < torus_.columns(); ++column) {
      Eigen::VectorXd factors = Eigen::VectorXd::Ones(fields_.rows());
      for (const int site : sites)
        if (const auto [row, c] = torus_.coordinates(site); c == column)
          factors.array() *= fields_.col(row).array();
      const Eigen::MatrixXd next = factors.asDiagonal() * T_;
      if (column + 1 == torus_.columns())
        return column == 0 ? next.trace() : product.cwiseProduct(next.transpose()).sum();
      product = column == 0 ? next : Eigen::MatrixXd(product * next);
    }
    return 0.0;
  }

  Torus torus_;
  Eigen::MatrixXd fields_;  // states of a column x its rows
  Eigen::MatrixXd T_;
};

// The means over a chain of products of fields, each averaged over its shifts, within four standard
// errors for the measured autocorrelation time: each is off by chance with probability 6.3e-5 at
// another seed, any of the 89 of this file with 0.6 %. `bias` is what the exact values may be off
// by.
void check_moments(const Torus& torus, const FieldChain& chain, const std::vector<Sites>& products,
                   const Eigen::ArrayXd& exact, double bias = 1e-9) {
  test::SampleMeans means(static_cast<Eigen::Index>(products.size()));
  for (const auto& x : chain.fields.colwise()) {
    Eigen::ArrayXd moments = Eigen::ArrayXd::Zero(static_cast<Eigen::Index>(products.size()));
    for (std::size_t k = 0; k < products.size(); ++k)
      for (int i = 0; i < torus.sites(); ++i) {
        double product = 1.0;
        for (const int a : products[k]) product *= x[torus.add(i, a)];
        moments[static_cast<Eigen::Index>(k)] += product / torus.sites();
      }
    means.add(moments);
  }
  const double correlated = std::sqrt(2.0 * chain.autocorrelation_time);
  const Eigen::ArrayXd mean = means.mean(), error = means.standard_error() * correlated;
  for (Eigen::Index k = 0; k < exact.size(); ++k)
    BOOST_TEST(std::abs(mean[k] - exact[k]) <= test::allowed_standard_errors * error[k] + bias,
               "product " << k << ": " << mean[k] << " +- " << error[k] << ", exact " << exact[k]);
}

// For moments at lambda = 1/2 with a step of 0.3.
constexpr double coarse_error = 2e-6;

Eigen::ArrayXd moments_of(const TransferMatrix& exact, const std::vector<Sites>& products) {
  Eigen::ArrayXd result(static_cast<Eigen::Index>(products.size()));
  for (std::size_t k = 0; k < products.size(); ++k)
    result[static_cast<Eigen::Index>(k)] = exact.moment(products[k]);
  return result;
}

const std::vector<Sites> products_on_a_ring = {
    {0},          {0, 0},       {0, 1},       {0, 2},       {0, 4},       {0, 0, 0, 0},
    {0, 0, 0, 1}, {0, 0, 1, 1}, {0, 0, 4, 4}, {0, 1, 2, 3}, {0, 1, 3, 5}, {0, 0, 1, 2}};

// The autocorrelation times of the squared mean, of the means of x_i x_{i+mu}, x^2 and x^4, and of
// the power of the lowest mode along the longest axis.
std::array<AutocorrelationTime, 5> observable_times(const Torus& torus,
                                                    const Eigen::MatrixXd& fields) {
  FourierTransform fourier(torus);
  const bool down = torus.rows() > torus.columns();
  Eigen::MatrixXd series(fields.cols(), 5);
  for (Eigen::Index n = 0; n < fields.cols(); ++n) {
    const Field x = fields.col(n);
    const double right = x.dot(shifted(torus, x, torus.site(0, 1)));
    const double below = torus.dimensions() == 2 ? x.dot(shifted(torus, x, torus.site(1, 0))) : 0.0;
    const Spectrum modes = fourier.forward(x);
    series.row(n) << std::pow(x.mean(), 2), right + below, x.squaredNorm(), x.array().pow(4).sum(),
        std::norm(modes[down ? torus.columns() / 2 + 1 : 1]);
  }
  std::array<AutocorrelationTime, 5> times;
  for (int k = 0; k < 5; ++k)
    times[static_cast<std::size_t>(k)] = autocorrelation_time(series.col(k));
  return times;
}

}  // namespace

BOOST_AUTO_TEST_CASE(transfer_matrix_is_converged_and_gaussian_without_coupling) {
  const Torus ring({6});
  const Phi4Action interacting{0.35, 0.5}, gaussian{0.3, 0.0};
  const auto difference = [&](double step, double fine) {
    return (moments_of({ring, interacting, step}, products_on_a_ring) -
            moments_of({ring, interacting, fine}, products_on_a_ring))
        .abs()
        .maxCoeff();
  };
  BOOST_TEST(difference(0.3, 0.1) < coarse_error);
  BOOST_TEST(difference(0.15, 0.1) < 1e-9);
  const TransferMatrix exact(ring, gaussian, 0.2);
  for (int a = 0; a < 6; ++a) {
    double covariance = 0.0;
    for (int q = 0; q < 6; ++q)
      covariance += std::cos(std::numbers::pi * q * a / 3) /
                    (12.0 * (1.0 - 0.6 * std::cos(std::numbers::pi * q / 3)));
    BOOST_TEST(std::abs(exact.moment({0, a}) - covariance) < 1e-10);
  }
}

// In the disordered regime, at strong coupling, and where whole rings have one sign.
BOOST_AUTO_TEST_CASE(moments_of_rings_are_those_of_the_transfer_matrix) {
  for (const Phi4Action action : {Phi4Action{0.2, 0.1}, {0.35, 0.5}, {0.4, 4.0}, {0.8, 1.0}}) {
    const Torus ring({8});
    const FieldChain chain = phi4_chain(ring, action, test::sample_count(20'000), 1);
    BOOST_TEST_CONTEXT("hopping " << action.hopping << ", coupling " << action.coupling)
    check_moments(ring, chain, products_on_a_ring,
                  moments_of({ring, action, 0.1}, products_on_a_ring));
  }
}

BOOST_AUTO_TEST_CASE(moments_of_a_torus_are_those_of_the_transfer_matrix) {
  const Torus torus({2, 3});
  const Phi4Action action{0.2, 0.5};
  const std::vector<Sites> products = {{0, 0}, {0, 1}, {0, 3}, {0, 4}, {0, 0, 0, 0}, {0, 1, 3, 4}};
  check_moments(torus, phi4_chain(torus, action, test::sample_count(20'000), 1), products,
                moments_of({torus, action, 0.3}, products), coarse_error);
}

// One row of a torus: every site is its own neighbour. One site alone is its neighbour twice.
BOOST_AUTO_TEST_CASE(axes_of_one_site_tie_it_to_itself) {
  const Phi4Action action{0.2, 0.5};
  for (const int columns : {1, 2, 3}) {
    const Torus torus({1, columns});
    const std::vector<Sites> products = {{0, 0}, {0, columns - 1}, {0, 0, 0, 0}};
    check_moments(torus, phi4_chain(torus, action, test::sample_count(10'000), 2), products,
                  moments_of({torus, action, 0.1}, products));
  }
}

// (Eq. 111), mode by mode.
BOOST_AUTO_TEST_CASE(without_coupling_the_field_is_gaussian_with_the_spectrum_of_its_action) {
  const Torus torus({4, 6});
  const double kappa = 0.2;
  const FieldChain chain = phi4_chain(torus, {kappa, 0.0}, test::sample_count(10'000), 3);
  FourierTransform fourier(torus);
  test::SampleMeans power(torus.half_modes());
  for (const auto& x : chain.fields.colwise())
    power.add(fourier.forward(x).array().abs2() / torus.sites());
  const Eigen::ArrayXd error = power.standard_error() * std::sqrt(2.0 * chain.autocorrelation_time);
  for (int q = 0; q < torus.half_modes(); ++q) {
    const double cosines = std::cos(2.0 * std::numbers::pi * (q / 4) / 4) +
                           std::cos(2.0 * std::numbers::pi * (q % 4) / 6);
    const double exact = 0.5 / (1.0 - 2.0 * kappa * cosines);
    BOOST_TEST(std::abs(power.mean()[q] - exact) < test::allowed_standard_errors * error[q],
               "mode " << q << ": " << power.mean()[q] << " +- " << error[q] << ", " << exact);
  }
}

// Corrections are of the order of 1 / lambda.
BOOST_AUTO_TEST_CASE(at_large_coupling_the_field_is_the_ising_model) {
  const Torus torus({10});
  const double kappa = 0.3, lambda = 1e5;
  const IsingRing ising(torus, -1.0 / std::log(std::tanh(2.0 * kappa)));
  const std::vector<Sites> products = {{0},          {0, 0},       {0, 1},       {0, 2},
                                       {0, 5},       {0, 0, 0, 0}, {0, 1, 2, 3}, {0, 1, 5, 6},
                                       {0, 0, 0, 3}, {0, 2, 4, 7}};
  Eigen::ArrayXd exact(static_cast<Eigen::Index>(products.size()));
  for (std::size_t k = 0; k < products.size(); ++k) {
    const Sites& p = products[k];
    exact[static_cast<Eigen::Index>(k)] = p.size() == 1   ? 0.0
                                          : p.size() == 2 ? ising.covariance()[p[1]]
                                                          : ising.four_point(p[1], p[2], p[3]);
  }
  check_moments(torus, phi4_chain(torus, {kappa, lambda}, test::sample_count(20'000), 4), products,
                exact, 10.0 / lambda);
}

// Near the critical point of the torus at this coupling, where a sweep forgets little. The bound is
// what the chain aims at and four of its standard errors (Eq. 112) with a window of 2.
BOOST_AUTO_TEST_CASE(kept_fields_are_nearly_independent_near_criticality) {
  const Torus torus({12, 12});
  const int samples = test::sample_count(500);
  const FieldChain chain = phi4_chain(torus, {0.335, 0.5}, samples, 5);
  BOOST_TEST(!chain.slow);
  BOOST_TEST(chain.sweep_time > 3.0);
  BOOST_TEST(chain.sweeps_between > 3.0 * chain.sweep_time);
  BOOST_TEST(chain.sweeps_between < 5.0 * chain.sweep_time);
  BOOST_TEST(chain.sweeps_discarded > 1000.0 * chain.sweep_time);
  BOOST_TEST(chain.autocorrelation_time < 0.52 + 4.0 * 2.0 * 0.52 * std::sqrt(2.0 / samples));
}

// In short chains, different observables are the slowest at different times.
BOOST_AUTO_TEST_CASE(autocorrelation_is_that_of_the_slowest_observable) {
  std::array<int, 5> slowest{};
  for (const Torus& torus : {Torus({3, 4}), Torus({4, 3}), Torus({5})})
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const FieldChain chain = phi4_chain(torus, {0.25, 0.5}, 100, seed);
      const std::array<AutocorrelationTime, 5> times = observable_times(torus, chain.fields);
      const auto last = std::max_element(
          times.begin(), times.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
      BOOST_TEST(std::abs(chain.autocorrelation_time - std::max(last->time, 0.5)) < 1e-9);
      BOOST_TEST(std::abs(chain.autocorrelation_error - last->error) < 1e-9);
      ++slowest[static_cast<std::size_t>(last - times.begin())];
    }
  for (const int count : slowest) BOOST_TEST(count > 0);
}

// Deep in the ordered regime every cluster is the whole ring, which alone would give all kept
// fields the same sign, or every other.
BOOST_AUTO_TEST_CASE(signs_of_kept_fields_are_independent_in_the_ordered_regime) {
  const int samples = test::sample_count(1000);
  const FieldChain chain = phi4_chain(Torus({4}), {5.0, 1.0}, samples, 6);
  int positive = 0, changes = 0;
  for (int n = 0; n < samples; ++n) {
    const bool sign = chain.fields(0, n) > 0.0;
    BOOST_REQUIRE(((chain.fields.col(n).array() > 0.0) == sign).all());
    positive += sign ? 1 : 0;
    changes += n > 0 && sign != (chain.fields(0, n - 1) > 0.0) ? 1 : 0;
  }
  const double allowed = test::allowed_standard_errors * 0.5 * std::sqrt(samples);
  BOOST_TEST(std::abs(positive - 0.5 * samples) < allowed);
  BOOST_TEST(std::abs(changes - 0.5 * (samples - 1)) < allowed);
}

// The zero mode of a field that is nearly massless wanders.
BOOST_AUTO_TEST_CASE(a_chain_that_is_too_slow_says_so) {
  const FieldChain chain = phi4_chain(Torus({3}), {0.498, 0.0}, 2, 7);
  BOOST_TEST(chain.slow);
  BOOST_TEST(chain.sweeps_discarded < 1000.0 * chain.sweep_time);
  BOOST_TEST(chain.sweeps_discarded > 100'000);
  BOOST_TEST(chain.fields.cols() == 0);
}

BOOST_AUTO_TEST_CASE(a_seed_fixes_every_bit_and_more_samples_go_on) {
  const Torus torus({3, 4});
  const Phi4Action action{0.25, 0.7};
  const FieldChain chain = phi4_chain(torus, action, 8, 8);
  BOOST_TEST((chain.fields.array() == phi4_chain(torus, action, 8, 8).fields.array()).all());
  BOOST_TEST(
      (chain.fields.leftCols(3).array() == phi4_chain(torus, action, 3, 8).fields.array()).all());
  BOOST_TEST((chain.fields.array() != phi4_chain(torus, action, 8, 9).fields.array()).all());
}

BOOST_AUTO_TEST_CASE(far_parameters_give_fields_at_the_minimum_of_the_action) {
  for (const Phi4Action action : {Phi4Action{0.0, 0.0}, {0.0, 1e6}, {1e6, 1e6}, {1e6, 2.1}}) {
    const FieldChain chain = phi4_chain(Torus({2, 2}), action, 10, 9);
    BOOST_TEST(!chain.slow);
    BOOST_TEST(
        (chain.fields.cwiseAbs().col(0).array() != chain.fields.cwiseAbs().col(1).array()).all());
    // The mean square of one site of variance 1/2, or at the minimum of S.
    const double square =
        action.coupling == 0.0 ? 0.5 : 1.0 + (4.0 * action.hopping - 1.0) / (2.0 * action.coupling);
    BOOST_TEST(std::abs(chain.fields.array().square().mean() / square - 1.0) < 0.9);
  }
}

BOOST_AUTO_TEST_CASE(what_has_no_law_or_no_sample_is_refused) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto refuses = [](const Torus& torus, const Phi4Action& action, int samples = 1) {
    BOOST_CHECK_THROW(phi4_chain(torus, action, samples, 1), std::invalid_argument);
  };
  const Torus ring({4}), torus({3, 4});
  for (const double bad : {-0.1, 2e6, infinity, std::nan("")}) {
    refuses(ring, {bad, 1.0});
    refuses(ring, {0.1, bad});
  }
  refuses(ring, {0.5, 0.0});
  refuses(torus, {0.25, 0.0});
  refuses(ring, {1.0, 1e-7});
  refuses(ring, {0.1, 1.0}, 0);
  BOOST_CHECK_NO_THROW(phi4_chain(ring, {0.4, 0.0}, 1, 1));
  BOOST_CHECK_NO_THROW(phi4_chain(torus, {0.2, 0.0}, 1, 1));
}

BOOST_AUTO_TEST_SUITE_END()

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/zero_cumulant.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "closed_form_networks.hpp"
#include "gradient_memory.hpp"
#include "reference_networks.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(edgeworth_gradient)

using namespace popflow;
using namespace popflow::test;

static_assert(PotentialGradient<EdgeworthGradient>);

namespace {

const std::vector<std::vector<int>> shapes{{7}, {3, 4}};

std::vector<CumulantOperator> cumulants_of(const Task& task) {
  std::vector<CumulantOperator> cumulants;
  for (const TaskClass& c : task) cumulants.push_back(exact_cumulant(c.input));
  return cumulants;
}

EdgeworthGradient edgeworth(const Task& task, const Network& network, Eigen::Index hidden) {
  return {task, network, hidden, cumulants_of(task)};
}

std::vector<NamedNetwork> smooth_networks() {
  std::vector<NamedNetwork> networks;
  for (const NamedNetwork& network : closed_form_networks())
    if (!std::holds_alternative<Relu>(network.network.activation)) networks.push_back(network);
  return networks;
}

// The gradient by the first layer from the expansion of E[x_i f], f = d loss / d lambda_k, by
// Stein's lemma, term by term over multi-indices (Eq. 70): f is a sum over l of functions of
// lambda_k and lambda_l. Slots 0 and 1 hold these, and may hold the same neuron.
class TermByTerm {
 public:
  TermByTerm(const Task& task, const Network& network, const Parameters& at)
      : task_(task),
        at_(at),
        squared_(network.loss == Loss::squared),
        average_(network.activation, 6),
        fourier_(lattice_of(task)) {
    for (Eigen::Index k = 0; k < at.hidden(); ++k)
      u_.push_back(fourier_.forward(at.first().row(k).transpose()));
  }

  Weights gradient() {
    Weights sum = Weights::Zero(at_.hidden(), at_.sites());
    for (const TaskClass& c : task_) {
      CumulantOperator kappa = exact_cumulant(c.input);
      for (Eigen::Index k = 0; k < at_.hidden(); ++k) {
        const double v = c.probability * at_.second()[k];
        for (Eigen::Index l = 0; squared_ && l < at_.hidden(); ++l)
          sum.row(k) += v * at_.second()[l] * product(c, kappa, k, l).transpose();
        sum.row(k) -= v * c.label * single(c, kappa, k).transpose();
      }
    }
    return sum;
  }

 private:
  using Slots = std::array<Eigen::Index, 2>;

  // C u.
  Field filtered(const TaskClass& c, const Spectrum& u) {
    return fourier_.backward(c.input.spectrum().cwiseProduct(u));
  }

  Field contracted(CumulantOperator& kappa, const Spectrum& a, const Spectrum& b,
                   const Spectrum& c) {
    Spectrum out(a.size());
    kappa.contract(a, b, c, out);
    return fourier_.backward(out);
  }

  Field sites(Eigen::Index k) const { return at_.first().row(k).transpose(); }

  PreActivation neuron(const TaskClass& c, Eigen::Index k) {
    return {sites(k).dot(filtered(c, u_[static_cast<std::size_t>(k)])), at_.bias()[k]};
  }

  // E[x_i sigma'(k) sigma(l)].
  Field product(const TaskClass& c, CumulantOperator& kappa, Eigen::Index k, Eigen::Index l) {
    const Slots slot{k, l};
    const auto u = [&](int s) -> const Spectrum& {
      return u_[static_cast<std::size_t>(slot[static_cast<std::size_t>(s)])];
    };
    PairAverages A;
    average_(neuron(c, k), neuron(c, l), sites(k).dot(filtered(c, u(1))), A);
    Field sum = A(2, 0) * filtered(c, u(0)) + A(1, 1) * filtered(c, u(1));
    for (int a = 0; a < 2; ++a)
      for (int b = 0; b < 2; ++b)
        for (int d = 0; d < 2; ++d) {
          const int second = a + b + d, first = 3 - second;
          const Field cubic = contracted(kappa, u(a), u(b), u(d));
          sum += cubic * A(1 + first, second) / 6.0;
          for (int e = 0; e < 2; ++e) {
            const double quartic = cubic.dot(sites(slot[static_cast<std::size_t>(e)]));
            const int m = 1 + first + (1 - e), n = second + e;
            sum += quartic / 24.0 *
                   (A(m + 1, n) * filtered(c, u(0)) + A(m, n + 1) * filtered(c, u(1)));
          }
        }
    return sum;
  }

  // E[x_i sigma'(k)].
  Field single(const TaskClass& c, CumulantOperator& kappa, Eigen::Index k) {
    const Spectrum& u = u_[static_cast<std::size_t>(k)];
    SingleAverages a{};
    average_(neuron(c, k), a);
    const Field cubic = contracted(kappa, u, u, u);
    return (a[2] + cubic.dot(sites(k)) * a[6] / 24.0) * filtered(c, u) + cubic * a[4] / 6.0;
  }

  Task task_;
  Parameters at_;
  bool squared_;
  GaussianPair average_;
  FourierTransform fourier_;
  std::vector<Spectrum> u_;
};

// E lambda_k^2 lambda_l^2, by N^4 moments of the inputs.
double fourth_moment(const Input& input, const Field& u, const Field& v) {
  const Torus& torus = input.torus();
  double sum = 0.0;
  for (int i = 0; i < torus.sites(); ++i)
    for (int a = 0; a < torus.sites(); ++a)
      for (int b = 0; b < torus.sites(); ++b)
        for (int c = 0; c < torus.sites(); ++c)
          sum += u[i] * u[torus.add(i, a)] * v[torus.add(i, b)] * v[torus.add(i, c)] *
                 input.four_point(a, b, c);
  return sum;
}

// The squared loss of neurons c0 + c1 x + c2 x^2, which is of fourth degree in the inputs: with
// phi = alpha + beta . lambda + gamma . lambda^2.
double loss_by_moments(const Task& task, const Polynomial& sigma, const Parameters& at) {
  const double c0 = sigma.coefficients[0], c1 = sigma.coefficients[1], c2 = sigma.coefficients[2];
  const Torus& torus = lattice_of(task);
  const Eigen::ArrayXd b = at.bias(), v = at.second();
  const double alpha = (v * (c0 + c1 * b + c2 * b.square())).sum();
  const Eigen::ArrayXd beta = v * (c1 + 2.0 * c2 * b), gamma = v * c2;
  double loss = 0.0;
  for (const TaskClass& c : task) {
    const Field C = c.input.covariance();
    double squares = 0.0, means = 0.0;
    for (Eigen::Index k = 0; k < at.hidden(); ++k)
      for (Eigen::Index l = 0; l < at.hidden(); ++l) {
        double Q = 0.0;
        for (int i = 0; i < torus.sites(); ++i)
          for (int j = 0; j < torus.sites(); ++j)
            Q += at.first()(k, i) * C[torus.add(j, torus.negate(i))] * at.first()(l, j);
        if (k == l) means += gamma[k] * Q;
        squares += beta[k] * beta[l] * Q + gamma[k] * gamma[l] *
                                               fourth_moment(c.input, at.first().row(k).transpose(),
                                                             at.first().row(l).transpose());
      }
    loss += 0.5 * c.probability *
            (std::pow(alpha - c.label, 2) + 2.0 * (alpha - c.label) * means + squares);
  }
  return loss;
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradient_is_that_of_the_loss) {
  for (const auto& shape : shapes)
    for (const Eigen::Index hidden : {1, 3})
      for (const auto& [name, network] : smooth_networks()) {
        EdgeworthGradient gradient = edgeworth(lopsided_task(shape), network, hidden);
        check_gradient(gradient, random_parameters(Torus(shape), network, hidden, 1), name);
      }
}

// Sums of some hundred numbers of order one, in another order.
BOOST_AUTO_TEST_CASE(gradient_is_the_expansion_term_by_term) {
  constexpr double rounding = 1e-12;
  for (const auto& shape : shapes)
    for (const auto& [name, network] : smooth_networks()) {
      const Task task = lopsided_task(shape);
      const Parameters at = random_parameters(Torus(shape), network, 3, 2);
      Parameters slope = at;
      edgeworth(task, network, 3)(at, slope);
      const Weights exact = TermByTerm(task, network, at).gradient();
      BOOST_TEST((slope.first() - exact).cwiseAbs().maxCoeff() <=
                     rounding * (1.0 + exact.cwiseAbs().maxCoeff()),
                 name);
    }
}

BOOST_AUTO_TEST_CASE(gaussian_inputs_have_the_gaussian_gradient) {
  constexpr double rounding = 1e-12;
  const Task task = gaussian_clones(lopsided_task({8}));
  for (const auto& [name, network] : smooth_networks()) {
    const Parameters at = random_parameters(Torus({8}), network, 3, 3);
    Parameters slope = at, gaussian = at;
    EdgeworthGradient gradient = edgeworth(task, network, 3);
    GaussianGradient reference(task, network, 3);
    gradient(at, slope);
    reference(at, gaussian);
    BOOST_TEST((slope.values - gaussian.values).cwiseAbs().maxCoeff() <= rounding, name);
    BOOST_TEST(std::abs(gradient.loss(at) - reference.loss(at)) <= rounding, name);
  }
}

// Loss and gradient have no other terms than those up to the fourth moments.
BOOST_AUTO_TEST_CASE(losses_of_fourth_degree_are_exact) {
  constexpr double rounding = 1e-11;
  const Polynomial sigma{{0.3, 0.8, -0.4}};
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    const Parameters at = random_parameters(Torus(shape), {}, 3, 4);
    const double exact = loss_by_moments(task, sigma, at);
    BOOST_TEST(std::abs(edgeworth(task, {sigma, Loss::squared}, 3).loss(at) - exact) <=
               rounding * (1.0 + std::abs(exact)));
    BOOST_TEST(std::abs(GaussianGradient(task, {sigma, Loss::squared}, 3).loss(at) - exact) > 1e-3);
  }
}

// The same for one neuron: the quartic flow, at any size of the weights.
BOOST_AUTO_TEST_CASE(quartic_losses_have_the_quartic_flow) {
  constexpr double rounding = 1e-11;
  const Task task = lopsided_task({8});
  const Neuron neuron{Polynomial{{0.3, 0.8, -0.4}}, -0.7, 0.8};
  const Parameters at = parameters_of(neuron, random_weights(1, 8, 5));
  Parameters slope = at;
  edgeworth(task, {neuron.activation, Loss::squared}, 1)(at, slope);
  const QuarticFlow flow(task, neuron, Loss::squared);
  const Weights rate = flow.weights(flow(flow.state(at)));
  BOOST_TEST((slope.first() + rate).cwiseAbs().maxCoeff() <= rounding);
}

BOOST_AUTO_TEST_CASE(small_weights_follow_the_quartic_flow) {
  const Task task = lopsided_task({8});
  for (const Loss loss : {Loss::squared, Loss::correlation})
    for (const Activation& activation :
         {Activation(Erf{}), Activation(Polynomial{{0.2, 0.7, -0.3, 0.1, 0.05, 0.0, 0.02}})})
      check_against_quartic(edgeworth(task, {activation, loss}, 1),
                            QuarticFlow(task, {activation, -0.7, 0.8}, loss));
}

BOOST_AUTO_TEST_CASE(gradient_moves_with_the_weights) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    for (const auto& [name, network] : smooth_networks()) {
      EdgeworthGradient gradient = edgeworth(lopsided_task(shape), network, 3);
      check_equivariance(gradient, torus, random_parameters(torus, network, 3, 6), name);
    }
  }
}

BOOST_AUTO_TEST_CASE(calls_allocate_nothing,
                     *boost::unit_test::precondition(counting_allocations)) {
  const Task task = lopsided_task({32});
  for (const auto& [name, network] : smooth_networks()) {
    check_allocates_nothing(edgeworth(task, network, 3),
                            random_parameters(Torus({32}), network, 3, 7), name);
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Task task = lopsided_task({7});
  const auto refused = [&task](const Network& network, Eigen::Index hidden) {
    BOOST_CHECK_THROW(edgeworth(task, network, hidden), std::invalid_argument);
  };
  refused({Relu{}, Loss::squared}, 2);
  refused({Tanh{}, Loss::squared}, 2);
  refused({Erf{}, Loss::logistic}, 2);
  refused({Erf{}, Loss::squared, Convolution{{3}}}, 2);
  refused({}, 0);
  std::vector<CumulantOperator> cumulants = cumulants_of(task);
  cumulants.pop_back();
  BOOST_CHECK_THROW(EdgeworthGradient(task, {}, 2, cumulants), std::invalid_argument);
  cumulants.emplace_back(ZeroCumulant(Torus({8})));
  BOOST_CHECK_THROW(EdgeworthGradient(task, {}, 2, cumulants), std::invalid_argument);
  EdgeworthGradient gradient = edgeworth(task, {}, 2);
  Parameters out(2, 7);
  BOOST_CHECK_THROW(gradient(Parameters(3, 7), out), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

#include <string>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/experiment/flow_cumulants.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/latent_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/run/run_flow.hpp"

#include "good_experiment.hpp"
#include "random_values.hpp"
#include "reference_inputs.hpp"
#include "scratch_folder.hpp"
#include "unstated_input.hpp"

BOOST_AUTO_TEST_SUITE(experiment_flows)

using namespace popflow;

namespace {

// All that learns does so at the rate 1, so that rates are slopes.
Experiment experiment(const std::string& kind, std::vector<std::string> overrides = {}) {
  overrides.insert(overrides.begin(), "flow.kind=" + kind);
  if (kind != "quartic")
    overrides.insert(overrides.end(), {"network.bias_rate=1", "network.second_layer_rate=1"});
  const ScratchFolder folder;
  return read_experiment(folder.write("good.toml", good_experiment), overrides);
}

// Parameters of order one, away from any symmetry.
Parameters somewhere(const Experiment& of) {
  Parameters parameters(of.network.hidden, of.torus().sites());
  parameters.values = 0.3 * test::random_values(parameters.values.size(), 5);
  return parameters;
}

template <PopulationGradient Gradient>
Eigen::VectorXd rate(const Gradient& gradient, const Parameters& at) {
  const GradientFlow flow(gradient, at, {.bias_rate = 1.0, .second_layer_rate = 1.0});
  return flow(flow.state(at)).values();
}

Eigen::VectorXd rate(const Experiment& of, const Parameters& at) {
  const AnyFlow flow = experiment_flow(of).flow;
  return flow(flow.state(at)).values();
}

void check_refusal(const Experiment& refused, const std::string& words) {
  const auto is_that = [&words](const InvalidExperiment& error) {
    BOOST_TEST_MESSAGE(error.what());
    return std::string(error.what()).find(words) != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(experiment_flow(refused), InvalidExperiment, is_that);
  BOOST_CHECK_EXCEPTION(check_fixed_point(refused), InvalidExperiment, is_that);
}

}  // namespace

BOOST_AUTO_TEST_CASE(kinds_are_the_flows_that_they_name) {
  const Experiment one = experiment("kurtosis"),
                   two = experiment("edgeworth", {"network.hidden=2"});
  const Parameters at_one = somewhere(one), at_two = somewhere(two);
  const Network network = network_of(one);
  const auto operators = [](const Experiment& of) {
    return flow_cumulants(of, flow_spec(of)).operators;
  };
  const Experiment quartic = experiment("quartic");
  const QuarticFlow named(quartic.task, single_neuron(quartic), quartic.network.loss,
                          operators(quartic));
  const AnyFlow found = experiment_flow(quartic).flow;
  const State u = named.state(Weights(at_one.first()));
  BOOST_TEST((found(u).values() == named(u).values()));
  BOOST_TEST(found.potential(u).value() == named.potential(u));

  BOOST_TEST((rate(experiment("gaussian", {"network.hidden=2"}), at_two) ==
              rate(GaussianGradient(two.task, network, 2), at_two)));
  BOOST_TEST(
      (rate(two, at_two) == rate(EdgeworthGradient(two.task, network, 2, operators(two)), at_two)));
  BOOST_TEST(
      (rate(one, at_one) == rate(KurtosisGradient(one.task, network, operators(one)), at_one)));
  BOOST_TEST((rate(experiment("conditional"), at_one) ==
              rate(ConditionalGradient(one.task, network), at_one)));
  BOOST_TEST((rate(experiment("latent", {"network.hidden=2", "flow.latents=3"}), at_two) ==
              rate(LatentGradient(two.task, network, 2, {.latents = 3}), at_two)));
}

BOOST_AUTO_TEST_CASE(only_kinds_that_need_cumulants_state_their_error) {
  const auto error = [](const Experiment& of) { return experiment_flow(of).cumulant_error; };
  BOOST_TEST(!error(experiment("gaussian")).has_value());
  BOOST_TEST(!error(experiment("conditional")).has_value());
  BOOST_TEST(error(experiment("edgeworth", {"flow.truncation=1e-7"})).value() == 1e-7);
  BOOST_TEST(error(experiment("quartic", {"flow.truncation=1e-7"})).value() == 1e-7);
  const double tiled =
      error(experiment("kurtosis", {"flow.cumulant=tiled", "flow.rank=2"})).value();
  BOOST_TEST(tiled > 1e-6);
  BOOST_TEST(tiled < 0.1);
}

// On Gaussian inputs every closure is exact.
BOOST_AUTO_TEST_CASE(all_kinds_agree_on_gaussian_clones) {
  const std::vector<std::string> clones{"class.0.input.model=gp-clone",
                                        "class.1.input.model=gp-clone"};
  const Experiment gaussian = experiment("gaussian", clones);
  const Parameters at = somewhere(gaussian);
  const Eigen::VectorXd exact = rate(gaussian, at);
  for (const std::string kind : {"edgeworth", "kurtosis", "conditional", "latent"})
    BOOST_TEST((rate(experiment(kind, clones), at) - exact).norm() < 1e-10 * exact.norm(), kind);
}

BOOST_AUTO_TEST_CASE(copies_do_not_disturb_each_other) {
  const Experiment of = experiment("gaussian");
  AnyFlow flow = experiment_flow(of).flow, copy = flow;
  const State at = flow.state(somewhere(of));
  State elsewhere = at;
  elsewhere.values() *= 2.0;
  const Eigen::VectorXd before = flow(at).values();
  copy(elsewhere);
  copy = flow;
  BOOST_TEST((flow(at).values() == before));
  BOOST_TEST((copy(at).values() == before));
}

// Its states start from the experiment's parameters, and fix what does not learn.
BOOST_AUTO_TEST_CASE(states_hold_what_learns) {
  for (const std::string bias : {"0", "0.5"})
    for (const std::string second : {"0", "2"}) {
      const ScratchFolder folder;
      const Experiment of =
          read_experiment(folder.write("good.toml", good_experiment),
                          {"flow.kind=gaussian", "network.hidden=2", "network.bias_rate=" + bias,
                           "network.second_layer_rate=" + second});
      const AnyFlow flow = experiment_flow(of).flow;
      BOOST_TEST((flow.layout() == StateLayout{of.torus(), 2, bias != "0", second != "0"}));
      const Parameters start = initial_parameters(of);
      const Parameters back = flow.parameters(flow.state(start));
      BOOST_TEST((back.values - start.values).cwiseAbs().maxCoeff() < 1e-14);
    }
}

BOOST_AUTO_TEST_CASE(another_kind_may_take_the_place_of_that_in_the_file) {
  const Experiment of = experiment("gaussian");
  FlowSpec spec = flow_spec(of);
  spec.kind = "conditional";
  const AnyFlow flow = experiment_flow(of, spec).flow;
  const Parameters at = somewhere(of);
  BOOST_TEST((flow(flow.state(at)).values() == rate(experiment("conditional"), at)));
}

BOOST_AUTO_TEST_CASE(cumulants_can_be_interrupted) {
  for (const std::string kind : {"quartic", "edgeworth", "kurtosis"})
    for (const std::string cumulant : {"exact", "tiled"})
      BOOST_CHECK_THROW(
          experiment_flow(experiment(kind, {"flow.cumulant=" + cumulant}), [] { return true; }),
          Interrupted);
}

BOOST_AUTO_TEST_CASE(what_a_kind_cannot_do_is_refused) {
  for (const std::string kind : {"gaussian", "edgeworth", "kurtosis", "conditional", "latent"})
    check_refusal(
        experiment(kind, {"network.kernel=[3]"}),
        "good.toml: --set network.kernel=[3]: must be left out with flow.kind = \"" + kind + "\"");
  for (const std::string kind : {"kurtosis", "conditional"})
    check_refusal(experiment(kind, {"network.hidden=2"}), "--set network.hidden=2: must be 1");
  for (const std::string kind : {"gaussian", "edgeworth", "latent"}) {
    check_refusal(experiment(kind, {"network.hidden=2", "network.activation=tanh"}),
                  "--set network.activation=tanh: must be \"erf\", \"relu\" or a polynomial");
    check_refusal(experiment(kind, {"network.hidden=2", "network.loss=logistic"}),
                  "--set network.loss=logistic: must be \"squared\" or \"correlation\"");
  }
  check_refusal(experiment("edgeworth", {"network.activation=relu"}),
                "--set network.activation=relu: must be smooth");
  check_refusal(experiment("kurtosis", {"lattice.shape=[4096]"}),
                "--set lattice.shape=[4096]: must have at most 512 sites unless flow.cumulant");
  check_refusal(experiment("orbit"), "--set flow.kind=orbit: must not be sampled");
  check_refusal(experiment("quartic", {"network.bias_rate=1"}),
                "--set network.bias_rate=1: must be 0 with flow.kind = \"quartic\"");
  BOOST_CHECK_EXCEPTION(
      run_flow(experiment("orbit", {"network.kernel=[3]"})), InvalidExperiment,
      [](const InvalidExperiment& error) {
        return std::string(error.what())
            .ends_with("--set network.kernel=[3]: must be left out with flow.kind = \"orbit\"");
      });
}

// As many as there are, where more are asked for.
BOOST_AUTO_TEST_CASE(a_small_lattice_has_few_latent_directions) {
  const std::vector<std::string> small{"lattice.shape=[3]", "class.0.input.correlation_length=1.4",
                                       "class.1.input.correlation_length=0.5"};
  const auto with = [&small](const std::string& latents) {
    std::vector<std::string> overrides = small;
    overrides.push_back("flow.latents=" + latents);
    return experiment("latent", overrides);
  };
  const Parameters at = somewhere(with("3"));
  BOOST_TEST((rate(with("4"), at) == rate(with("3"), at)));
}

// They also train what only quadrature averages.
BOOST_AUTO_TEST_CASE(kinds_for_one_neuron_take_any_activation_and_loss) {
  for (const std::string kind : {"kurtosis", "conditional", "latent"}) {
    const Experiment any = experiment(kind, {"network.activation=tanh", "network.loss=logistic"});
    const Eigen::VectorXd found = rate(any, somewhere(any));
    BOOST_TEST(found.allFinite());
    BOOST_TEST(found.norm() > 0.0);
  }
}

BOOST_AUTO_TEST_CASE(averages_over_the_latent_field_need_to_know_it) {
  for (const std::string kind : {"conditional", "latent"}) {
    Experiment unstated = experiment(kind);
    unstated.task[1].input = test::UnstatedInput{test::nlgp({12}, 3.0, 1.0)};
    check_refusal(unstated, "good.toml:14: class.1.input.model = \"nlgp\": must be made from");
  }
}

BOOST_AUTO_TEST_SUITE_END()

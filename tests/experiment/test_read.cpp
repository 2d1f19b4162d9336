#include <cmath>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include "popflow/experiment/read.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/run/run_fixed_point.hpp"

#include "broken_experiments.hpp"
#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(read_experiment_file)

using namespace popflow;

namespace {

constexpr const char* smallest = R"(
[lattice]
shape = [4, 6]
[[class]]
label = 1
input = { model = "gp", correlation_length = 1.5 }
)";

Experiment read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const ScratchFolder folder;
  return read_experiment(folder.write("experiment.toml", text), overrides);
}

std::string message_of(const std::string& file, const std::vector<std::string>& overrides = {}) {
  try {
    read_experiment(file, overrides);
  } catch (const InvalidExperiment& error) {
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_not_given_has_the_documented_default) {
  const Experiment experiment = read(smallest, {"flow.t_end=2", "sgd.t_end=30"});
  BOOST_TEST(experiment.seed == 1u);
  BOOST_TEST(experiment.torus().shape() == (std::vector{4, 6}), boost::test_tools::per_element());
  BOOST_TEST(experiment.task.front().probability == 1.0);

  const NetworkSpec& network = experiment.network;
  BOOST_TEST(network.hidden == 1);
  BOOST_TEST(std::holds_alternative<Erf>(network.activation));
  BOOST_TEST((network.loss == Loss::squared));
  BOOST_TEST(network.bias == std::vector{0.0}, boost::test_tools::per_element());
  BOOST_TEST(network.second_layer == std::vector{1.0}, boost::test_tools::per_element());
  BOOST_TEST(network.initial_scale == 0.1);

  const FlowSpec& flow = flow_spec(experiment);
  BOOST_TEST(flow.kind == "quartic");
  BOOST_TEST(flow.t_end == 2.0);
  BOOST_TEST(flow.snapshots == 101);
  BOOST_TEST(!flow.relative_tolerance.has_value());
  BOOST_TEST(!flow.absolute_tolerance.has_value());
  BOOST_TEST(flow.stationary_rate == 0.0);
  BOOST_TEST(flow.step_limit == 1'000'000);
  BOOST_TEST(flow.truncation == 1e-9);
  BOOST_TEST(flow.cumulant == "exact");
  BOOST_TEST(flow.rank == 4);
  BOOST_TEST(flow.latents == 3);

  const SgdSpec& sgd = sgd_spec(experiment);
  BOOST_TEST(sgd.learning_rate == 0.05);
  const Experiment short_one = read(smallest, {"sgd.t_end=3"});
  BOOST_TEST(sgd_spec(short_one).learning_rate ==
             shortest_interval(snapshot_times(*short_one.sgd)));
  BOOST_TEST(sgd.batch == 1000);
  BOOST_TEST(sgd.t_end == 30.0);
  BOOST_TEST(sgd.snapshots == 101);
  BOOST_TEST((sgd.gradient == SampleGradient::network));
  BOOST_TEST(sgd.runs == 1);
  BOOST_TEST((sgd.precision == Precision::double_precision));
}

BOOST_AUTO_TEST_CASE(biases_and_second_layer_may_be_named_for_all_neurons) {
  const auto network = [](const std::vector<std::string>& more) {
    std::vector<std::string> overrides{"network.hidden=4"};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return read(good_experiment, overrides).network;
  };
  BOOST_TEST(network({"network.bias=[-1, 2]"}).bias == (std::vector{-1.0, -1.0, 2.0, 2.0}),
             boost::test_tools::per_element());
  BOOST_TEST(network({"network.second_layer=1/K"}).second_layer == std::vector(4, 0.25),
             boost::test_tools::per_element());
  BOOST_TEST(network({"network.second_layer=1/sqrt(K)"}).second_layer == std::vector(4, 0.5),
             boost::test_tools::per_element());
  const auto random = network({"network.second_layer=random"}).second_layer;
  BOOST_TEST(random == network({"network.second_layer=random"}).second_layer,
             boost::test_tools::per_element());
  BOOST_TEST((random != network({"network.second_layer=random", "seed=8"}).second_layer));
  BOOST_TEST((random[0] != random[1]));
}

// N(0, 1/K): the mean of K v^2 over 10000 is 1 +- 0.014.
BOOST_AUTO_TEST_CASE(a_random_second_layer_has_variance_one_over_K) {
  const Experiment experiment =
      read(good_experiment, {"network.hidden=10000", "network.second_layer=random"});
  double sum = 0.0;
  for (const double v : experiment.network.second_layer) sum += v * v;
  BOOST_TEST(std::abs(sum - 1.0) < 0.06);
}

BOOST_AUTO_TEST_CASE(networks_and_training_are_as_the_file_says) {
  const Experiment experiment =
      read(good_experiment,
           {"network.hidden=2", "network.activation=relu", "network.loss=logistic",
            "network.kernel=[5]", "network.pooling=maximum", "network.bias_rate=0.5",
            "network.second_layer_rate=2", "network.l1=0.1", "network.l2=0.2", "sgd.samples=50",
            "sgd.shuffle=false", "sgd.precision=single", "sgd.test_samples=7"});
  const Network network = network_of(experiment);
  BOOST_TEST(std::holds_alternative<Relu>(network.activation));
  BOOST_TEST((network.loss == Loss::logistic));
  BOOST_TEST(network.convolution->kernel == std::vector{5}, boost::test_tools::per_element());
  BOOST_TEST((network.convolution->pooling == Pooling::maximum));
  const Parameters initial = initial_parameters(experiment);
  BOOST_TEST(initial.hidden() == 2);
  BOOST_TEST(initial.sites() == 5);
  BOOST_TEST((initial.bias() == Eigen::Vector2d(-1.0, -1.0)));
  BOOST_TEST((initial.second() == Eigen::Vector2d(1.0, 1.0)));
  const TrainingOptions options = training_options(experiment);
  BOOST_TEST(options.learning.bias_rate == 0.5);
  BOOST_TEST(options.learning.second_layer_rate == 2.0);
  BOOST_TEST(options.learning.l1 == 0.1);
  BOOST_TEST(options.learning.l2 == 0.2);
  BOOST_TEST(options.schedule.samples == 50);
  BOOST_TEST(!options.schedule.shuffle);
  BOOST_TEST(options.schedule.seed == 7U);
  BOOST_TEST((options.precision == Precision::single_precision));
  BOOST_TEST(sgd_spec(experiment).test_samples == 7);
}

BOOST_AUTO_TEST_CASE(snapshots_are_evenly_spaced_or_in_equal_ratios) {
  const Experiment even = read(good_experiment);
  BOOST_TEST(snapshot_times(flow_spec(even)) == (std::vector{0.0, 0.5, 1.0}),
             boost::test_tools::per_element());
  const Experiment ratios = read(good_experiment, {"sgd.t_first=0.25", "flow.t_first=0.0625"});
  BOOST_TEST(snapshot_times(sgd_spec(ratios)) == (std::vector{0.0, 0.25, 1.0}),
             boost::test_tools::per_element());
  BOOST_TEST(snapshot_times(flow_spec(ratios)) == (std::vector{0.0, 0.0625, 1.0}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_quartic_expansion_refuses_networks_that_have_none) {
  for (const std::string& key :
       {std::string("network.hidden=2"), std::string("network.kernel=[3]"),
        std::string("network.activation=relu"), std::string("network.bias_rate=1"),
        std::string("network.second_layer_rate=1"), std::string("network.l1=1"),
        std::string("network.l2=1")}) {
    const Experiment experiment = read(good_experiment, {key});
    BOOST_CHECK_EXCEPTION(
        single_neuron(experiment), InvalidExperiment, [&key](const InvalidExperiment& error) {
          return std::string(error.what()).find("--set " + key) != std::string::npos;
        });
  }
}

// The tolerance follows the kind's own.
BOOST_AUTO_TEST_CASE(fixed_points_are_searched_as_their_section_says) {
  const FixedPointOptions usual = fixed_point_options(read(good_experiment));
  BOOST_TEST(usual.tolerance == 1e-12);
  BOOST_TEST(usual.stable);
  BOOST_TEST(usual.null_rate == 1e-8);
  BOOST_TEST(usual.step_limit == 500);
  BOOST_TEST(!usual.lattice);  // the flow has its own
  const FixedPointOptions latent =
      fixed_point_options(read(good_experiment, {"flow.kind=latent", "network.hidden=2"}));
  BOOST_TEST(std::abs(latent.tolerance - 1e-5) < 1e-20);
  const FixedPointOptions given = fixed_point_options(
      read(good_experiment,
           {"fixed_point.tolerance=1e-5", "fixed_point.stable=false", "fixed_point.first_step=0.5",
            "fixed_point.null_rate=1e-6", "fixed_point.step_limit=7"}));
  BOOST_TEST(given.tolerance == 1e-5);
  BOOST_TEST(!given.stable);
  BOOST_TEST(given.first_step == 0.5);
  BOOST_TEST(given.null_rate == 1e-6);
  BOOST_TEST(given.step_limit == 7);
}

BOOST_AUTO_TEST_CASE(decompose_takes_apart_the_first_class_unless_told_otherwise) {
  const DecomposeSpec absent = decompose_spec(read(good_experiment));
  BOOST_TEST(absent.classes == (std::vector{1.0, 0.0}), boost::test_tools::per_element());
  BOOST_TEST(absent.method == "tiled");
  BOOST_TEST(absent.rank == 1);

  const DecomposeSpec spec = decompose_spec(
      read(good_experiment, {"decompose.class=1", "decompose.method=symmetric", "decompose.rank=5",
                             "decompose.starts=9", "decompose.samples=77"}));
  BOOST_TEST(spec.classes == (std::vector{0.0, 1.0}), boost::test_tools::per_element());
  BOOST_TEST(spec.method == "symmetric");
  BOOST_TEST(spec.rank == 5);
  BOOST_TEST(spec.starts == 9);
  BOOST_TEST(spec.samples == 77);

  const DecomposeSpec difference =
      decompose_spec(read(good_experiment, {"decompose.class=[1, -0.5]", "decompose.entries=10",
                                            "decompose.symmetric_templates=false"}));
  BOOST_TEST(difference.classes == (std::vector{1.0, -0.5}), boost::test_tools::per_element());
  BOOST_TEST(difference.entries == 10);
  BOOST_TEST(difference.symmetric_templates.value() == false);
  BOOST_TEST(decompose_spec(read(good_experiment, {"decompose.method=samples"})).samples ==
             100'000);
}

BOOST_AUTO_TEST_CASE(what_is_given_is_read) {
  const Experiment experiment =
      read(good_experiment, {"network.loss=correlation", "sgd.gradient=quartic", "sgd.runs=5"});
  BOOST_TEST(experiment.seed == 7u);
  BOOST_TEST(experiment.text == good_experiment);
  BOOST_TEST(experiment.overrides.size() == 3u);
  BOOST_TEST(experiment.task.size() == 2u);
  BOOST_TEST(experiment.task[0].label == 1.0);
  BOOST_TEST(experiment.task[1].label == -1.0);
  BOOST_TEST(experiment.task[1].probability == 0.5);
  BOOST_TEST((experiment.network.loss == Loss::correlation));
  BOOST_TEST(single_neuron(experiment).bias == -1.0);
  BOOST_TEST(flow_spec(experiment).snapshots == 3);
  BOOST_TEST((sgd_spec(experiment).gradient == SampleGradient::quartic));
  BOOST_TEST(sgd_spec(experiment).runs == 5);
}

BOOST_AUTO_TEST_CASE(every_kind_of_flow_takes_its_own_keys) {
  const auto flow = [](const std::string& kind, std::vector<std::string> overrides = {}) {
    overrides.insert(overrides.begin(), "flow.kind=" + kind);
    return flow_spec(read(good_experiment, overrides));
  };
  for (const std::string kind : {"gaussian", "edgeworth", "kurtosis", "conditional", "latent"}) {
    const FlowSpec spec =
        flow(kind, {"flow.relative_tolerance=1e-3", "flow.absolute_tolerance=1e-4",
                    "flow.stationary_rate=1e-5", "flow.step_limit=6", "flow.t_first=0.25"});
    BOOST_TEST(spec.kind == kind);
    BOOST_TEST(spec.t_first == 0.25);
    const IntegrationOptions options = integration_options(spec);
    BOOST_TEST(options.relative_tolerance == 1e-3);
    BOOST_TEST(options.absolute_tolerance == 1e-4);
    BOOST_TEST(options.stationary_rate == 1e-5);
    BOOST_TEST(options.step_limit == 6U);
  }
  for (const std::string kind : {"edgeworth", "kurtosis"}) {
    const FlowSpec spec = flow(kind, {"flow.truncation=0.5", "flow.cumulant=tiled", "flow.rank=7"});
    BOOST_TEST(spec.truncation == 0.5);
    BOOST_TEST(spec.cumulant == "tiled");
    BOOST_TEST(spec.rank == 7);
  }
  BOOST_TEST(flow("latent").latents == 3);
  BOOST_TEST(flow("latent", {"flow.latents=1"}).latents == 1);
}

BOOST_AUTO_TEST_CASE(keys_of_another_choice_have_no_effect) {
  const Experiment shuffled = read(good_experiment, {"sgd.shuffle=false"});
  BOOST_TEST(sgd_spec(shuffled).samples == 0);

  const auto decomposed = [](const std::string& method, std::vector<std::string> overrides) {
    overrides.insert(overrides.begin(), "decompose.method=" + method);
    return decompose_spec(read(good_experiment, overrides));
  };
  for (const std::string method : {"symmetric", "power", "subspace", "samples"})
    BOOST_TEST(decomposed(method, {"decompose.entries=10", "decompose.symmetric_templates=true",
                                   "decompose.samples=0"})
                   .method == method);
  BOOST_TEST(decomposed("samples", {"decompose.samples=0"}).samples == 100'000);
  BOOST_TEST(decomposed("samples", {"decompose.samples=1000"}).samples == 1000);
}

BOOST_AUTO_TEST_CASE(inputs_are_the_models_that_they_name) {
  const Torus ring({12});
  const NonlinearGaussianField nlgp({ring, gaussian_correlation(ring, 2.0)}, 3.0);
  const Experiment plain = read(good_experiment);
  const Experiment clone = read(good_experiment, {"class.0.input.model=gp-clone"});
  const Experiment gaussian =
      read(good_experiment, {R"(class.0.input={ model = "gp", correlation_length = 2 })"});
  const Experiment sign = read(good_experiment, {"class.0.input.gain=inf"});

  BOOST_TEST((plain.task[0].input.covariance() == nlgp.covariance()));
  BOOST_TEST(plain.task[0].input.four_point(1, 2, 4) == nlgp.four_point(1, 2, 4));
  BOOST_TEST((clone.task[0].input.covariance() == nlgp.covariance()));
  BOOST_TEST(clone.task[0].input.four_point(0, 0, 0) == 3.0);
  BOOST_TEST((gaussian.task[0].input.covariance() == nlgp.latent().covariance()));
  BOOST_TEST(sign.task[0].input.four_point(0, 0, 0) == 1.0);
  BOOST_TEST(
      (plain.task[1].input.covariance() ==
       NonlinearGaussianField({ring, gaussian_correlation(ring, 1.0, Wrapping::nearest)}, 3.0)
           .covariance()));
}

BOOST_AUTO_TEST_CASE(elliptical_inputs_have_the_kurtosis_that_the_file_says) {
  const auto kurtosis = [](const std::string& keys) {
    const Input input = read(good_experiment, {elliptical(keys)}).task[0].input;
    BOOST_TEST((input.covariance() == gaussian_correlation(Torus({12}), 2.0)));
    return input.four_point(0, 0, 0) - 3.0;
  };
  BOOST_TEST(std::abs(kurtosis("kurtosis=1.5") - 1.5) < 1e-15);
  BOOST_TEST(std::abs(kurtosis("kurtosis=\"least\"") + 6.0 / 14.0) < 1e-15);
  BOOST_TEST(kurtosis("kurtosis=0") == 0.0);
  BOOST_TEST(read(good_experiment, {elliptical("kurtosis=0")}).task[0].input.is_gaussian());
}

BOOST_AUTO_TEST_CASE(an_ising_ring_has_the_correlation_length_that_the_file_says) {
  const Input input =
      read(good_experiment, {first_input("ising", "correlation_length=2")}).task[0].input;
  BOOST_TEST((input.covariance() == IsingRing(Torus({12}), 2.0).covariance()));
  BOOST_TEST(input.four_point(0, 0, 0) == 1.0);
}

// Their kurtosis tells marginals apart.
BOOST_AUTO_TEST_CASE(copula_inputs_have_the_marginal_that_the_file_says) {
  const auto kurtosis = [](const std::string& keys) {
    return read(good_experiment, {copula(keys)}).task[0].input.four_point(0, 0, 0) - 3.0;
  };
  constexpr double quadrature = 1e-6;
  BOOST_TEST(std::abs(kurtosis(R"(marginal="uniform")") + 1.2) < quadrature);
  BOOST_TEST(std::abs(kurtosis(R"(marginal="laplace")") - 3.0) < quadrature);
  BOOST_TEST(std::abs(kurtosis(R"(marginal="generalised-normal", shape=2)")) < quadrature);
  BOOST_TEST(std::abs(kurtosis(R"(marginal="beta", shape=0.5)") + 1.5) < quadrature);
  BOOST_TEST(std::abs(kurtosis(R"(marginal="student-t", shape=6)") - 3.0) < quadrature);
}

BOOST_AUTO_TEST_CASE(a_clone_is_gaussian_and_has_the_covariance_of_its_original) {
  const std::string keys = R"(marginal="laplace", clone=)";
  const Input original = read(good_experiment, {copula(keys + "false")}).task[0].input,
              clone = read(good_experiment, {copula(keys + "true")}).task[0].input;
  BOOST_TEST(!original.is_gaussian());
  BOOST_TEST(clone.is_gaussian());
  BOOST_TEST((clone.covariance() == original.covariance()));
}

BOOST_AUTO_TEST_CASE(every_activation_is_read) {
  const auto activation = [](const std::string& name) {
    return read(good_experiment, {fmt::format("network.activation={}", name)}).network.activation;
  };
  BOOST_TEST(std::holds_alternative<Erf>(activation("erf")));
  BOOST_TEST(std::holds_alternative<Tanh>(activation("tanh")));
  BOOST_TEST(std::holds_alternative<Logistic>(activation("logistic")));
  const Experiment cubic = read(
      good_experiment, {"network.activation=polynomial", "network.coefficients=[0, 1, 0.5, -2]"});
  BOOST_TEST(std::get<Polynomial>(cubic.network.activation).coefficients ==
                 (std::vector{0.0, 1.0, 0.5, -2.0}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_value_is_for_all_neurons_and_a_list_for_each) {
  const Experiment experiment = read(
      good_experiment, {"network.hidden=3", "network.bias=-1.2", "network.second_layer=[1,2,3]"});
  BOOST_TEST(experiment.network.bias == (std::vector{-1.2, -1.2, -1.2}),
             boost::test_tools::per_element());
  BOOST_TEST(experiment.network.second_layer == (std::vector{1.0, 2.0, 3.0}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_of_several_overrides_counts) {
  const Experiment experiment =
      read(good_experiment, {"seed=3", "class.1.label=-2", "class.1.label=5", "network.bias.0=4"});
  BOOST_TEST(experiment.seed == 3u);
  BOOST_TEST(experiment.task[1].label == 5.0);
  BOOST_TEST(experiment.network.bias.front() == 4.0);
}

BOOST_AUTO_TEST_CASE(probabilities_default_to_equal_shares) {
  const Experiment experiment = read(std::string(smallest) +
                                     "[[class]]\nlabel = 0\n"
                                     "input = { model = \"gp\", correlation_length = 1 }\n");
  for (const TaskClass& entry : experiment.task) BOOST_TEST(entry.probability == 0.5);
}

BOOST_AUTO_TEST_CASE(initial_weights_depend_on_the_seed_and_the_neuron_alone) {
  const Experiment three = read(good_experiment, {"network.hidden=3"});
  const Experiment one = read(good_experiment, {"sgd.batch=99"});
  const Experiment larger = read(good_experiment, {"network.initial_scale=0.2"});
  const Experiment reseeded = read(good_experiment, {"seed=8"});
  BOOST_TEST(initial_weights(three).rows() == 3);
  BOOST_TEST((initial_weights(three).row(0) == initial_weights(one)));
  BOOST_TEST((initial_weights(three).row(0) != initial_weights(three).row(1)));
  BOOST_TEST((initial_weights(reseeded) != initial_weights(one)));
  BOOST_TEST((initial_weights(larger) - 2.0 * initial_weights(one)).norm() < 1e-15);
}

BOOST_AUTO_TEST_CASE(initial_weights_have_the_stated_scale) {
  // The sample variance of N = 2^14 normals has a relative standard error of sqrt(2 / N) = 1.1e-2.
  const Experiment experiment = read(smallest, {"lattice.shape=[128, 128]"});
  BOOST_TEST(initial_weights(experiment).squaredNorm() == 0.01,
             boost::test_tools::tolerance(0.044));
}

BOOST_AUTO_TEST_CASE(what_a_verb_needs_and_the_file_lacks_is_named) {
  const auto ends = [](const std::string& text) {
    return [text](const InvalidExperiment& error) {
      return std::string(error.what()).find(text) != std::string::npos;
    };
  };
  const Experiment bare = read(smallest, {"network.hidden=3"});
  BOOST_CHECK_EXCEPTION(flow_spec(bare), InvalidExperiment, ends("toml: flow.t_end: is missing"));
  BOOST_CHECK_EXCEPTION(sgd_spec(bare), InvalidExperiment, ends("toml: sgd.t_end: is missing"));
  BOOST_CHECK_EXCEPTION(single_neuron(bare), InvalidExperiment,
                        ends("toml: --set network.hidden=3: must be 1"));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_named) {
  const ScratchFolder folder;
  BOOST_TEST(message_of(folder.path("none.toml")) ==
             folder.path("none.toml") + ": cannot be read: No such file or directory");
  BOOST_TEST(message_of(folder.path("")) == folder.path("") + ": cannot be read: Is a directory");
}

BOOST_AUTO_TEST_CASE(a_name_that_no_file_can_have_is_refused_in_one_line) {
  const std::string longest(100'000, 'a');
  BOOST_TEST(message_of(longest) == longest + ": cannot be read: File name too long");
  BOOST_TEST(message_of("no\nne") == "no\\x0ane: cannot be read: No such file or directory");
}

BOOST_AUTO_TEST_CASE(what_would_need_more_memory_than_machines_have_is_refused) {
  const ScratchFolder folder;
  const std::string file = folder.write("large.toml", smallest);
  const std::string weights = message_of(file, {"lattice.shape=[256, 256]", "network.hidden=4097"});
  BOOST_TEST(weights.starts_with(file + ": --set network.hidden=4097: "));
  BOOST_TEST(weights.ends_with("must be at most 4096 with so many sites each"));
  const std::vector<std::string> within{"lattice.shape=[256, 256]", "network.hidden=4097",
                                        "network.kernel=[3, 3]"};
  BOOST_TEST(message_of(file, within) == "");

  std::string classes;
  for (int c = 0; c < 3; ++c)
    classes += "{ label = 1, input = { model = \"gp\", correlation_length = 1.0 } }, ";
  const std::string many =
      folder.write("many.toml", "lattice.shape = [4096, 4096]\nclass = [" + classes + "]\n");
  BOOST_TEST(message_of(many).starts_with(many + ":2: class.2.input"));
  BOOST_TEST(message_of(many).ends_with("on this lattice at most 2 classes are allowed"));
}

BOOST_AUTO_TEST_CASE(what_is_not_allowed_is_one_line_that_says_where_and_what_is) {
  const ScratchFolder folder;
  for (const BrokenExperiment& broken : broken_experiments) {
    const std::string file = folder.write("broken.toml", broken.text());
    const std::string message = message_of(file, broken.overrides);
    BOOST_TEST_CONTEXT(broken << ": " << message) {
      BOOST_TEST(message.starts_with(broken.origin(file)));
      BOOST_TEST(message.find('\n') == std::string::npos);
      for (const std::string& word : broken.words)
        BOOST_TEST(message.find(word) != std::string::npos, "lacks " << word);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

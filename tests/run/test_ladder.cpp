// Every kind of flow beside the population and SGD: which rows there are, and what their errors
// are.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/experiment/read.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/difference.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/results/record.hpp"
#include "popflow/results/results.hpp"
#include "popflow/run/run.hpp"
#include "popflow/run/run_flow.hpp"
#include "popflow/run/run_ladder.hpp"

#include "good_experiment.hpp"
#include "npy_file.hpp"
#include "random_values.hpp"
#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(ladder)

using namespace popflow;

namespace {

const std::vector<std::string> all_rows{"population", "quartic",     "gaussian",   "edgeworth",
                                        "kurtosis",   "conditional", "latent 1",   "latent 2",
                                        "latent 3",   "sgd",         "sgd quartic"};

constexpr const char* samples_experiment = R"([lattice]
shape = [12]
[[class]]
label = 1
input = { model = "samples", file = "fields.npy" }
[[class]]
label = -1
input = { model = "gp", correlation_length = 1.0 }
[network]
bias = -1.0
[flow]
t_end = 1.0
snapshots = 3
)";

// On a ring of 12, with weights of order one so that the closures differ.
Experiment small_experiment(const std::vector<std::string>& overrides = {}) {
  Experiment experiment =
      read_experiment(ExperimentSource{"good.toml", good_experiment, "."}, overrides);
  experiment.network.initial_scale = 1.0;
  experiment.flow->samples = 50;
  experiment.flow->runs = 3;
  return experiment;
}

Ladder ladder_of(const Experiment& experiment) {
  std::optional<Ladder> ladder = run_ladder(experiment);
  BOOST_REQUIRE(ladder.has_value());
  return *ladder;
}

const LadderRow& row_of(const Ladder& ladder, std::string_view name) {
  const LadderRow* const row = ladder.row(std::string(name));
  BOOST_REQUIRE_MESSAGE(row, name);
  return *row;
}

std::vector<std::string> names_of(const Ladder& ladder) {
  std::vector<std::string> names;
  for (const LadderRow& row : ladder.rows) names.push_back(row.name);
  return names;
}

bool all_nan(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

Experiment with_kind(Experiment experiment, const std::string& kind) {
  experiment.flow->kind = kind;
  return experiment;
}

bool same_numbers(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

bool same_errors(const LadderErrors& a, const LadderErrors& b) {
  return same_numbers(a.distance, b.distance) && same_numbers(a.error, b.error) &&
         same_numbers(a.standard_error, b.standard_error);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_kind_runs_from_the_same_weights_at_the_same_times) {
  const Experiment experiment = small_experiment();
  const Ladder found = ladder_of(experiment);
  BOOST_TEST(found.failure() == "");
  std::vector<std::string> names = names_of(found), expected = all_rows;
  BOOST_TEST(names.front() == "population");
  std::sort(names.begin(), names.end());
  std::sort(expected.begin(), expected.end());
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST((found.time == snapshot_times(*experiment.flow)));
  for (const LadderRow& row : found.rows) BOOST_TEST_CONTEXT(row.name) {
      BOOST_TEST(row.reason == "");
      BOOST_REQUIRE(row.weights.size() == found.time.size());
      BOOST_TEST((row.weights.front() - initial_weights(experiment)).norm() <
                 1e-12);  // but for the rounding of a mean and of a Fourier transform
      BOOST_TEST(row.reached_end());
      BOOST_TEST(row.tau == found.time.back());
      BOOST_TEST(row.evaluations > 0);
      BOOST_TEST(row.seconds > 0.0);
    }
}

BOOST_AUTO_TEST_CASE(errors_are_those_of_a_comparison_by_hand) {
  const Experiment experiment = small_experiment({"network.hidden=2", "network.bias=[-1.0, 1.0]"});
  const Ladder found = ladder_of(experiment);
  const Results orbit = run_flow(with_kind(experiment, "orbit")).results,
                gaussian = run_flow(with_kind(experiment, "gaussian")).results;
  const LadderRow& row = row_of(found, "gaussian");
  const auto R = static_cast<double>(orbit.runs.size());
  BOOST_TEST(R == 3.0);
  for (std::size_t n = 1; n < found.time.size(); ++n)
    for (int k = -1; k < 2; ++k) {  // -1: both neurons
      const auto chosen = [k](const Weights& u) { return k < 0 ? u : Weights(u.row(k)); };
      Weights mean = Weights::Zero(k < 0 ? 2 : 1, 12);
      for (const auto& run : orbit.runs) mean += chosen(run[n]) / R;
      double squares = 0.0;
      for (const auto& run : orbit.runs) squares += (chosen(run[n]) - mean).squaredNorm();
      const double distance = (chosen(gaussian.runs[0][n]) - mean).norm() / mean.norm(),
                   noise = std::sqrt(squares / (R * (R - 1.0))) / mean.norm();
      const LadderErrors& errors =
          k < 0 ? row.population : row.neurons[static_cast<std::size_t>(k)];
      const auto close = boost::test_tools::tolerance(1e-6);  // of the integrator, in another file
      BOOST_TEST(errors.distance[n] == distance, close);
      BOOST_TEST(errors.standard_error[n] == noise, close);
      BOOST_TEST(errors.error[n] == std::sqrt(std::max(0.0, distance * distance - noise * noise)),
                 boost::test_tools::tolerance(1e-5));
      BOOST_TEST(row_of(found, "population").population.standard_error[n] > 0.0);
    }
  BOOST_TEST(row.population.error[0] < 1e-12);  // all start alike, but for the rounding of a mean
}

BOOST_AUTO_TEST_CASE(a_kind_that_does_not_apply_says_why) {
  const Ladder found = ladder_of(small_experiment({"network.hidden=2"}));
  BOOST_TEST(found.failure() == "");
  for (const char* name : {"quartic", "kurtosis", "conditional", "sgd quartic"}) {
    const LadderRow& row = row_of(found, name);
    BOOST_TEST(!row.applies());
    BOOST_TEST(row.reason.find("network.hidden") != std::string::npos, row.reason);
    BOOST_TEST(row.weights.empty());
    BOOST_TEST(all_nan(row.population.error));
  }
  for (const char* name : {"gaussian", "edgeworth", "latent 1", "sgd"})
    BOOST_TEST(row_of(found, name).reached_end());
}

BOOST_AUTO_TEST_CASE(samples_have_no_latent_directions) {
  const ScratchFolder folder;
  folder.write("fields.npy",
               test::npy_file_of(test::random_values(240, 1).reshaped(12, 20), "20, 12"));
  const Experiment experiment = read_experiment(
      ExperimentSource{"samples.toml", samples_experiment, folder.path("")}, {"flow.samples=50"});
  const Ladder found = ladder_of(experiment);
  for (const char* name : {"conditional", "latent 1", "latent 2", "latent 3"})
    BOOST_TEST(row_of(found, name).reason.find("class.0.input.model") != std::string::npos);
  for (const char* name : {"quartic", "gaussian", "edgeworth", "kurtosis", "sgd", "sgd quartic"})
    BOOST_TEST(row_of(found, name).applies());
}

// Of eight runs. In the worst case, noise along one direction, the ratio is Student's t with seven
// degrees of freedom: above 5 at one of two snapshots for one seed in 300.
BOOST_AUTO_TEST_CASE(gaussian_inputs_leave_the_gaussian_closure_no_error) {
  Experiment experiment =
      small_experiment({"class.0.input.model=gp-clone", "class.1.input.model=gp-clone"});
  experiment.flow->runs = 8;
  const Ladder found = ladder_of(experiment);
  for (const char* name : {"gaussian", "edgeworth", "kurtosis", "conditional", "latent 1"})
    for (std::size_t n = 1; n < found.time.size(); ++n) {
      const LadderErrors& errors = row_of(found, name).population;
      BOOST_TEST(errors.distance[n] < 5.0 * errors.standard_error[n], name);
    }
  // The quartic loss is another one, and far off at weights of order one.
  const LadderErrors& quartic = row_of(found, "quartic").population;
  BOOST_TEST(quartic.error.back() > 5.0 * quartic.standard_error.back());
}

// Its steps are so short that their bias is far below the noise of eight runs; false alarms as
// above.
BOOST_AUTO_TEST_CASE(sgd_on_the_quartic_loss_follows_the_quartic_flow) {
  Experiment experiment = small_experiment();
  experiment.sgd->learning_rate = 0.01;
  experiment.sgd->batch = 20;
  experiment.sgd->runs = 8;
  const Ladder found = ladder_of(experiment);
  const LadderRow& row = row_of(found, "sgd quartic");
  BOOST_REQUIRE(row.quartic.distance.size() == found.time.size());
  for (std::size_t n = 1; n < found.time.size(); ++n) {
    BOOST_TEST(row.quartic.standard_error[n] > 0.0);
    BOOST_TEST(row.quartic.distance[n] < 5.0 * row.quartic.standard_error[n]);
  }
  BOOST_TEST(row_of(found, "sgd").quartic.distance.empty());
}

BOOST_AUTO_TEST_CASE(sgd_trains_the_networks_own_loss_whatever_the_file_says) {
  Experiment experiment = small_experiment({"sgd.gradient=quartic", "sgd.t_end=77"});
  const Ladder quartic = ladder_of(experiment);
  experiment.sgd->gradient = SampleGradient::network;
  const Ladder own = ladder_of(experiment);
  BOOST_TEST((row_of(quartic, "sgd").weights.back() == row_of(own, "sgd").weights.back()));
  BOOST_TEST((row_of(own, "sgd").weights.back() != row_of(own, "sgd quartic").weights.back()));
  BOOST_TEST(row_of(quartic, "sgd").runs == 2);  // the file's one has no standard error
  experiment.sgd.reset();
  BOOST_TEST(row_of(ladder_of(experiment), "sgd").runs == 4);
}

BOOST_AUTO_TEST_CASE(a_step_of_sgd_fits_between_two_snapshots) {
  Experiment experiment = small_experiment({"flow.t_first=0.01"});
  BOOST_TEST(
      row_of(ladder_of(experiment), "sgd").reason.find("sgd.learning_rate must be at most") == 0u);
  experiment.sgd->learning_rate = 0.01;
  BOOST_TEST(row_of(ladder_of(experiment), "sgd").reached_end());
  experiment.sgd.reset();  // the default, 0.05, is cut
  BOOST_TEST(row_of(ladder_of(experiment), "sgd").reached_end());
}

BOOST_AUTO_TEST_CASE(a_closure_that_diverges_is_a_result) {
  const Ladder found = ladder_of(small_experiment({"network.bias=-2", "flow.t_end=4"}));
  const LadderRow& row = row_of(found, "quartic");
  BOOST_REQUIRE(row.stop_reason == "not_finite");
  BOOST_TEST(row.tau < found.time.back());
  BOOST_TEST(row.weights.size() < found.time.size());
  BOOST_TEST(std::isnan(row.population.error.back()));
  BOOST_TEST(found.failure().find("quartic") != 0u);
}

BOOST_AUTO_TEST_CASE(an_interruption_keeps_the_rows_that_were_done) {
  bool stop = false;
  RunHooks hooks;
  hooks.interrupted = [&stop] { return stop; };
  hooks.stage = [&stop](const std::string& what) { stop = stop || what.starts_with("gaussian"); };
  const auto later = run_ladder(small_experiment(), hooks);
  BOOST_REQUIRE(later.has_value());
  BOOST_TEST(later->stop_reason == "interrupted");
  BOOST_TEST(row_of(*later, "population").reached_end());
  for (const char* name : {"gaussian", "latent 3", "sgd", "sgd quartic"}) {
    BOOST_TEST(row_of(*later, name).stop_reason == "interrupted");
    BOOST_TEST(row_of(*later, name).weights.empty());
  }
  BOOST_TEST(later->failure().find("interrupted") != std::string::npos);
  hooks.interrupted = [] { return true; };
  BOOST_TEST(!run_ladder(small_experiment(), hooks).has_value());
}

BOOST_AUTO_TEST_CASE(without_a_population_there_is_no_ladder) {
  BOOST_CHECK_THROW(run_ladder(small_experiment({"network.kernel=[5]"})), InvalidExperiment);
  Experiment without_flow = small_experiment();
  without_flow.flow.reset();
  BOOST_CHECK_THROW(run_ladder(without_flow), InvalidExperiment);
}

BOOST_AUTO_TEST_CASE(a_file_holds_all_of_it) {
  const ScratchFolder folder;
  Ladder written = ladder_of(small_experiment({"network.hidden=2", "lattice.shape=[3, 4]"}));
  written.provenance.command_line = "popflow ladder good.toml";
  const std::string file = folder.path("ladder.nc");
  write_ladder(file, written);
  BOOST_TEST(holds_ladder(file));
  BOOST_TEST(read_record(file).kind == "ladder");
  const Ladder read = read_ladder(file);
  BOOST_TEST((read.torus == written.torus));
  BOOST_TEST((read.time == written.time));
  BOOST_TEST(read.hidden == 2);
  BOOST_TEST(read.provenance.command_line == written.provenance.command_line);
  BOOST_TEST(names_of(read) == names_of(written), boost::test_tools::per_element());
  for (const LadderRow& row : written.rows) BOOST_TEST_CONTEXT(row.name) {
      const LadderRow& again = row_of(read, row.name);
      BOOST_TEST(again.reason == row.reason);
      BOOST_TEST(again.stop_reason == row.stop_reason);
      BOOST_TEST((again.weights == row.weights));
      BOOST_TEST((again.ipr == row.ipr));
      if (row.weights.empty()) continue;
      BOOST_TEST(again.evaluations == row.evaluations);
      BOOST_TEST(again.seconds == row.seconds);
      BOOST_TEST(same_errors(again.population, row.population));
      BOOST_TEST(same_errors(again.aligned, row.aligned));
      for (std::size_t k = 0; k < 2; ++k) BOOST_TEST(same_errors(again.neurons[k], row.neurons[k]));
    }
  BOOST_CHECK_THROW(read_results(file), InvalidResults);
}

BOOST_AUTO_TEST_CASE(how_long_it_took_is_no_difference) {
  const ScratchFolder folder;
  Ladder ladder = ladder_of(small_experiment());
  write_ladder(folder.path("a.nc"), ladder);
  ladder.rows[1].seconds += 1.0;
  write_ladder(folder.path("b.nc"), ladder);
  BOOST_TEST(difference(folder.path("a.nc"), folder.path("b.nc")).same());
  ladder.rows[1].weights.back()(0, 0) += 1e-9;
  write_ladder(folder.path("b.nc"), ladder);
  BOOST_TEST(!difference(folder.path("a.nc"), folder.path("b.nc")).same());
}

BOOST_AUTO_TEST_CASE(rows_of_other_shapes_are_not_written) {
  const ScratchFolder folder;
  Ladder ladder = ladder_of(small_experiment());
  ladder.rows[2].weights.back() = Weights::Zero(1, 5);
  BOOST_CHECK_THROW(write_ladder(folder.path("a.nc"), ladder), std::invalid_argument);
  BOOST_TEST(!std::filesystem::exists(folder.path("a.nc")));
}

BOOST_AUTO_TEST_SUITE_END()

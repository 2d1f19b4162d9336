// What every verb prints and writes, and how it ends.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>

#include <boost/test/unit_test.hpp>
#include <netcdf>
#include <nlohmann/json.hpp>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/experiment/decomposition.hpp"
#include "popflow/experiment/flow_gradient.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/experiment/results.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/input/empirical_field.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/measure/alignment.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

#include "good_experiment.hpp"
#include "npy_file.hpp"
#include "program.hpp"
#include "random_values.hpp"

using namespace popflow;

namespace {

/// A folder with the good experiment, and what the program makes of it.
struct Workplace : ScratchFolder {
  Workplace() { write("good.toml", good_experiment); }

  // The object that --json prints, and nothing else.
  nlohmann::json json(const std::string& arguments, int status = 0) const {
    const ProgramRun run = run_popflow(*this, arguments + " --json");
    BOOST_TEST_CONTEXT("popflow " << arguments << ": " << run.err) {
      BOOST_TEST(run.status == status);
      BOOST_TEST(run.err.empty() == (status == 0));
    }
    return nlohmann::json::parse(run.out);
  }

  // What `plot` does with a shell script in gnuplot's place.
  ProgramRun plot_by(const std::string& script, const std::string& prefix = "") const {
    std::filesystem::create_directory(path("bin"));
    write("bin/gnuplot", "#!/bin/sh\n" + script);
    std::filesystem::permissions(path("bin/gnuplot"), std::filesystem::perms::owner_all);
    return run_popflow(*this, "plot flow.nc -o a.svg", "PATH=\"$PWD/bin:$PATH\" " + prefix);
  }

  Experiment experiment() const { return read_experiment(path("good.toml")); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(program, Workplace, *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(init_writes_an_experiment_that_runs) {
  const ProgramRun written = run_popflow(*this, "init first.toml");
  BOOST_TEST(written.status == 0);
  BOOST_TEST(written.out.find("popflow flow first.toml -o flow.nc") != std::string::npos);
  BOOST_TEST(read("first.toml").starts_with("# One neuron"));
  json("stability first.toml");
  json(
      "flow first.toml -o flow.nc --set flow.t_end=1 --set lattice.shape=[16] --set "
      "class.0.input.correlation_length=2");
  const std::string before = read("first.toml");
  const ProgramRun again = run_popflow(*this, "init first.toml");
  BOOST_TEST(again.status == 2);
  BOOST_TEST(again.err ==
             "popflow: first.toml: is there already: name another file, or remove it\n");
  BOOST_TEST(read("first.toml") == before);
}

BOOST_AUTO_TEST_CASE(every_verb_has_an_example) {
  const std::string help = run_popflow(*this, "--help").out;
  int verbs = 0;
  std::istringstream lines(help.substr(help.find("Subcommands:")));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string verb;
    // A verb stands two columns in; what it does continues far to the right.
    if (!line.starts_with("  ") || line[2] == ' ' || !(words >> verb)) continue;
    const std::string own = run_popflow(*this, verb + " --help").out;
    BOOST_TEST(own.find("Example: popflow " + verb + " ") != std::string::npos, own);
    ++verbs;
  }
  BOOST_TEST(verbs == 12);
}

BOOST_AUTO_TEST_CASE(moments_are_those_of_the_class) {
  const nlohmann::json object = json("moments good.toml --class 1 --at 1,3,4");
  const Input input = experiment().task[1].input;
  const Field covariance = input.covariance();
  BOOST_TEST(object["covariance"] == (std::vector{covariance[1], covariance[3], covariance[4]}));
  BOOST_TEST(object["fourth_moment"] == input.four_point(1, 3, 4));
  BOOST_TEST(object["fourth_cumulant"] == fourth_cumulant(input)(1, 3, 4));
  BOOST_TEST(object["fourth_moment_error"] == 0.0);
}

BOOST_AUTO_TEST_CASE(moments_of_samples_have_standard_errors) {
  const Eigen::MatrixXd fields = test::random_values(60, 1).reshaped(12, 5);
  write("x.npy", test::npy_file_of(fields, "5, 12"));
  const std::string samples =
      "moments good.toml --at 1,3,4 --set 'class.0.input={model=\"samples\", file=\"x.npy\"}'";
  const EmpiricalField law(Torus({12}), fields);
  const nlohmann::json object = json(samples);
  BOOST_TEST(object["fourth_moment"] == law.four_point(1, 3, 4));
  BOOST_TEST(object["fourth_moment_error"] == law.four_point_error(1, 3, 4));
  BOOST_TEST(object["covariance_error"][1] == law.covariance_error(3));
  BOOST_TEST(run_popflow(*this, samples).out.find("standard errors") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(stability_gives_the_rate_of_every_mode) {
  const Experiment ring = experiment();
  const Field rates =
      full_spectrum(ring.torus(), growth_rate(ring.task, single_neuron(ring), ring.network.loss));
  const nlohmann::json object = json("stability good.toml");
  BOOST_TEST(object["growth_rate"] == std::vector<double>(rates.begin(), rates.end()));
  Eigen::Index fastest = 0;
  rates.maxCoeff(&fastest);
  BOOST_TEST(object["fastest_mode"] == fastest);
  BOOST_TEST(object["fastest_wave_vector"] == std::vector{fastest});

  const nlohmann::json torus = json(
      "stability good.toml --set lattice.shape=[4,5] --set class.1.input.correlation_length=0.5");
  const int mode = torus["fastest_mode"];
  BOOST_TEST(torus["growth_rate"].size() == 20u);
  BOOST_TEST(torus["fastest_wave_vector"] == (std::vector{mode / 5, mode % 5}));
}

BOOST_AUTO_TEST_CASE(flow_writes_what_it_prints) {
  const nlohmann::json object = json("flow good.toml -o a.nc");
  const Results results = read_results(path("a.nc"));
  const Weights& end = results.runs.front().back();
  BOOST_TEST(object["stop_reason"] == "reached_end");
  BOOST_TEST(object["t"] == 1.0);
  BOOST_TEST(object["norm"] == std::vector{end.row(0).norm()});
  BOOST_TEST(object["ipr"] == std::vector{inverse_participation_ratio(end.row(0).transpose())});
  BOOST_TEST(object["seconds"].is_number());

  BOOST_TEST(results.kind == "flow");
  BOOST_TEST(results.stop_reason == "reached_end");
  BOOST_TEST(results.seed == 7u);
  BOOST_TEST(results.experiment == good_experiment);
  BOOST_TEST(results.provenance.command_line == "popflow flow good.toml -o a.nc --json");
  BOOST_TEST(results.time == (std::vector{0.0, 0.5, 1.0}), boost::test_tools::per_element());
  BOOST_TEST((results.runs.front().front() - initial_weights(experiment())).norm() < 1e-15);
}

BOOST_AUTO_TEST_CASE(sgd_starts_where_the_flow_does_and_keeps_every_run) {
  const nlohmann::json object =
      json("sgd good.toml -o a.nc --set sgd.runs=3 --set sgd.gradient=quartic");
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(object["stop_reason"] == "reached_end");
  BOOST_TEST(object["t"] == 1.0);
  BOOST_TEST(object["runs"] == 3);
  BOOST_TEST(object["steps"] == 60);
  BOOST_TEST(object["norm"] == std::vector{results.runs.front().back().row(0).stableNorm()});
  BOOST_TEST(results.kind == "sgd");
  BOOST_TEST(results.overrides == "sgd.runs=3\nsgd.gradient=quartic");
  BOOST_TEST(results.runs.size() == 3u);
  for (const std::vector<Weights>& run : results.runs)
    BOOST_TEST((run.front() == initial_weights(experiment())));
  BOOST_TEST((results.runs[1].back() != results.runs[2].back()));
}

BOOST_AUTO_TEST_CASE(compare_is_of_the_mean_with_its_standard_error) {
  json("flow good.toml -o a.nc --set flow.snapshots=5");
  json("sgd good.toml -o b.nc --set sgd.runs=4");
  const nlohmann::json object = json("compare a.nc b.nc");
  BOOST_TEST(object["t"] == (std::vector{0.0, 0.5, 1.0}));
  BOOST_TEST(object["skipped"] == 2);
  BOOST_TEST(object["runs"] == 4);

  const Results a = read_results(path("a.nc")), b = read_results(path("b.nc"));
  const Weights theory = a.runs.front().back();
  Eigen::MatrixXd runs(12, 4), aligned(12, 4);
  FourierTransform fourier(a.torus);
  for (Eigen::Index r = 0; r < 4; ++r) {
    runs.col(r) = b.runs[static_cast<std::size_t>(r)].back().row(0).transpose();
    aligned.col(r) = align(fourier, runs.col(r), theory.row(0).transpose()).aligned;
  }
  const Field mean = runs.rowwise().mean();
  const double variance = (runs.colwise() - mean).squaredNorm() / 3.0;
  const auto expected = [&](const Field& field) {
    return (field.transpose() - theory).norm() / theory.norm();
  };
  // Sums in another order: a few roundings of numbers of order one.
  const auto close = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(object["relative_error"][2].get<double>() == expected(mean), close);
  BOOST_TEST(object["standard_error"][2].get<double>() == std::sqrt(variance / 4) / theory.norm(),
             close);
  BOOST_TEST(object["aligned_error"][2].get<double>() == expected(aligned.rowwise().mean()), close);
}

BOOST_AUTO_TEST_CASE(compare_of_a_file_with_itself_is_zero_without_standard_error) {
  json("flow good.toml -o a.nc");
  const nlohmann::json object = json("compare a.nc a.nc");
  BOOST_TEST(object["relative_error"] == (std::vector{0.0, 0.0, 0.0}));
  BOOST_TEST(object["standard_error"] == nlohmann::json({nullptr, nullptr, nullptr}));
  for (const double error : object["aligned_error"]) BOOST_TEST(error < 1e-14);
}

BOOST_AUTO_TEST_CASE(times_without_partner_are_refused) {
  json("flow good.toml -o a.nc");
  json("sgd good.toml -o b.nc --set sgd.t_end=0.3");
  Results late = read_results(path("b.nc"));
  for (double& tau : late.time) tau += 0.01;
  write_results(path("c.nc"), late);
  const ProgramRun run = run_popflow(*this, "compare a.nc c.nc");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err == "popflow: a.nc and c.nc: have no snapshot time in common\n");
}

BOOST_AUTO_TEST_CASE(quiet_prints_nothing_and_no_output_writes_nothing) {
  for (const std::string arguments :
       {"flow good.toml", "sgd good.toml", "stability good.toml", "moments good.toml --at 1,2,3"}) {
    BOOST_TEST(!run_popflow(*this, arguments).out.empty());
    const ProgramRun run = run_popflow(*this, arguments + " --quiet");
    BOOST_TEST(run.status == 0);
    BOOST_TEST(run.out.empty());
    BOOST_TEST(run.err.empty());
  }
  BOOST_TEST(names() == std::set<std::string>{"good.toml"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_flow_out_of_steps_fails_and_keeps_what_it_has) {
  const nlohmann::json object = json("flow good.toml -o a.nc --set flow.step_limit=3", 1);
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(object["stop_reason"] == "step_limit");
  BOOST_TEST(object["t"].get<double>() < 1.0);
  BOOST_TEST(results.stop_reason == "step_limit");
  BOOST_TEST(results.time.back() == object["t"].get<double>());
}

BOOST_AUTO_TEST_CASE(a_stationary_flow_ends_early_with_its_last_state) {
  const nlohmann::json object =
      json("flow good.toml -o a.nc --set flow.stationary_rate=1e-6 --set flow.t_end=1e6");
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(object["stop_reason"] == "stationary");
  BOOST_TEST(object["t"].get<double>() < 1e6);
  BOOST_TEST(results.time.back() == object["t"].get<double>());
}

BOOST_AUTO_TEST_CASE(fixed_point_is_where_the_flow_ends) {
  for (const std::string kind : {"quartic", "gaussian"}) {
    const nlohmann::json object =
        json("fixed-point good.toml -o a.nc --set flow.t_end=50 --set flow.kind=" + kind);
    const Results results = read_results(path("a.nc"));
    BOOST_TEST(object["stop_reason"] == "converged");
    BOOST_TEST(object["residual"].get<double>() <= 1e-12);
    BOOST_TEST(object["unstable"] == 0);
    BOOST_TEST(object["growth_rate"].size() == 12U);
    BOOST_TEST(object["translation"].size() <= 1U);
    BOOST_TEST(results.kind == "fixed_point");
    BOOST_TEST(results.stop_reason == "converged");
    BOOST_TEST(object["norm"] == std::vector{results.runs.front().back().row(0).stableNorm()});
    // The slowest direction, the translation on these few sites, takes 500 units of tau.
    const nlohmann::json later =
        json("flow good.toml --set flow.t_end=20000 --set flow.kind=" + kind);
    BOOST_TEST(object["norm"][0].get<double>() == later["norm"][0].get<double>(),
               boost::test_tools::tolerance(1e-6));
  }
}

BOOST_AUTO_TEST_CASE(a_fixed_point_of_what_is_sampled_is_refused) {
  const ProgramRun run = run_popflow(*this, "fixed-point good.toml --set flow.kind=orbit");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err.find("flow.kind") != std::string::npos);
  BOOST_TEST(run.out.empty());
}

BOOST_AUTO_TEST_CASE(orbit_flow_gives_runs_with_standard_errors) {
  const nlohmann::json object = json(
      "flow good.toml -o a.nc --set flow.kind=orbit --set flow.samples=50 --set flow.runs=3 "
      "--set network.hidden=2 --set network.second_layer_rate=1");
  BOOST_TEST(object["stop_reason"] == "reached_end");
  BOOST_TEST(object["runs"] == 3);
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(results.runs.size() == 3U);
  BOOST_TEST((results.runs[0].front() == results.runs[2].front()));
  BOOST_TEST((results.runs[0].back() != results.runs[2].back()));
  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  std::vector<double> error(3 * 2 * 12), second(3 * 2);
  file.getVar("weights_error").getVar(error.data());
  file.getVar("second_layer").getVar(second.data());
  double mean = 0.0, squares = 0.0;
  for (const auto& run : results.runs) mean += run.back()(1, 11) / 3.0;
  for (const auto& run : results.runs) squares += std::pow(run.back()(1, 11) - mean, 2);
  BOOST_TEST(std::abs(error.back() - std::sqrt(squares / 6.0)) < 1e-15);
  BOOST_TEST(second.front() == 1.0);
  BOOST_TEST(second.back() != 1.0);
}

BOOST_AUTO_TEST_CASE(closed_form_flows_move_all_that_learns) {
  const nlohmann::json object = json(
      "flow good.toml -o a.nc --set flow.kind=gaussian --set network.hidden=2 "
      "--set network.bias_rate=0.5 --set network.second_layer_rate=1 --set network.l2=0.1");
  BOOST_TEST(object["stop_reason"] == "reached_end");
  BOOST_TEST(object["t"] == 1.0);
  BOOST_TEST(object["evaluations"].get<int>() > 6);
  BOOST_TEST(!object.contains("cumulant_error"));
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(results.time == (std::vector{0.0, 0.5, 1.0}), boost::test_tools::per_element());
  BOOST_TEST(!results.cumulant_error.has_value());

  // The same from the library.
  const Experiment same = read_experiment(
      path("good.toml"), {"flow.kind=gaussian", "network.hidden=2", "network.bias_rate=0.5",
                          "network.second_layer_rate=1", "network.l2=0.1"});
  Parameters parameters = initial_parameters(same);
  GradientFlow flow(flow_gradient(same, flow_spec(same)).gradient, parameters,
                    same.network.learning);
  integrate(flow, parameters.values, snapshot_times(flow_spec(same)),
            [](const Eigen::VectorXd&, double) {});
  BOOST_TEST((results.runs.front().back() == parameters.first()));
  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  std::vector<double> bias(3 * 2), second(3 * 2);
  file.getVar("bias").getVar(bias.data());
  file.getVar("second_layer").getVar(second.data());
  for (std::size_t k = 0; k < 2; ++k) {
    BOOST_TEST(bias[k] == -1.0);
    BOOST_TEST(bias[4 + k] == parameters.bias()[static_cast<Eigen::Index>(k)]);
    BOOST_TEST(bias[4 + k] != -1.0);
    BOOST_TEST(second[4 + k] == parameters.second()[static_cast<Eigen::Index>(k)]);
    BOOST_TEST(second[4 + k] != 1.0);
  }
}

BOOST_AUTO_TEST_CASE(every_kind_of_flow_runs) {
  for (const std::string kind : {"gaussian", "edgeworth", "kurtosis", "conditional", "latent"}) {
    const nlohmann::json object =
        json("flow good.toml -o a.nc --set flow.kind=" + kind + " --set flow.t_end=0.1");
    BOOST_TEST(object["stop_reason"] == "reached_end");
    const bool cumulants = kind == "edgeworth" || kind == "kurtosis";
    BOOST_TEST(object.contains("cumulant_error") == cumulants);
    const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
    BOOST_TEST((file.getAtts().count("cumulant_error") == 1) == cumulants);
  }
}

BOOST_AUTO_TEST_CASE(a_closed_form_flow_out_of_steps_keeps_what_it_has) {
  const nlohmann::json object =
      json("flow good.toml -o a.nc --set flow.kind=gaussian --set flow.step_limit=3", 1);
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(object["stop_reason"] == "step_limit");
  BOOST_TEST(object["t"].get<double>() < 1.0);
  BOOST_TEST(results.time.back() == object["t"].get<double>());
  BOOST_TEST((results.runs.front().back() != results.runs.front().front()));
}

BOOST_AUTO_TEST_CASE(sgd_measures_losses_kurtoses_and_fields) {
  json("sgd good.toml -o a.nc --set network.hidden=2 --set sgd.samples=40");
  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  for (const std::string name :
       {"bias", "second_layer", "test_loss", "test_loss_error", "test_accuracy", "train_loss",
        "train_accuracy", "kurtosis", "kurtosis_error", "localised_fraction", "tiling_ratio",
        "tiling_p"})
    BOOST_TEST(!file.getVar(name).isNull(), name);
  std::vector<double> accuracy(3), kurtosis(3 * 2 * 2);
  file.getVar("test_accuracy").getVar(accuracy.data());
  file.getVar("kurtosis").getVar(kurtosis.data());
  // NLGP inputs are flatter than Gaussian ones, whatever the weights.
  for (const double k : kurtosis) BOOST_TEST(k < 0.0);
  for (const double a : accuracy) BOOST_TEST((a > 0.0 && a < 1.0));
  json("sgd good.toml -o b.nc --set sgd.test_samples=0");
  BOOST_TEST(netCDF::NcFile(path("b.nc"), netCDF::NcFile::read).getVar("test_loss").isNull());
}

BOOST_AUTO_TEST_CASE(a_convolution_is_trained_and_drawn_over_the_lattice) {
  json("sgd good.toml -o a.nc --set network.hidden=2 --set network.kernel=[5]");
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(results.runs.front().back().cols() == 12);
  BOOST_TEST(results.runs.front().back().rightCols(7).norm() == 0.0);
  BOOST_TEST(results.runs.front().back().leftCols(5).norm() > 0.0);
}

// One site of twelve would pass for localised, and kernels lie at no place that could tile.
BOOST_AUTO_TEST_CASE(short_kernels_are_not_localised_and_tile_nothing) {
  json("sgd good.toml -o a.nc --set network.hidden=2 --set network.kernel=[1]");
  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  std::vector<double> fraction(3);
  file.getVar("localised_fraction").getVar(fraction.data());
  for (const double f : fraction) BOOST_TEST(f == 0.0);
  BOOST_TEST(file.getVar("tiling_ratio").isNull());
}

BOOST_AUTO_TEST_CASE(a_diverging_run_fails_and_keeps_what_it_has) {
  const nlohmann::json object = json(
      "sgd good.toml -o a.nc --set sgd.learning_rate=1e9 --set sgd.t_end=1e9 "
      "--set sgd.gradient=quartic --set network.initial_scale=1e60 --set sgd.snapshots=5",
      1);
  BOOST_TEST(object["stop_reason"] == "not_finite");
  BOOST_TEST(read_results(path("a.nc")).stop_reason == "not_finite");
  const ProgramRun shown = run_popflow(*this, "sgd good.toml --set network.initial_scale=1e60");
  BOOST_TEST(shown.out.find("e+") != std::string::npos, shown.out);
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_keeps_what_it_has) {
  // Ten million steps: far longer than the signal takes, which comes after a second.
  const ProgramRun run = run_popflow(
      *this, "sgd good.toml -o a.nc --json --set sgd.t_end=5e5 --set sgd.snapshots=1000000",
      "timeout --preserve-status --kill-after=60 --signal=INT 1");
  BOOST_TEST(run.status == 1);
  BOOST_TEST(nlohmann::json::parse(run.out)["stop_reason"] == "interrupted");
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(results.stop_reason == "interrupted");
  BOOST_TEST(results.time.back() < 5e5);
  BOOST_TEST(names() == (std::set<std::string>{"a.nc", "a.nc.checkpoint", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(plot_draws_curves_and_maps) {
  const std::string torus =
      " --set lattice.shape=[4,3] --set class.1.input.wrapping=periodised --quiet";
  json("flow good.toml -o flow.nc");
  json("sgd good.toml -o sgd.nc --set sgd.runs=2");
  BOOST_TEST(run_popflow(*this, "flow good.toml -o torus.nc" + torus).status == 0);
  const ProgramRun drawn = run_popflow(*this, "plot flow.nc sgd.nc -o a.svg");
  BOOST_TEST(drawn.status == 0);
  BOOST_TEST(drawn.err.empty());
  const std::string svg = read("a.svg");
  for (const std::string label :
       {"site", "flow time tau", "inverse participation ratio", "flow", "sgd (2 runs)", "tau = 1"})
    BOOST_TEST(svg.find(label) != std::string::npos, "no " << label);
  BOOST_TEST(run_popflow(*this, "plot torus.nc -o b.png").status == 0);
  BOOST_TEST(read("b.png").substr(1, 3) == "PNG");
  BOOST_TEST(names() == (std::set<std::string>{"a.svg", "b.png", "flow.nc", "good.toml", "sgd.nc",
                                               "torus.nc"}),
             boost::test_tools::per_element());
}

// One bump, once more at another place and of the other sign: the mean of both would be two.
BOOST_AUTO_TEST_CASE(plot_aligns_runs_that_differ_in_place) {
  Results results;
  results.kind = "sgd";
  results.stop_reason = "reached_end";
  results.torus = Torus({12});
  results.time = {0.0, 1.0};
  Weights bump = Weights::Zero(1, 12), other = bump;
  bump.row(0).segment(2, 3) << 0.5, 1.0, 0.25;
  other.row(0).segment(8, 3) = -bump.row(0).segment(2, 3);
  results.runs = {{bump, bump}, {other, other}};
  write_results(path("flow.nc"), results);
  BOOST_TEST(plot_by("cat >script").status == 0);
  const std::string script = read("script");
  BOOST_TEST(script.find("tau = 1, runs aligned") != std::string::npos);
  for (const std::string row : {"\n2 0.5 0.5 0.5\n", "\n3 1 1 1\n", "\n4 0.25 0.25 0.25\n"})
    BOOST_TEST(script.find(row) != std::string::npos, "no " << row);

  results.runs[1] = results.runs[0];
  write_results(path("flow.nc"), results);
  BOOST_TEST(plot_by("cat >script").status == 0);
  BOOST_TEST(read("script").find("aligned") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_gnuplot_a_plot_fails_and_says_so) {
  json("flow good.toml -o flow.nc");
  const ProgramRun run = run_popflow(*this, "plot flow.nc -o a.svg", "PATH=/nowhere");
  BOOST_TEST(run.status == 1);
  BOOST_TEST(run.err ==
             "popflow: gnuplot is not installed: figures need it (Debian: gnuplot-nox)\n");
  BOOST_TEST(names() == (std::set<std::string>{"flow.nc", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_gnuplot_complains_of_is_passed_on) {
  json("flow good.toml -o flow.nc");
  const ProgramRun loud = plot_by(
      "cat >/dev/null; printf '\\ngnuplot> set x\\n   ^\\n  no such font\\nmore\\n' >&2; exit 3");
  BOOST_TEST(loud.status == 1);
  BOOST_TEST(loud.err == "popflow: gnuplot failed with status 3: no such font\n");
  const ProgramRun silent = plot_by("exit 4");
  BOOST_TEST(silent.status == 1);
  BOOST_TEST(silent.err == "popflow: gnuplot failed with status 4\n");
  const ProgramRun killed = plot_by("kill -KILL $$");
  BOOST_TEST(killed.status == 1);
  BOOST_TEST(killed.err == "popflow: gnuplot was ended by a signal (Killed)\n");
  BOOST_TEST(names() == (std::set<std::string>{"bin", "flow.nc", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_interrupted_plot_leaves_nothing) {
  json("flow good.toml -o flow.nc");
  // The signal is for popflow alone: this gnuplot succeeds all the same.
  const ProgramRun run = plot_by("kill -TERM $PPID; cat >/dev/null");
  BOOST_TEST(run.status == 1);
  BOOST_TEST(run.err == "popflow: interrupted\n");
  BOOST_TEST(names() == (std::set<std::string>{"bin", "flow.nc", "good.toml"}),
             boost::test_tools::per_element());
}

// gnuplot writes a label as the whole content of an element.
BOOST_AUTO_TEST_CASE(the_time_axis_of_a_plot_has_numbers) {
  const auto svg_of = [this](const std::string& schedule) {
    json("flow good.toml -o flow.nc --set flow.t_end=40 --set " + schedule);
    BOOST_TEST(run_popflow(*this, "plot flow.nc -o a.svg").status == 0);
    return read("a.svg");
  };
  const std::string decade = svg_of("flow.snapshots=3"), decades = svg_of("flow.snapshots=41");
  for (const std::string label : {">20<", ">40<"})
    BOOST_TEST(decade.find(label) != std::string::npos, "no " << label);
  BOOST_TEST(decades.find(">20<") == std::string::npos, "not logarithmic");
}

BOOST_AUTO_TEST_CASE(output_through_a_symbolic_link_keeps_the_link) {
  std::filesystem::create_symlink("target.nc", path("link.nc"));
  json("flow good.toml -o link.nc");
  BOOST_TEST(std::filesystem::is_symlink(path("link.nc")));
  BOOST_TEST(read_results(path("target.nc")).kind == "flow");
}

// The shell's redirection after this one wins, so the program gets its own by way of sh.
BOOST_AUTO_TEST_CASE(a_full_standard_output_is_a_failure) {
  for (const std::string arguments :
       {"flow good.toml --json", "moments good.toml --at 1,2,3", "--version"}) {
    const ProgramRun run = run_popflow(*this, arguments, "sh -c '\"$@\" >/dev/full' sh");
    BOOST_TEST(run.status == 1);
    BOOST_TEST(run.err == "popflow: standard output cannot be written\n");
  }
}

BOOST_AUTO_TEST_CASE(help_and_version_are_no_errors) {
  for (const std::string arguments : {"--help", "--version", "flow --help", "compare --help"}) {
    const ProgramRun run = run_popflow(*this, arguments);
    BOOST_TEST(run.status == 0);
    BOOST_TEST(!run.out.empty());
    BOOST_TEST(run.err.empty());
  }
}

// Runs that diverge at different times: what is said and what is kept is the same ensemble, cut to
// the snapshots that all of its runs have.
BOOST_AUTO_TEST_CASE(an_ensemble_with_diverged_runs_is_kept_whole_and_cut_to_common_snapshots) {
  const nlohmann::json object = json(
      "sgd good.toml -o d.nc --set sgd.runs=6 --set sgd.gradient=quartic --set sgd.batch=4 "
      "--set network.initial_scale=1.5 --set sgd.learning_rate=0.9 --set sgd.t_end=50 "
      "--set sgd.snapshots=11",
      1);
  const Results results = read_results(path("d.nc"));
  BOOST_TEST(object["stop_reason"] == "not_finite");
  BOOST_TEST(results.stop_reason == "not_finite");
  BOOST_TEST(object["runs"] == 6);
  BOOST_TEST(results.runs.size() == 6u);
  BOOST_TEST(object["t"] == results.time.back());
  BOOST_TEST(results.time.back() < 50.0);
  BOOST_TEST(object["norm"][0].get<double>() == results.runs[0].back().row(0).stableNorm());
}

BOOST_AUTO_TEST_CASE(diverged_runs_of_the_orbit_average_stay_too) {
  const nlohmann::json object = json(
      "flow good.toml -o d.nc --set flow.kind=orbit --set flow.runs=3 --set flow.samples=1 --set "
      "flow.step=1 --set network.activation=cubic --set network.initial_scale=1.5 --set "
      "flow.t_end=20 --set flow.snapshots=11",
      1);
  const Results results = read_results(path("d.nc"));
  BOOST_TEST(results.stop_reason == "not_finite");
  BOOST_TEST(object["runs"] == 3);
  BOOST_TEST(results.runs.size() == 3u);
  BOOST_TEST(object["t"] == results.time.back());
  BOOST_TEST(results.time.back() < 20.0);
}

BOOST_AUTO_TEST_CASE(decompose_writes_what_it_prints) {
  for (const std::string method : {"tiled", "symmetric", "power", "subspace", "samples"}) {
    BOOST_TEST_CONTEXT(method) {
      const nlohmann::json object =
          json("decompose good.toml -o factors.nc --set decompose.rank=2 --set decompose.method=" +
               method + " --set decompose.samples=" + (method == "samples" ? "2000" : "0"));
      const Decomposition d = read_decomposition(path("factors.nc"));
      BOOST_TEST(d.method == method);
      BOOST_TEST(object["method"] == method);
      BOOST_TEST(object["relative_error"] == d.relative_error);
      BOOST_TEST(object["lambda"] == (std::vector<double>(d.lambda.begin(), d.lambda.end())));
      BOOST_TEST(object["ipr"].size() == d.lambda.size());
      BOOST_TEST(object["ipr"][0] ==
                 inverse_participation_ratio(Field(d.factors.row(0).transpose())));
      BOOST_TEST(object["width"].size() == d.lambda.size());
      BOOST_TEST(d.provenance.command_line.find("popflow decompose good.toml") == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(decompose_prints_a_table) {
  const ProgramRun run = run_popflow(*this,
                                     "decompose good.toml --set lattice.shape=[4,4] --set "
                                     "class.1.input.correlation_length=0.5");
  BOOST_TEST(run.status == 0);
  BOOST_TEST(run.out.find("lambda") != std::string::npos);
  BOOST_TEST(run.out.find("widths") != std::string::npos);
  BOOST_TEST(run.out.find("tiled, relative error") != std::string::npos);
  BOOST_TEST(run_popflow(*this, "decompose good.toml --quiet").out.empty());
}

BOOST_AUTO_TEST_CASE(compare_matches_receptive_fields_with_factors) {
  json("flow good.toml -o flow.nc --set flow.t_end=100");
  json("decompose good.toml -o factors.nc --set decompose.rank=2");
  const nlohmann::json object = json("compare flow.nc factors.nc");
  BOOST_TEST(object["matches"].size() == 1u);
  const double similarity = object["matches"][0]["similarity"];
  BOOST_TEST(similarity > 0.5);
  BOOST_TEST(object["mean_similarity"] == similarity);
  BOOST_TEST(object["random_similarity"].is_number());
  // In either order the receptive fields are A.
  BOOST_TEST(json("compare factors.nc flow.nc") == object);
  const nlohmann::json itself = json("compare factors.nc factors.nc");
  BOOST_TEST(itself["matches"].size() == 2u);
  BOOST_TEST(itself["mean_similarity"].get<double>() > 1.0 - 1e-12);
  const ProgramRun table = run_popflow(*this, "compare flow.nc factors.nc");
  BOOST_TEST(table.out.find("mean similarity") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(factors_of_other_lattices_are_not_compared) {
  json("flow good.toml -o flow.nc");
  json("decompose good.toml -o factors.nc --set lattice.shape=[10]");
  const ProgramRun run = run_popflow(*this, "compare flow.nc factors.nc");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err.find("lattices must be the same") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(factors_are_drawn_alone) {
  json("flow good.toml -o flow.nc");
  json("decompose good.toml -o factors.nc --set decompose.rank=3");
  BOOST_TEST(json("plot factors.nc -o factors.svg")["panels"] == 3);
  BOOST_TEST(std::filesystem::file_size(path("factors.svg")) > 1000u);
  const ProgramRun run = run_popflow(*this, "plot flow.nc factors.nc -o both.svg");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err.find("factors.nc: holds factors: must be drawn alone") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(factors_of_a_clone_are_drawn_too) {
  json(
      "decompose good.toml -o factors.nc --set class.0.input.model=gp-clone --set "
      "decompose.samples=100 --set decompose.rank=2");
  BOOST_TEST(json("plot factors.nc -o factors.svg")["panels"] == 2);
}

BOOST_AUTO_TEST_CASE(a_flow_may_use_the_tiled_cumulant) {
  const nlohmann::json exact = json("flow good.toml --set flow.t_end=50"),
                       tiled = json("flow good.toml --set flow.t_end=50 --set flow.cumulant=tiled");
  BOOST_TEST(exact["cumulant_error"] == 1e-9);
  BOOST_TEST(tiled["cumulant_error"].get<double>() < 0.05);
  BOOST_TEST(tiled["norm"][0].get<double>() == exact["norm"][0].get<double>(),
             boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_SUITE_END()

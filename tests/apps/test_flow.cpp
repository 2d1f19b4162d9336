// The output, the files and the exit status of popflow flow and popflow fixed-point.

#include <algorithm>
#include <cmath>
#include <string>

#include <boost/test/unit_test.hpp>
#include <netcdf>
#include <nlohmann/json.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/results.hpp"

#include "good_experiment.hpp"
#include "program.hpp"
#include "workplace.hpp"

using namespace popflow;

BOOST_FIXTURE_TEST_SUITE(flow_program, Workplace, *boost::unit_test::precondition(program_is_built))

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
      json("flow good.toml -o a.nc --quiet --set flow.stationary_rate=1e-6 --set flow.t_end=1e6");
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
    BOOST_TEST(object["translation_residual"].get<double>() <= 1e-12);
    BOOST_TEST(object["drift"].size() == 1U);
    BOOST_TEST(object["unstable"] == 0);
    BOOST_TEST(object["growth_rate"].size() == 12U);
    BOOST_TEST(object["translation"].size() <= 1U);
    BOOST_TEST(results.kind == "fixed_point");
    BOOST_TEST(results.stop_reason == "converged");
    BOOST_TEST(object["norm"] == std::vector{results.runs.front().back().row(0).stableNorm()});
    // The slowest direction, the translation on these few sites, takes 500 units of tau.
    const nlohmann::json later =
        json("flow good.toml --quiet --set flow.t_end=20000 --set flow.kind=" + kind);
    BOOST_TEST(object["norm"][0].get<double>() == later["norm"][0].get<double>(),
               boost::test_tools::tolerance(1e-6));
  }
}

// Status 1, one line that says so, and the spectrum all the same: printed and in the file.
BOOST_AUTO_TEST_CASE(a_search_that_does_not_converge_says_so_and_keeps_the_spectrum) {
  const std::string command = "fixed-point good.toml -o a.nc --tolerance 1e-13 --step-limit 1";
  const ProgramRun run = run_popflow(*this, command);
  BOOST_TEST(run.status == 1);
  BOOST_TEST(run.err.find("no fixed point found: step_limit, |du/dtau| = ") != std::string::npos);
  BOOST_TEST(run.out.find("growth rate") != std::string::npos);
  const nlohmann::json object = json(command, 1);
  BOOST_TEST(object["stop_reason"] == "step_limit");
  BOOST_TEST(object["steps"] == 1);
  BOOST_TEST(object["growth_rate"].size() == 12U);
  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  std::vector<double> rates(12), residual(1);
  file.getVar("growth_rate").getVar(rates.data());
  file.getVar("residual").getVar(residual.data());
  BOOST_TEST(object["growth_rate"] == rates);
  BOOST_TEST(object["residual"] == residual.front());
}

// Options are keys: what they say is in the results, so that a rerun has it too.
BOOST_AUTO_TEST_CASE(options_of_a_search_are_keys) {
  const nlohmann::json loose = json("fixed-point good.toml -o a.nc --tolerance 0.01");
  BOOST_TEST(loose["residual"].get<double>() > 1e-9);
  BOOST_TEST(run_popflow(*this, "rerun a.nc").status == 0);
  const nlohmann::json keys = json("fixed-point good.toml --set fixed_point.tolerance=0.01");
  BOOST_TEST(keys["residual"] == loose["residual"]);
  // Every direction counts as null at a rate that is larger than all.
  const nlohmann::json null = json("fixed-point good.toml --null-rate 100 --tolerance 1");
  BOOST_TEST(null["unstable"] == 0);
  for (const std::string option : {"--tolerance 0", "--null-rate -1", "--first-step inf",
                                   "--step-limit 0", "--step-limit 1.5", "--tolerance soup"}) {
    const ProgramRun refused = run_popflow(*this, "fixed-point good.toml -o b.nc " + option);
    BOOST_TEST(refused.status == 2, option);
    BOOST_TEST(refused.err.find("--set fixed_point.") != std::string::npos, refused.err);
    BOOST_TEST(refused.err.find("must be ") != std::string::npos, refused.err);
  }
  BOOST_TEST(names().count("b.nc") == 0U);
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
  const AnyFlow flow = experiment_flow(same).flow;
  const auto run =
      integrate(flow, flow.state(initial_parameters(same)), snapshot_times(flow_spec(same)));
  const Parameters parameters = flow.parameters(run.last);
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
    BOOST_TEST(object.contains("neglected_terms") == (kind == "edgeworth"));
    BOOST_TEST(file.getVar("neglected_terms").isNull() == (kind != "edgeworth"));
  }
}

// validation/ledger: with three latent directions the receptive field at tau = 25 is within 1.3 %
// of the population's. The IPR is 0.09657 by default, 0.09658 with tolerances of 1e-8 and 0.09646
// with a quadrature that is a thousand times finer.
BOOST_AUTO_TEST_CASE(the_latent_flow_of_the_ledger_is_right_and_cheap_by_default) {
  const nlohmann::json object =
      json("flow '" POPFLOW_SOURCE "/validation/ledger/experiment.toml' --set flow.kind=latent");
  BOOST_TEST(object["stop_reason"] == "reached_end");
  BOOST_TEST(std::abs(object["ipr"][0].get<double>() - 0.0966) <= 1e-4);
  BOOST_TEST(object["evaluations"].get<int>() <= 300);
}

BOOST_AUTO_TEST_CASE(a_flow_by_expansion_says_how_much_it_neglects) {
  const nlohmann::json object = json("flow good.toml -o a.nc");
  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  std::vector<double> terms(3);
  file.getVar("neglected_terms").getVar(terms.data());
  BOOST_TEST(object["neglected_terms"] == terms.back());
  BOOST_TEST(object["largest_neglected_terms"] == *std::max_element(terms.begin(), terms.end()));
  BOOST_TEST(terms.back() > 0.0);
  BOOST_TEST(terms.back() < 0.1);

  const std::string large = "flow good.toml --set network.initial_scale=2";
  const ProgramRun run = run_popflow(*this, large);
  BOOST_TEST(run.status == 0);
  BOOST_TEST(run.out.find("neglected") != std::string::npos);
  BOOST_TEST(run.err.find("popflow: good.toml: flow.kind = \"quartic\" neglects terms up to") ==
             0U);
  BOOST_TEST(run.err.find("from tau = 0 on") != std::string::npos);
  BOOST_TEST(run.err.find("\"latent\" and \"orbit\" do") != std::string::npos);
  BOOST_TEST(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  const ProgramRun others =
      run_popflow(*this, large + " --set 'class.0.input={model=\"ising\", correlation_length=1}'");
  BOOST_TEST(others.err.find("\"orbit\" does") != std::string::npos);
  BOOST_TEST(run_popflow(*this, large + " --quiet").err.empty());
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

BOOST_AUTO_TEST_CASE(a_flow_may_use_the_tiled_cumulant) {
  const nlohmann::json exact = json("flow good.toml --quiet --set flow.t_end=50"),
                       tiled = json(
                           "flow good.toml --quiet --set flow.t_end=50 --set flow.cumulant=tiled");
  BOOST_TEST(exact["cumulant_error"] == 1e-9);
  BOOST_TEST(tiled["cumulant_error"].get<double>() < 0.05);
  BOOST_TEST(tiled["norm"][0].get<double>() == exact["norm"][0].get<double>(),
             boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_SUITE_END()

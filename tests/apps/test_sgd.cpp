// The output, the files and the exit status of popflow sgd.

#include <string>

#include <boost/test/unit_test.hpp>
#include <netcdf>
#include <nlohmann/json.hpp>

#include "popflow/results/results.hpp"

#include "program.hpp"
#include "workplace.hpp"

using namespace popflow;

BOOST_FIXTURE_TEST_SUITE(sgd_program, Workplace, *boost::unit_test::precondition(program_is_built))

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
      "sgd good.toml -o a.nc --set sgd.learning_rate=1e8 --set sgd.t_end=1e9 "
      "--set sgd.gradient=quartic --set network.initial_scale=1e60 --set sgd.snapshots=5",
      1);
  BOOST_TEST(object["stop_reason"] == "not_finite");
  BOOST_TEST(read_results(path("a.nc")).stop_reason == "not_finite");
  const ProgramRun shown = run_popflow(*this, "sgd good.toml --set network.initial_scale=1e60");
  BOOST_TEST(shown.out.find("e+") != std::string::npos, shown.out);
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

BOOST_AUTO_TEST_CASE(an_interrupted_run_keeps_what_it_has) {
  // Ten million steps, of which the first has left a checkpoint when the signal comes.
  const ProgramRun run =
      run_popflow(*this,
                  "sgd good.toml -o a.nc --json --checkpoint 0.01 --set sgd.t_end=5e5 "
                  "--set sgd.snapshots=1000000",
                  signalled("INT", "-s a.nc.checkpoint", 0.0));
  BOOST_TEST(run.status == 1);
  BOOST_TEST(nlohmann::json::parse(run.out)["stop_reason"] == "interrupted");
  const Results results = read_results(path("a.nc"));
  BOOST_TEST(results.stop_reason == "interrupted");
  BOOST_TEST(results.time.back() < 5e5);
  BOOST_TEST(names() == (std::set<std::string>{"a.nc", "a.nc.checkpoint", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

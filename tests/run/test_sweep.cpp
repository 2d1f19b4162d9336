#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <netcdf>

#include "popflow/experiment/read.hpp"
#include "popflow/experiment/sweep.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/difference.hpp"
#include "popflow/results/sweep_results.hpp"
#include "popflow/run/run.hpp"
#include "popflow/run/run_flow.hpp"
#include "popflow/run/sweep_point.hpp"

#include "good_experiment.hpp"
#include "scratch_folder.hpp"

using namespace popflow;

namespace {

const std::string grid = R"(experiment = "good.toml"
weights = true
[[axis]]
name = "gain"
key = ["class.0.input.gain", "class.1.input.gain"]
from = 0.5
to = 8
count = 3
spacing = "logarithmic"
[[axis]]
name = "activation"
key = "network.activation"
values = ["erf", "tanh"]
)";

}  // namespace

struct SweepFiles : ScratchFolder {
  SweepFiles() { write("good.toml", good_experiment); }

  Sweep sweep(const std::string& text) const {
    write("sweep.toml", text);
    return read_sweep(path("sweep.toml"));
  }

  // All points of a sweep, which are then in sweep.nc.
  std::vector<SweepPoint> written(const Sweep& sweep) const {
    std::vector<SweepPoint> points;
    for (std::size_t n = 0; n < sweep.points(); ++n) {
      points.push_back(sweep_point(sweep, n));
      BOOST_TEST(points.back().failure == "");
    }
    write_sweep(path("sweep.nc"), sweep, points, {});
    return points;
  }

  std::vector<double> written_weights(const std::vector<std::string>& dimensions,
                                      std::size_t size) const {
    const netCDF::NcFile file(path("sweep.nc"), netCDF::NcFile::read);
    std::vector<std::string> names;
    for (const netCDF::NcDim& dimension : file.getVar("weights").getDims())
      names.push_back(dimension.getName());
    BOOST_TEST(names == dimensions, boost::test_tools::per_element());
    std::vector<double> weights(size);
    file.getVar("weights").getVar(weights.data());
    return weights;
  }

  void check_refused(const std::string& text, const std::string& words) const {
    BOOST_TEST_CONTEXT(text) {
      BOOST_CHECK_EXCEPTION(sweep(text), InvalidExperiment, [&](const InvalidExperiment& error) {
        BOOST_TEST_MESSAGE(error.what());
        return std::string(error.what()).find(words) != std::string::npos;
      });
    }
  }
};

BOOST_FIXTURE_TEST_SUITE(sweep, SweepFiles)

BOOST_AUTO_TEST_CASE(points_of_a_grid_vary_the_last_axis_fastest) {
  const Sweep sweep = this->sweep(grid);
  BOOST_TEST(sweep.shape() == (std::vector<std::size_t>{3, 2}), boost::test_tools::per_element());
  BOOST_TEST(sweep.points() == 6u);
  BOOST_TEST(sweep.overrides(0) ==
                 (std::vector<std::string>{"class.0.input.gain=0.5", "class.1.input.gain=0.5",
                                           "network.activation=\"erf\""}),
             boost::test_tools::per_element());
  BOOST_TEST(sweep.overrides(3) ==
                 (std::vector<std::string>{"class.0.input.gain=2", "class.1.input.gain=2",
                                           "network.activation=\"tanh\""}),
             boost::test_tools::per_element());
  BOOST_TEST(sweep.axes[0].numbers == (std::vector{0.5, 2.0, 8.0}),
             boost::test_tools::per_element());
  BOOST_TEST(sweep.axes[1].numbers.empty());
}

BOOST_AUTO_TEST_CASE(a_point_is_the_run_of_its_experiment) {
  const Sweep sweep = this->sweep(grid);
  const SweepPoint point = sweep_point(sweep, 3);
  const Experiment experiment = read_experiment(path("good.toml"), sweep.overrides(3));
  const Run run = run_flow(experiment);
  const Weights& u = run.results.runs.front().back();
  BOOST_TEST(point.stop_reason == "reached_end");
  BOOST_TEST(point.failure.empty());
  BOOST_TEST(point.tau == 1.0);
  BOOST_TEST(point.weights == (std::vector<double>(u.data(), u.data() + u.size())),
             boost::test_tools::per_element());
  BOOST_TEST(point.ipr == std::vector{inverse_participation_ratio(Field(u.row(0).transpose()))},
             boost::test_tools::per_element());
  BOOST_TEST(std::isfinite(point.growth_rate));
  BOOST_TEST(point.neglected_terms == neglected_terms(run.results).back());
}

// Some processors give their NaNs a sign; a point that went through a journal has lost it.
BOOST_AUTO_TEST_CASE(all_nans_are_written_alike) {
  const Sweep sweep = this->sweep(grid);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double rate : {nan, -nan}) {
    const SweepPoint point{.stop_reason = "done", .failure = "", .growth_rate = rate};
    write_sweep(path(std::signbit(rate) ? "minus.nc" : "plus.nc"), sweep,
                std::vector<SweepPoint>(sweep.points(), point), {});
  }
  BOOST_TEST(difference(path("plus.nc"), path("minus.nc")).same());
}

BOOST_AUTO_TEST_CASE(a_map_has_its_axes_and_the_largest_ratio_of_every_point) {
  const Sweep sweep = this->sweep(grid);
  const std::vector<SweepPoint> points = written(sweep);
  const SweepMap map = read_sweep_map(path("sweep.nc"));
  BOOST_TEST(map.axes[0].numbers == (std::vector{0.5, 2.0, 8.0}), boost::test_tools::per_element());
  BOOST_TEST(map.axes[1].values == sweep.axes[1].values, boost::test_tools::per_element());
  for (std::size_t n = 0; n < points.size(); ++n)
    BOOST_TEST(map.largest_ipr[n] == points[n].ipr[0]);

  const std::vector<SweepPoint> networks = written(
      this->sweep("experiment = \"good.toml\"\nrun = \"sgd\"\n[[axis]]\nname = \"neurons\"\n"
                  "key = \"network.hidden\"\nvalues = [1, 2]\n"));
  const auto [least, largest] = std::minmax(networks[1].ipr.at(0), networks[1].ipr.at(1));
  BOOST_TEST(least < largest);
  BOOST_TEST(
      read_sweep_map(path("sweep.nc")).largest_ipr == (std::vector{networks[0].ipr[0], largest}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_axis_of_integers_is_refused) {
  {
    netCDF::NcFile file(path("sweep.nc"), netCDF::NcFile::replace);
    file.putAtt("kind", sweep_kind);
    file.putAtt("run", "flow");
    const netCDF::NcDim axis = file.addDim("a", 2);
    file.addVar("tau", netCDF::ncDouble, axis);
    file.addVar("a", netCDF::ncInt, axis);
  }
  BOOST_CHECK_EXCEPTION(
      read_sweep_map(path("sweep.nc")), InvalidResults, [](const InvalidResults& error) {
        return std::string(error.what()).ends_with("variable a holds neither numbers nor strings");
      });
}

// Where lattices and numbers of neurons differ, each point's weights fill the first entries.
BOOST_AUTO_TEST_CASE(weights_of_other_shapes_are_filled_up) {
  const std::string kind = "\"flow.kind=orbit\", \"flow.samples=10\", \"flow.runs=1\"";
  const Sweep sweep = this->sweep(
      "experiment = \"good.toml\"\nweights = true\n[[point]]\nset = [" + kind +
      ", \"lattice.shape=[8]\", \"network.hidden=2\"]\n[[point]]\nset = [" + kind + "]\n");
  const std::vector<SweepPoint> points = written(sweep);
  BOOST_REQUIRE(points[0].weights.size() == 2u * 8u);
  BOOST_REQUIRE(points[1].weights.size() == 12u);
  BOOST_TEST(std::isnan(points[0].growth_rate));  // of one neuron alone
  const std::vector<double> weights = written_weights({"point", "neuron", "site"}, 2 * 2 * 12);
  const auto entry = [&](int n, int k, int i) {
    return weights[static_cast<std::size_t>((2 * n + k) * 12 + i)];
  };
  for (int i = 0; i < 12; ++i) {
    const auto site = static_cast<std::size_t>(i);
    BOOST_TEST(entry(1, 0, i) == points[1].weights[site]);
    BOOST_TEST(std::isnan(entry(1, 1, i)));
    for (int k = 0; k < 2; ++k)
      if (i < 8)
        BOOST_TEST(entry(0, k, i) == points[0].weights[static_cast<std::size_t>(8 * k) + site]);
      else
        BOOST_TEST(std::isnan(entry(0, k, i)));
  }
}

BOOST_AUTO_TEST_CASE(weights_of_a_torus_have_rows_and_columns) {
  const Sweep sweep = this->sweep(
      "experiment = \"good.toml\"\nweights = true\n[[point]]\nset = [\"lattice.shape=[3, 4]\"]\n");
  const std::vector<SweepPoint> points = written(sweep);
  BOOST_TEST(written_weights({"point", "neuron", "row", "column"}, 12) == points[0].weights,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(training_and_stability_have_points_too) {
  const std::string axis =
      "[[axis]]\nname = \"b\"\nkey = \"network.bias\"\nfrom = -1\nto = 0\ncount = 2\n";
  const Sweep sgd = sweep("experiment = \"good.toml\"\nrun = \"sgd\"\n" + axis);
  const SweepPoint trained = sweep_point(sgd, 0);
  BOOST_TEST(trained.stop_reason == "reached_end");
  BOOST_TEST(trained.weights.empty());
  const Sweep linear = sweep("experiment = \"good.toml\"\nrun = \"stability\"\n" + axis);
  const SweepPoint point = sweep_point(linear, 0);
  BOOST_TEST(point.stop_reason == "done");
  BOOST_TEST(point.growth_rate == trained.growth_rate);
  BOOST_TEST(point.ipr.empty());
}

BOOST_AUTO_TEST_CASE(what_makes_a_point_fail_is_recorded) {
  const Sweep sweep = this->sweep(
      "experiment = \"good.toml\"\n[[point]]\nset = []\n[[point]]\nset = "
      "[\"class.0.input.gain=-1\"]\n");
  BOOST_TEST(sweep_point(sweep, 0).failure.empty());
  const SweepPoint failed = sweep_point(sweep, 1);
  BOOST_TEST(failed.stop_reason == "failed");
  BOOST_TEST(failed.failure.find("must be a positive number") != std::string::npos);
  BOOST_TEST(std::isnan(failed.growth_rate));
}

// Every name that a file of results has, so that no axis can take it.
BOOST_AUTO_TEST_CASE(an_axis_takes_no_name_of_the_results) {
  for (const std::string_view name : sweep_result_names())
    check_refused("experiment = \"good.toml\"\n[[axis]]\nname = \"" + std::string(name) +
                      "\"\nkey = \"network.bias\"\nvalues = [-1, 0]\n",
                  "must not be a name of the results");
  for (const std::string name : {"ipr", "norm", "tau", "failure", "stop_reason", "weights"})
    BOOST_TEST(std::count(sweep_result_names().begin(), sweep_result_names().end(), name) == 1);
}

BOOST_AUTO_TEST_CASE(a_point_that_diverges_fails_and_has_no_place_on_the_map) {
  const Sweep sweep = this->sweep(
      "experiment = \"good.toml\"\nset = [\"flow.t_end=40\"]\n[[axis]]\nname = \"bias\"\nkey = "
      "\"network.bias\"\nvalues = [-1, -2]\n[[axis]]\nname = \"scale\"\nkey = "
      "\"network.initial_scale\"\nvalues = [0.9, 1]\n");
  const std::vector<SweepPoint> points = written(sweep);
  BOOST_TEST(points[0].stop_reason == "reached_end");
  BOOST_TEST(points[2].stop_reason == "not_finite");
  BOOST_TEST(sweep.described(2) == "bias = -2, scale = 0.9");
  const SweepMap map = read_sweep_map(path("sweep.nc"));
  BOOST_TEST(map.failed == (std::vector{false, false, true, true}),
             boost::test_tools::per_element());
  BOOST_TEST(std::isnan(map.largest_ipr[2]));
  BOOST_TEST(!std::isnan(map.largest_ipr[0]));
}

BOOST_AUTO_TEST_CASE(what_all_points_set_comes_before_what_each_sets) {
  const std::string head = "experiment = \"good.toml\"\nset = [\"seed=3\", \"flow.t_end=2\"]\n";
  for (const std::string points : {"[[axis]]\nname = \"b\"\nkey = \"network.bias\"\nvalues = [0]\n",
                                   "[[point]]\nset = [\"network.bias=0\"]\n"}) {
    const Sweep sweep = this->sweep(head + points);
    BOOST_TEST(sweep.overrides(0) ==
                   (std::vector<std::string>{"seed=3", "flow.t_end=2", "network.bias=0"}),
               boost::test_tools::per_element());
    BOOST_TEST(sweep_point(sweep, 0).tau == 2.0);
  }
}

BOOST_AUTO_TEST_CASE(what_came_to_its_end_succeeded) {
  for (const std::string reason : {"reached_end", "stationary", "converged", "done"})
    BOOST_TEST(succeeded(reason), reason);
  for (const std::string reason : {"not_finite", "step_limit", "interrupted", "failed", ""})
    BOOST_TEST(!succeeded(reason), reason);
}

BOOST_AUTO_TEST_CASE(an_interrupted_point_says_so) {
  const Sweep sweep = this->sweep(grid);
  BOOST_TEST(sweep_point(sweep, 0, [] { return true; }).stop_reason == "interrupted");
}

BOOST_AUTO_TEST_CASE(what_is_not_allowed_is_refused) {
  const std::string head = "experiment = \"good.toml\"\n",
                    axis = "[[axis]]\nname = \"b\"\nkey = \"network.bias\"\n";
  const std::string values = axis + "values = [-1, 0]\n";
  const auto thousand = [](const std::string& name, const std::string& key) {
    return "[[axis]]\nname = \"" + name + "\"\nkey = \"" + key +
           "\"\nfrom = 1\nto = 2\ncount = 1000\n";
  };
  const std::vector<std::pair<std::string, std::string>> broken{
      {values, "experiment is missing"},
      {"experiment = \"nowhere.toml\"\n" + values, "cannot be read"},
      {head, "[[axis]] sections, or else [[point]]"},
      {head + values + "[[point]]\nset = []\n", "[[axis]] sections, or else [[point]]"},
      {head + "runs = \"flow\"\n" + values, "runs: unknown key"},
      {head + "run = \"orbit\"\n" + values, "\"stability\", \"flow\", \"sgd\" or \"fixed-point\""},
      {head + "[[axis]]\nname = \"1st\"\nkey = \"network.bias\"\nvalues = [0]\n", "letters"},
      {head + "[[axis]]\nname = \"neuron\"\nkey = \"network.bias\"\nvalues = [0]\n",
       "must not be a name of the results, which are point, overrides, "},
      {head + "[[axis]]\nname = \"_b\"\nkey = \"network.bias\"\nvalues = [0]\n",
       "the first a letter"},
      {head + "[[axis]]\nname = \"" + std::string(65, 'b') +
           "\"\nkey = \"network.bias\"\nvalues = [0]\n",
       "at most 64"},
      {head + "[[axis]]\nname = \"a b\"\nkey = \"network.bias\"\nvalues = [0]\n", "letters"},
      {head + values + "[[axis]]\nname = \"c\"\nkey = \"network.bias\"\nvalues = [2, 3]\n",
       "must not be set elsewhere in this file: network.bias is set twice"},
      {head + values + "[[axis]]\nname = \"c\"\nkey = \"network\"\nvalues = [2, 3]\n",
       "network.bias and network set one another"},
      {head + "[[axis]]\nname = \"b\"\nkey = [\"seed\", \"seed\"]\nvalues = [2, 3]\n",
       "seed is set twice"},
      {head + "[[axis]]\nname = \"b\"\nkey = \"class.00.input.gain\"\nvalues = [2, 3]\n",
       "there is no entry 00"},
      {head + "[[point]]\nset = [\"seed=1\", \"network.bias=0\", \"seed=2\"]\n",
       "must set every key once: seed is set twice"},
      {head + axis + "values = [\"a\\u0000b\"]\n", "list of numbers or strings"},
      {head + "set = [\"network.bias=0\"]\n" + values, "network.bias is set twice"},
      {head + "set = [\"seed=1\"]\n[[point]]\nset = [\"seed=2\"]\n", "seed is set twice"},
      {std::string(good_experiment), "this is an experiment: must be a sweep"},
      {head + values + values, "must differ from the other axes"},
      {head + axis + "values = []\n", "at least one, none twice"},
      {head + axis + "values = [1, 1]\n", "at least one, none twice"},
      {head + axis + "values = [true]\n", "list of numbers or strings"},
      {head + values + "from = 1\n", "allowed only without `values`"},
      {head + axis + "from = 1\nto = 1\ncount = 3\n", "must differ from `from`"},
      {head + axis + "from = 0\nto = 1\ncount = 3\nspacing = \"logarithmic\"\n", "above 0"},
      {head + axis + "from = 0\nto = 1\ncount = 1\n", "integer from 2"},
      {head + "[[axis]]\nname = \"b\"\nkey = \"network.bais\"\nvalues = [0]\n",
       "network.bais: unknown key"},
      {head + "[[point]]\nset = [\"nonsense\"]\n", "must have the form KEY=VALUE"},
      {head + "[[point]]\nset = [1]\n", "must be a list of \"KEY=VALUE\""},
      {head + thousand("a", "network.bias") + thousand("b", "class.0.input.gain") +
           thousand("c", "class.1.input.gain"),
       "must have 10000000 points together at most"},
  };
  for (const auto& [text, words] : broken) check_refused(text, words);
}

BOOST_AUTO_TEST_SUITE_END()

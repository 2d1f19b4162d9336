// Sweeps: the same file whatever computes it, and however often it is killed.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <netcdf>
#include <nlohmann/json.hpp>

#include "popflow/results/results.hpp"
#include "popflow/results/sweep_results.hpp"
#include "popflow/results/version.hpp"

#include "good_experiment.hpp"
#include "program.hpp"
#include "random_values.hpp"

using namespace popflow;

namespace {

// Open MPI's own memory is never freed, which is no concern of a sanitizer's.
std::string ranks(int number) {
  return fmt::format(
      "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
      "ASAN_OPTIONS=detect_leaks=0; "
      "mpirun -n {} --oversubscribe",
      number);
}

}  // namespace

struct SweepFolder : ScratchFolder {
  SweepFolder() {
    write("good.toml", good_experiment);
    write("sweep.toml", R"(experiment = "good.toml"
weights = true
[[axis]]
name = "gain"
key = ["class.0.input.gain", "class.1.input.gain"]
from = 0.5
to = 8
count = 5
spacing = "logarithmic"
[[axis]]
name = "bias"
key = "network.bias"
from = -1.5
to = 0
count = 4
)");
  }

  // The first line of the journal of such a sweep of good.toml.
  std::string journal_head_of(const std::string& sweep) const {
    return nlohmann::json{{"sweep", sweep},
                          {"experiment", read("good.toml")},
                          {"data_files", ""},
                          {"popflow_version", version()},
                          {"git_revision", git_revision()}}
               .dump() +
           "\n";
  }

  ProgramRun run(const std::string& options, const std::string& prefix = "") const {
    return run_popflow(*this, "sweep sweep.toml -o a.nc --json " + options,
                       "export SOURCE_DATE_EPOCH=1700000000; " + prefix);
  }
};

BOOST_FIXTURE_TEST_SUITE(sweep_program, SweepFolder)

BOOST_AUTO_TEST_CASE(threads_make_no_difference_and_the_journal_goes) {
  const ProgramRun one = run("--threads 1");
  BOOST_REQUIRE(one.status == 0);
  const nlohmann::json object = nlohmann::json::parse(one.out);
  BOOST_TEST(object["points"] == 20);
  BOOST_TEST(object["finished"] == 20);
  BOOST_TEST(object["failed"] == 0);
  const std::string expected = read("a.nc");
  BOOST_REQUIRE(run("--threads 2").status == 0);
  BOOST_TEST((read("a.nc") == expected));
  BOOST_TEST(names() == (std::set<std::string>{"a.nc", "good.toml", "sweep.toml"}),
             boost::test_tools::per_element());
}

// The first three points of a sweep whose fourth would take for ever, and which is then killed;
// with what is left of an interrupted line at the journal's end.
BOOST_AUTO_TEST_CASE(a_killed_sweep_goes_on_where_it_was) {
  const auto sweep = [](const std::string& last) {
    return "experiment = \"good.toml\"\nrun = \"sgd\"\n[[axis]]\nname = \"t\"\n"
           "key = \"sgd.t_end\"\nvalues = [1, 2, 3, " +
           last + "]\n";
  };
  write("sweep.toml", sweep("4"));
  BOOST_REQUIRE(run("--threads 1").status == 0);
  const std::string expected = read("a.nc");
  std::filesystem::remove(path("a.nc"));

  write("sweep.toml", sweep("1e8"));
  const std::string four_lines = R"sh("$(cat a.nc.journal 2>/dev/null | wc -l)" -ge 4)sh";
  BOOST_REQUIRE(run("--threads 1", signalled("KILL", four_lines, 0.0)).status != 0);
  const std::string journal = read("a.nc.journal");
  BOOST_REQUIRE(std::count(journal.begin(), journal.end(), '\n') == 4);
  write("sweep.toml", sweep("4"));
  write("a.nc.journal", journal_head_of(sweep("4")) + journal.substr(journal.find('\n') + 1) +
                            "{\"point\":3,\"stop");
  const ProgramRun rest = run("--threads 1");
  BOOST_TEST(rest.status == 0);
  BOOST_TEST(rest.err.find("going on from 3 of 4 points") != std::string::npos, rest.err);
  BOOST_TEST((read("a.nc") == expected));
}

// Killed at random moments until it is through: the same file, and the journal never loses a point.
BOOST_AUTO_TEST_CASE(a_sweep_may_be_killed_at_any_moment) {
  BOOST_REQUIRE(run("").status == 0);
  const std::string expected = read("a.nc");
  std::filesystem::remove(path("a.nc"));
  std::mt19937 random(1);
  std::uniform_real_distribution<double> seconds(0.02, 0.2);
  std::size_t before = 0;
  for (int tries = 0; tries < 50 && !std::filesystem::exists(path("a.nc")); ++tries) {
    run("", fmt::format("timeout -s KILL {:.3f}", seconds(random)));
    if (std::filesystem::exists(path("a.nc"))) break;
    if (!std::filesystem::exists(path("a.nc.journal"))) continue;
    const std::string journal = read("a.nc.journal");
    const auto lines = static_cast<std::size_t>(std::count(journal.begin(), journal.end(), '\n'));
    if (lines == 0) continue;
    BOOST_TEST(lines - 1 >= before);
    before = lines - 1;
    write("a.nc.journal", journal + "{\"point\":19,\"stop");
  }
  if (!std::filesystem::exists(path("a.nc"))) BOOST_REQUIRE(run("").status == 0);
  BOOST_TEST((read("a.nc") == expected));
}

// Every point reads the file, by a library that is not safe to use from several threads.
BOOST_AUTO_TEST_CASE(threads_may_read_the_same_samples) {
  {
    const Eigen::MatrixXd fields = test::random_values(12 * 30, 1).reshaped(12, 30);
    netCDF::NcFile file(path("x.nc"), netCDF::NcFile::replace);
    file.addVar("x", netCDF::ncDouble,
                std::vector<netCDF::NcDim>{file.addDim("p", 30), file.addDim("i", 12)})
        .putVar(fields.data());
  }
  std::string samples = good_experiment;
  const std::string nlgp = "{ model = \"nlgp\", gain = 3.0, correlation_length = 2.0 }";
  samples.replace(samples.find(nlgp), nlgp.size(),
                  "{ model = \"samples\", file = \"x.nc\", variable = \"x\" }");
  write("good.toml", samples);
  write("sweep.toml",
        "experiment = \"good.toml\"\n[[axis]]\nname = \"bias\"\nkey = \"network.bias\"\n"
        "from = -1.5\nto = 0\ncount = 60\n");
  const ProgramRun swept = run("--threads 4");
  BOOST_TEST(swept.status == 0);
  BOOST_TEST(swept.err.find("HDF5") == std::string::npos, swept.err);
}

BOOST_AUTO_TEST_CASE(points_of_another_sweep_are_not_taken) {
  run("", "timeout -s KILL 0.1");
  write("a.nc.journal", "{\"sweep\":\"another\"}\n");
  const ProgramRun refused = run("");
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(refused.err.find("holds points of another sweep") != std::string::npos);
}

// JSON has no number for an infinite value or a NaN. The journal is read with such values, and is
// written anew before the next point begins. That point is interrupted.
BOOST_AUTO_TEST_CASE(what_is_not_finite_stays_in_the_journal) {
  const std::string sweep =
      "experiment = \"good.toml\"\nrun = \"sgd\"\n[[axis]]\nname = \"t\"\n"
      "key = \"sgd.t_end\"\nvalues = [1, 1e8]\n";
  write("sweep.toml", sweep);
  const std::string before =
      journal_head_of(sweep) +
      R"( {"point": 0, "stop_reason": "not_finite", )"
      R"("failure": "", "tau": 0.5, "growth_rate": null, "norm": ["inf"], "ipr": ["-inf"], )"
      R"("shape": [12], "weights": []})"
      "\n";
  write("a.nc.journal", before);
  write("before", before);
  const ProgramRun interrupted =
      run("", signalled("INT", "\"$(cat a.nc.journal)\" != \"$(cat before)\"", 0.2));
  BOOST_TEST(interrupted.err.find("going on from 1 of 2 points") != std::string::npos,
             interrupted.err);
  const std::string after = read("a.nc.journal");
  BOOST_TEST(after != before);
  const auto point = [](const std::string& journal) {
    return nlohmann::json::parse(journal.substr(journal.find('\n') + 1));
  };
  BOOST_TEST(point(after) == point(before));
}

BOOST_AUTO_TEST_CASE(a_journal_with_other_lines_is_refused) {
  const nlohmann::json good{{"point", 3},
                            {"stop_reason", "reached_end"},
                            {"failure", ""},
                            {"tau", 1.0},
                            {"growth_rate", 0.1},
                            {"norm", {1.0}},
                            {"ipr", {0.5}},
                            {"shape", {12}},
                            {"weights", std::vector<double>(12, 1.0)}};
  const auto refused = [&](const std::string& line, const std::string& why) {
    const std::string journal =
        journal_head_of(read("sweep.toml")) + good.dump() + "\n" + line + "\n";
    write("a.nc.journal", journal);
    const ProgramRun other = run("");
    BOOST_TEST(other.status == 2);
    BOOST_TEST(other.err == "popflow: a.nc.journal:3: " + why + ": remove the file\n");
    BOOST_TEST(read("a.nc.journal") == journal);
  };
  const auto changed = [&](const std::string& key, const nlohmann::json& value,
                           const std::string& why) {
    nlohmann::json point = good;
    point["point"] = 4;
    point[key] = value;
    refused(point.dump(), why);
  };
  refused("soup", "line: must be a JSON object");
  refused("{}", "stop_reason: must be given");
  changed("stop_reason", "interrupted", "stop_reason: must be that of a finished point");
  refused(good.dump(), "point 3: is there already");
  changed("point", 20, "point 20: must be from 0 to 19");
  changed("point", 0.5, "point: must be an integer of at least 0");
  changed("failure", 1, "failure: must be text");
  changed("tau", "soup", R"(tau: must be a number, null, "inf" or "-inf")");
  changed("norm", 1.0, "norm: must be a list of numbers");
  changed("norm", {1.0, 2.0}, "norm: must be of as many neurons as ipr");
  changed("shape", {12, 1}, "shape: must be a list of at most two extents of a lattice");
  changed("shape", {3, 5}, "weights: must be of all neurons and sites");
  changed("shape", nlohmann::json::array(), "shape: must be given where there are neurons");
  changed("shape", {4097, 4096}, "shape: must be of at most 16777216 sites");
  changed("weights", nlohmann::json::array(), "weights: must be of all neurons and sites");
  changed("fixed_point", {1.0},
          "fixed_point: must be of all quantities of a fixed point, or empty");
  changed("spectrum", {1.0}, "spectrum: must be of as many rates as a state has entries");
}

// The first line may have been cut off, if it is that of this sweep.
BOOST_AUTO_TEST_CASE(a_journal_that_is_none_stays) {
  const std::string head = journal_head_of(read("sweep.toml"));
  write("a.nc.journal", "my diary");
  BOOST_TEST(run("").status == 2);
  BOOST_TEST(read("a.nc.journal") == "my diary");
  write("a.nc.journal", head.substr(0, head.size() / 2));
  BOOST_TEST(run("").status == 0);
  std::filesystem::create_directory(path("a.nc.journal"));
  const ProgramRun folder = run("");
  BOOST_TEST(folder.status == 2);
  BOOST_TEST(folder.err ==
             "popflow: a.nc.journal: cannot be read: must be a file that was left by a sweep\n");
}

BOOST_AUTO_TEST_CASE(ranks_make_no_difference) {
  BOOST_REQUIRE(run("--threads 1").status == 0);
  const std::string expected = read("a.nc");
  for (const std::string options : {"", "--threads 2"}) {
    const ProgramRun two = run(options, ranks(2));
    BOOST_TEST_REQUIRE(two.status == 0, two.err);
    BOOST_TEST(nlohmann::json::parse(two.out)["finished"] == 20);
    BOOST_TEST((read("a.nc") == expected));
  }
  BOOST_TEST(names() == (std::set<std::string>{"a.nc", "good.toml", "sweep.toml"}),
             boost::test_tools::per_element());
}

// The second rank is killed when one point is finished, as the system does when memory is short.
BOOST_AUTO_TEST_CASE(a_rank_that_dies_is_reported_and_nothing_is_lost) {
  write("sweep.toml",
        "experiment = \"good.toml\"\nrun = \"sgd\"\n[[axis]]\nname = \"batch\"\n"
        "key = \"sgd.batch\"\nvalues = [1, 2, 100, 101]\n");
  std::string longer = good_experiment;
  longer.replace(longer.rfind("t_end = 1.0"), 11, "t_end = 400.0");  // of SGD, the last section
  write("good.toml", longer);
  BOOST_REQUIRE(run("").status == 0);
  const std::string expected = read("a.nc");
  std::filesystem::remove(path("a.nc"));
  write("rank.sh", R"sh(
if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
  rank=$$
  { until [ "$(wc -l <a.nc.journal)" -ge 2 ]; do sleep 0.01; done; kill -KILL $rank; } 2>/dev/null &
fi
exec "$@"
)sh");
  const ProgramRun killed = run("", ranks(2) + " sh rank.sh");
  BOOST_TEST(killed.status != 0);
  BOOST_TEST(killed.err.find("rank 1 with PID") != std::string::npos, killed.err);
  BOOST_TEST(killed.err.find("signal 9") != std::string::npos, killed.err);
  BOOST_TEST(killed.err.find("rank 1 had sgd.batch=") != std::string::npos, killed.err);
  BOOST_TEST(!std::filesystem::exists(path("a.nc")));
  const ProgramRun rest = run("", ranks(2));
  BOOST_TEST(rest.err.find("going on from") != std::string::npos, rest.err);
  BOOST_TEST((read("a.nc") == expected));
}

BOOST_AUTO_TEST_CASE(bad_input_is_said_once_by_several_ranks) {
  write("sweep.toml", "experiment = \"none.toml\"\n");
  const ProgramRun refused = run("", ranks(2));
  BOOST_TEST(refused.status == 2);
  const std::size_t at = refused.err.find("popflow: ");
  BOOST_TEST_REQUIRE(at != std::string::npos, refused.err);
  BOOST_TEST(refused.err.find("popflow: ", at + 1) == std::string::npos, refused.err);
  BOOST_TEST(!std::filesystem::exists(path("a.nc.journal")));
}

// Points go to other ranks and back, and through the journal, bit for bit.
BOOST_AUTO_TEST_CASE(fixed_points_of_a_sweep_are_those_of_the_verb) {
  write("sweep.toml",
        "experiment = \"good.toml\"\nrun = \"fixed-point\"\nweights = true\n[[axis]]\n"
        "name = \"bias\"\nkey = \"network.bias\"\nvalues = [-1, -0.9, -1.1]\n");
  std::string longer = good_experiment;
  longer.replace(longer.find("t_end = 1.0"), 11, "t_end = 50.0");
  write("good.toml", longer);
  BOOST_REQUIRE(run("--threads 1").status == 0);
  const std::string expected = read("a.nc");
  BOOST_REQUIRE(run("--threads 2").status == 0);
  BOOST_TEST((read("a.nc") == expected));
  BOOST_REQUIRE(run("", ranks(2)).status == 0);
  BOOST_TEST((read("a.nc") == expected));
  BOOST_TEST(run_popflow(*this, "rerun a.nc").status == 0);
  BOOST_TEST(run_popflow(*this, "plot a.nc -o a.svg").status == 0);

  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  const auto values = [&file](const std::string& name, std::size_t size) {
    std::vector<double> read(size);
    file.getVar(name).getVar(read.data());
    return read;
  };
  const std::vector<double> spectrum = values("spectrum", 36);
  for (std::size_t n = 0; n < 3; ++n) {
    const ProgramRun verb =
        run_popflow(*this, fmt::format("fixed-point good.toml --json --set network.bias={}",
                                       std::vector{"-1", "-0.9", "-1.1"}[n]));
    BOOST_REQUIRE(verb.status == 0);
    const nlohmann::json object = nlohmann::json::parse(verb.out);
    for (const std::string name : {"residual", "translation_residual", "unstable", "steps"})
      BOOST_TEST(values(name, 3)[n] == object[name].get<double>(), name);
    BOOST_TEST(values("ipr", 3)[n] == object["ipr"][0].get<double>());
    for (std::size_t m = 0; m < 12; ++m)
      BOOST_TEST(spectrum[12 * n + m] == object["growth_rate"][m].get<double>());
    // Weights that are uniform have no translation.
    const double rate = values("translation_rate", 3)[n];
    BOOST_TEST(std::isnan(rate) == object["translation"].empty());
    if (std::isnan(rate)) continue;
    const std::size_t index = object["translation"][0]["index"];
    BOOST_TEST(rate == spectrum[12 * n + index]);
    BOOST_TEST(values("slowest_rate", 3)[n] == spectrum[12 * n + (index == 0 ? 1 : 0)]);
  }
}

BOOST_AUTO_TEST_CASE(a_fixed_point_that_is_not_found_keeps_its_spectrum) {
  const std::string sweep =
      "experiment = \"good.toml\"\nrun = \"fixed-point\"\n[[axis]]\nname = \"limit\"\n"
      "key = \"fixed_point.step_limit\"\nvalues = [1, 2]\n";
  write("sweep.toml", sweep);
  run("--threads 1");
  const netCDF::NcFile file(path("a.nc"), netCDF::NcFile::read);
  std::vector<double> spectrum(24);
  file.getVar("spectrum").getVar(spectrum.data());
  for (const double rate : spectrum) BOOST_TEST(std::isfinite(rate));
}

BOOST_AUTO_TEST_CASE(a_failed_point_does_not_stop_the_others) {
  write("sweep.toml",
        "experiment = \"good.toml\"\n[[axis]]\nname = \"gain\"\nkey = \"class.0.input.gain\"\n"
        "values = [1.0, -1.0, 3.0]\n");
  const ProgramRun ended = run("");
  BOOST_TEST(ended.status == 1);
  BOOST_TEST(nlohmann::json::parse(ended.out)["failed"] == 1);
  BOOST_TEST(ended.err.find("1 of 3 points failed: failed at gain = -1 (") != std::string::npos,
             ended.err);
  BOOST_TEST(ended.err.find("class.0.input.gain=-1: must be a positive number") !=
             std::string::npos);
  const SweepMap map = read_sweep_map(path("a.nc"));
  BOOST_TEST(map.axes.front().numbers == (std::vector{1.0, -1.0, 3.0}),
             boost::test_tools::per_element());
  BOOST_TEST(map.largest_ipr[0] > 0.0);
  BOOST_TEST(std::isnan(map.largest_ipr[1]));
  BOOST_TEST(map.largest_ipr[2] > 0.0);
}

BOOST_AUTO_TEST_CASE(maps_and_curves_are_drawn) {
  BOOST_REQUIRE(run("").status == 0);
  const ProgramRun map = run_popflow(*this, "plot a.nc a.nc -o map.svg");
  BOOST_TEST(map.status == 0);
  BOOST_TEST(map.err.empty());
  const std::string svg = read("map.svg");
  for (const std::string word : {"gain", "bias", "inverse participation ratio"})
    BOOST_TEST(svg.find(word) != std::string::npos);
  write("sweep.toml",
        "experiment = \"good.toml\"\n[[axis]]\nname = \"strength\"\nkey = \"network.bias\"\n"
        "from = -1\nto = 0\ncount = 3\n");
  BOOST_REQUIRE(run("").status == 0);
  BOOST_TEST(run_popflow(*this, "plot a.nc -o curve.svg").status == 0);
  BOOST_TEST(read("curve.svg").find("strength") != std::string::npos);
  write("sweep.toml", "experiment = \"good.toml\"\n[[point]]\nset = [\"network.bias=-1.2\"]\n");
  BOOST_REQUIRE(run("").status == 0);
  const ProgramRun refused = run_popflow(*this, "plot a.nc -o list.svg");
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(refused.err.find("list of experiments, which has no map") != std::string::npos);
  BOOST_TEST(!std::filesystem::exists(path("list.svg")));
}

BOOST_AUTO_TEST_SUITE_END()

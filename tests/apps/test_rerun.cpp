// Results files are run again from what they carry, and every change is found.

#include <filesystem>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <netcdf>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "popflow/experiment/read.hpp"
#include "popflow/results/checkpoint.hpp"
#include "popflow/results/version.hpp"

#include "good_experiment.hpp"
#include "npy_file.hpp"
#include "program.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(rerun_program, *boost::unit_test::precondition(program_is_built))

using namespace popflow;

namespace {

const std::string samples_experiment = R"([lattice]
shape = [6]
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
[sgd]
t_end = 1.0
snapshots = 3
batch = 10
test_samples = 10
)";

// As far as the second of three snapshots, at 0, 0.5 and 1.
std::vector<EnsembleRun> half_trained(const Experiment& experiment) {
  std::vector<EnsembleRun> runs =
      new_ensemble(initial_parameters(experiment), sgd_spec(experiment).runs);
  const std::vector<double> times{0.0, 0.5};
  train_ensemble({experiment.task, network_of(experiment), training_options(experiment)}, times,
                 runs);
  return runs;
}

}  // namespace

struct RerunFolder : ScratchFolder {
  RerunFolder() {
    std::filesystem::create_directory(path("in"));
    std::filesystem::create_directory(path("out"));
    write("in/good.toml", good_experiment);
    write("in/samples.toml", samples_experiment);
    write_fields("in/fields.npy", 1);
  }

  void write_fields(const std::string& name, unsigned seed) const {
    write(name, test::npy_file_of(test::random_values(120, seed).reshaped(6, 20), "20, 6"));
  }

  void make(const std::string& arguments) const {
    const ProgramRun made = run_popflow(*this, arguments + " -o out/a.nc --quiet");
    BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
  }

  ProgramRun rerun(const std::string& options = "--json") const {
    return run_popflow(*this, "rerun out/a.nc " + options);
  }

  void check_same() const {
    const std::string before = read("out/a.nc");
    const ProgramRun run = rerun();
    BOOST_REQUIRE_MESSAGE(run.status == 0, run.err + run.out);
    const nlohmann::json object = nlohmann::json::parse(run.out);
    BOOST_TEST(object["same"] == true);
    BOOST_TEST(object["variables"] > 2);
    BOOST_TEST(object["differences"].empty());
    BOOST_TEST(object["provenance"].empty());
    BOOST_TEST((read("out/a.nc") == before));
  }

  void check_refused(const std::string& options, const std::string& words) const {
    const ProgramRun run = rerun(options);
    BOOST_TEST(run.status == 2);
    BOOST_TEST(run.out.empty());
    BOOST_TEST(run.err.find(words) != std::string::npos, run.err);
    BOOST_TEST(run.err.find('\n') + 1 == run.err.size());
  }

  netCDF::NcFile opened() const { return {path("out/a.nc"), netCDF::NcFile::write}; }
};

BOOST_FIXTURE_TEST_CASE(every_kind_of_results_is_run_again_without_its_experiment, RerunFolder) {
  for (const std::string arguments :
       {"flow in/good.toml --set network.bias=-1.2 --set flow.t_end=2",
        "flow in/good.toml --set flow.kind=orbit --set flow.runs=2 --set flow.samples=50",
        "sgd in/good.toml --set sgd.runs=2 --set sgd.test_samples=100 --set seed=3",
        "decompose in/good.toml --set decompose.rank=2",
        "fixed-point in/good.toml --set flow.t_end=50"}) {
    BOOST_TEST_CONTEXT(arguments) {
      make(arguments);
      std::filesystem::rename(path("in/good.toml"), path("in/gone.toml"));
      check_same();
      std::filesystem::rename(path("in/gone.toml"), path("in/good.toml"));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_sweep_is_run_again_with_other_threads_and_points_that_fail, RerunFolder) {
  write("in/sweep.toml",
        "experiment = \"good.toml\"\nweights = true\n[[axis]]\nname = \"gain\"\n"
        "key = \"class.0.input.gain\"\nvalues = [1, -1, 3]\n");
  const ProgramRun made = run_popflow(*this, "sweep in/sweep.toml -o out/a.nc --quiet --threads 1");
  BOOST_REQUIRE(made.status == 1);  // a gain of -1 is refused, by a message that names the file
  std::filesystem::remove(path("in/sweep.toml"));
  std::filesystem::remove(path("in/good.toml"));
  check_same();
}

BOOST_FIXTURE_TEST_CASE(a_resumed_training_is_run_again, RerunFolder) {
  const std::vector<std::string> overrides{"sgd.runs=2"};
  const Experiment experiment = read_experiment(path("in/good.toml"), overrides);
  const std::string checkpoint = path("out/a.nc.checkpoint");
  write_checkpoint(checkpoint, identity_of(experiment), half_trained(experiment));
  make("sgd in/good.toml --resume --set sgd.runs=2");
  BOOST_REQUIRE(!std::filesystem::exists(checkpoint));
  check_same();
}

BOOST_FIXTURE_TEST_CASE(what_was_changed_is_named_with_its_size, RerunFolder) {
  make("flow in/good.toml");
  double value = 0.0;
  {
    netCDF::NcFile file = opened();
    const netCDF::NcVar weights = file.getVar("weights");
    weights.getVar({0, 0, 3}, &value);
    weights.putVar({0, 0, 3}, value + 0.25);
    file.putAtt("git_revision", "another");
    file.putAtt("date", "2001-01-01T00:00:00Z");
  }
  const ProgramRun run = rerun();
  BOOST_TEST(run.status == 1);
  BOOST_TEST(run.err == "popflow: out/a.nc: its rerun differs in weights\n");
  const nlohmann::json object = nlohmann::json::parse(run.out);
  BOOST_TEST(object["same"] == false);
  BOOST_REQUIRE(object["differences"].size() == 1u);
  BOOST_TEST(object["differences"][0]["name"] == "weights");
  BOOST_TEST(object["differences"][0]["differing"] == 1);
  BOOST_TEST(object["differences"][0]["values"] == 36);
  BOOST_TEST(object["differences"][0]["largest"].get<double>() == 0.25,
             boost::test_tools::tolerance(1e-12));
  BOOST_REQUIRE(object["provenance"].size() == 1u);
  BOOST_TEST(object["provenance"][0]["name"] == "git_revision");
  BOOST_TEST(object["provenance"][0]["before"] == "another");

  const std::string table = rerun("").out;
  BOOST_TEST(table.find("1 of 6 variables differ") != std::string::npos, table);
  BOOST_TEST(table.find("weights: 1 of 36 values differ, by at most 0.25") != std::string::npos);
  BOOST_TEST(table.find("git_revision: was \"another\"") != std::string::npos);
  BOOST_TEST(rerun("--quiet").out.empty());
}

BOOST_FIXTURE_TEST_CASE(another_end_is_a_difference, RerunFolder) {
  make("flow in/good.toml");
  opened().putAtt("stop_reason", "stationary");
  const ProgramRun run = rerun();
  BOOST_TEST(run.status == 1);
  BOOST_TEST(run.err == "popflow: out/a.nc: its rerun differs in stop_reason\n");
}

BOOST_FIXTURE_TEST_CASE(new_results_are_kept_where_they_should_be, RerunFolder) {
  make("flow in/samples.toml");
  BOOST_TEST(rerun("-o b.nc --quiet").status == 0);
  // From another folder, and a file that a rerun left.
  BOOST_TEST(run_popflow(*this, "rerun ../b.nc", "cd in;").status == 0);
  check_refused("-o out/a.nc", "out/a.nc: cannot be written: it is a file that is read here");
  check_refused("-o nowhere/b.nc", "nowhere/b.nc");
}

BOOST_FIXTURE_TEST_CASE(files_that_are_read_are_not_written, RerunFolder) {
  write("in/sweep.toml",
        "experiment = \"samples.toml\"\n[[axis]]\nname = \"b\"\nkey = \"network.bias\"\n"
        "values = [-1, -2]\n");
  const auto refused = [&](const std::string& arguments) {
    const ProgramRun run = run_popflow(*this, arguments);
    BOOST_TEST_CONTEXT(arguments) {
      BOOST_TEST(run.status == 2);
      BOOST_TEST(run.err.find("it is a file that is read here") != std::string::npos, run.err);
    }
  };
  for (const std::string verb : {"flow in/samples.toml", "sweep in/sweep.toml"}) {
    make(verb);
    const std::string fields = read("in/fields.npy"), text = read("in/samples.toml");
    for (const std::string file : {"in/samples.toml", "in/fields.npy"}) {
      refused(verb + " -o " + file);
      refused("rerun out/a.nc -o " + file);
    }
    BOOST_TEST((read("in/fields.npy") == fields && read("in/samples.toml") == text));
  }
  refused("sweep in/sweep.toml -o in/sweep.toml");
}

BOOST_FIXTURE_TEST_CASE(results_behind_symbolic_links_are_run_again, RerunFolder) {
  std::filesystem::create_directories(path("real/deep"));
  std::filesystem::remove_all(path("out"));
  std::filesystem::create_directory_symlink("real/deep", path("out"));
  make("flow in/samples.toml");
  check_same();
  std::filesystem::create_symlink("out/a.nc", path("link.nc"));
  BOOST_TEST(run_popflow(*this, "rerun link.nc").status == 0);
  std::filesystem::create_symlink("real/deep/b.nc", path("b.nc"));
  BOOST_TEST(run_popflow(*this, "flow in/samples.toml -o b.nc").status == 0);
  BOOST_TEST(run_popflow(*this, "rerun real/deep/b.nc").status == 0);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_verdict_has_a_status_of_its_own, RerunFolder) {
  make("flow in/good.toml");
  const ProgramRun run = run_popflow(*this, "rerun out/a.nc", "TMPDIR=/nonexistent");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err.find("out/a.nc: cannot be rerun: ") != std::string::npos, run.err);
  BOOST_TEST(run_popflow(*this, "rerun out/a.nc -o b.nc", "TMPDIR=/nonexistent").status == 0);
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_rerun_leaves_nothing, RerunFolder) {
  make("flow in/good.toml");
  opened().putAtt("overrides", "flow.kind=orbit\nflow.t_end=1e8\nflow.samples=100");
  std::filesystem::create_directory(path("temporary"));
  // Interrupted when it has made its folder.
  const ProgramRun run = run_popflow(
      *this, "rerun out/a.nc",
      "export TMPDIR=\"$PWD/temporary\"; " + signalled("INT", "-n \"$(ls temporary)\"", 0.2));
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err.find("out/a.nc: cannot be rerun: interrupted") != std::string::npos, run.err);
  BOOST_TEST(std::filesystem::is_empty(path("temporary")));
}

BOOST_FIXTURE_TEST_CASE(a_replaced_file_of_samples_is_not_run_again, RerunFolder) {
  for (const std::string verb : {"flow in/samples.toml", "sweep in/sweep.toml"}) {
    BOOST_TEST_CONTEXT(verb) {
      write("in/sweep.toml",
            "experiment = \"samples.toml\"\n[[axis]]\nname = \"f\"\n"
            "key = \"class.0.input.file\"\nvalues = [\"fields.npy\", \"more.npy\"]\n");
      write_fields("in/fields.npy", 1);
      write_fields("in/more.npy", 2);
      make(verb);
      check_same();
      write_fields("in/fields.npy", 3);
      check_refused("", "in/fields.npy: is not the one that was read before: its SHA-1 is another");
      std::filesystem::create_directory(path("moved"));
      write_fields("moved/fields.npy", 1);
      write_fields("moved/more.npy", 2);
      BOOST_TEST(rerun("--folder moved").status == 0);
      std::filesystem::remove(path("in/fields.npy"));
      check_refused("", "in/fields.npy: cannot be read any more");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_replaced_file_of_samples_stops_resume_and_journal, RerunFolder) {
  const Experiment experiment = read_experiment(path("in/samples.toml"));
  write_checkpoint(path("out/a.nc.checkpoint"), identity_of(experiment), half_trained(experiment));
  const std::string sweep =
      "experiment = \"samples.toml\"\n[[axis]]\nname = \"f\"\nkey = \"network.bias\"\n"
      "values = [-1, 0]\n";
  write("in/sweep.toml", sweep);
  write("out/s.nc.journal", nlohmann::json{{"sweep", sweep},
                                           {"experiment", samples_experiment},
                                           {"data_files", experiment.data},
                                           {"popflow_version", version()},
                                           {"git_revision", git_revision()}}
                                    .dump() +
                                "\n");
  write_fields("in/fields.npy", 2);
  const ProgramRun swept = run_popflow(*this, "sweep in/sweep.toml -o out/s.nc");
  BOOST_TEST(swept.status == 2);
  BOOST_TEST(swept.err ==
             "popflow: out/s.nc.journal: holds points of another sweep, experiment, file of "
             "samples or version of popflow: remove it, or choose another output\n");
  const ProgramRun run = run_popflow(*this, "sgd in/samples.toml -o out/a.nc --resume");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err ==
             "popflow: out/a.nc.checkpoint: is the checkpoint of a run with other samples "
             "(class.N.input.file was replaced): resume that one, or remove this file to start "
             "anew\n");
  write_fields("in/fields.npy", 1);
  BOOST_TEST(run_popflow(*this, "sgd in/samples.toml -o out/a.nc --resume --quiet").status == 0);
  BOOST_TEST(run_popflow(*this, "sweep in/sweep.toml -o out/s.nc --quiet").status == 0);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_rerun_is_refused_in_one_line, RerunFolder) {
  check_refused("", "out/a.nc: cannot be read: No such file or directory");
  BOOST_REQUIRE(mkfifo(path("out/a.nc").c_str(), 0600) == 0);
  check_refused("", "out/a.nc: not a results file of popflow: is no regular file");
  std::filesystem::remove(path("out/a.nc"));
  write("out/a.nc", "seed = 1\n");
  check_refused("", "out/a.nc: not a results file of popflow: ");
  make("flow in/good.toml");
  const std::string whole = read("out/a.nc");
  const auto changed = [&](const std::string& name, const std::string& value,
                           const std::string& words) {
    write("out/a.nc", whole);
    opened().putAtt(name, value);
    check_refused("", words);
  };
  changed("kind", "\x1b[2Jsoup", "out/a.nc: holds \"\\x1b[2Jsoup\": must hold");
  changed("kind", "\xc2\x9bsoup", "out/a.nc: holds \"\\xc2\\x9bsoup\": must hold");
  changed("stop_reason", "interrupted", "its run was interrupted, which cannot be repeated");
  changed("experiment", "seed = ", "cannot be rerun: in/good.toml:1: not TOML");
  changed("overrides", "network.bias=x", "in/good.toml: --set network.bias=x");
}

BOOST_AUTO_TEST_SUITE_END()

// A training run that was stopped goes on from its checkpoint, to the same file bit for bit.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/read.hpp"
#include "popflow/results/checkpoint.hpp"

#include "good_experiment.hpp"
#include "program.hpp"

BOOST_AUTO_TEST_SUITE(resume, *boost::unit_test::precondition(program_is_built))

using namespace popflow;

namespace {

/// A folder with a training run of a few snapshots.
struct Training : ScratchFolder {
  explicit Training(int t_end)
      : overrides{fmt::format("sgd.t_end={}", t_end), "sgd.snapshots=8", "sgd.runs=3"} {
    write("good.toml", good_experiment);
  }

  ProgramRun run(const std::string& prefix = "") const {
    return with("--checkpoint 0.01 --resume", prefix);
  }

  ProgramRun with(const std::string& options, const std::string& prefix = "") const {
    return run_popflow(*this,
                       fmt::format("sgd good.toml -o a.nc --json --set {} {}",
                                   fmt::join(overrides, " --set "), options),
                       "export SOURCE_DATE_EPOCH=1700000000; " + prefix);
  }

  // Killed so many seconds after it started.
  ProgramRun killed_after(double seconds) const { return run(signalled("KILL", "a", seconds)); }

  // Killed so many seconds after it wrote a checkpoint of its own.
  ProgramRun killed_after_checkpoint(double seconds) const {
    return run("touch good.toml; " + signalled("KILL", "a.nc.checkpoint -nt good.toml", seconds));
  }

  bool has_checkpoint() const { return std::filesystem::exists(path("a.nc.checkpoint")); }

  std::vector<EnsembleRun> checkpoint() const {
    return read_checkpoint(path("a.nc.checkpoint"),
                           identity_of(read_experiment(path("good.toml"), overrides)));
  }

  // Kills it until it leaves a checkpoint.
  void kill_with_checkpoint() const {
    for (int tries = 0; tries < 20 && !has_checkpoint(); ++tries) killed_after_checkpoint(0.0);
    BOOST_REQUIRE(has_checkpoint());
  }

  void check_finished_as(const std::string& expected) const {
    BOOST_TEST((read("a.nc") == expected));
    BOOST_TEST(names() == (std::set<std::string>{"a.nc", "good.toml"}),
               boost::test_tools::per_element());
  }

  // It goes on to its end.
  void check_resumes_to(const std::string& expected) const {
    const ProgramRun rest = run();
    BOOST_TEST(rest.status == 0);
    BOOST_TEST(rest.err.empty());
    check_finished_as(expected);
  }

  std::vector<std::string> overrides;
};

// A run that takes long against the moments between a condition and its signal.
struct WholeRun {
  int t_end = 16;
  double start = 0.0;    // in seconds, before it trains
  std::string expected;  // what it leaves when nothing stops it

  WholeRun() {
    constexpr double long_enough = 1.0;  // seconds
    for (;; t_end *= 2) {
      BOOST_REQUIRE(t_end < 10'000'000);
      const Training training(t_end);
      const auto begin = std::chrono::steady_clock::now();
      const ProgramRun run = training.run();
      const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begin;
      BOOST_REQUIRE(run.status == 0);
      const double training_seconds = nlohmann::json::parse(run.out)["seconds"];
      start = whole.count() - training_seconds;
      expected = training.read("a.nc");
      if (training_seconds > long_enough) break;
    }
  }
};

const WholeRun& whole_run() {
  static const WholeRun whole;
  return whole;
}

std::uint64_t steps_of(const std::vector<EnsembleRun>& runs) {
  std::uint64_t steps = 0;
  for (const EnsembleRun& run : runs) steps += run.state.steps;
  return steps;
}

std::uint64_t steps_of(const ProgramRun& run) { return nlohmann::json::parse(run.out)["steps"]; }

void check_refused(const ProgramRun& run, const std::string& message) {
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.out.empty());
  BOOST_TEST(run.err == "popflow: " + message + "\n");
}

}  // namespace

BOOST_AUTO_TEST_CASE(twenty_kills_leave_no_trace) {
  const Training training(whole_run().t_end);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> while_starting(0.0, 1.5 * whole_run().start),
      while_training(0.0, 0.05);
  int kills = 0, resumed = 0;
  for (int runs = 0; kills < 20 || resumed < 6; ++runs) {
    BOOST_REQUIRE(runs < 100);
    const bool resumes = training.has_checkpoint();
    const ProgramRun run = runs % 2 ? training.killed_after_checkpoint(while_training(random))
                                    : training.killed_after(while_starting(random));
    if (run.status == 0) {
      training.check_finished_as(whole_run().expected);  // too soon: start again
    } else {
      ++kills;
      resumed += resumes && runs % 2 && training.has_checkpoint();
    }
  }
  BOOST_TEST(training.run().status == 0);
  training.check_finished_as(whole_run().expected);
}

BOOST_AUTO_TEST_CASE(what_a_killed_run_left_goes_when_another_ends) {
  const Training training(1);
  for (const std::string output : {"a.nc", "a.nc.checkpoint"})
    training.write(output + ".part-999999999", "of no process");
  BOOST_TEST(training.run().status == 0);
  training.check_finished_as(training.read("a.nc"));
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_goes_on_where_it_stopped) {
  // Only the interruption writes a checkpoint.
  const std::string options = "--checkpoint 1000 --resume";
  const Training whole(whole_run().t_end), training(whole_run().t_end);
  const ProgramRun first = whole.with(options);
  BOOST_TEST(first.status == 0);
  // It says so when it can be interrupted.
  BOOST_TEST(first.err == "popflow: a.nc.checkpoint: is not there: starting from the beginning\n");
  const std::string has_said_so = "-s /dev/stderr";

  ProgramRun part{};
  double seconds = 0.2;
  for (int tries = 0; tries < 20; ++tries) {
    part = training.with(options, signalled("INT", has_said_so, seconds));
    if (part.status == 1 && steps_of(part) > 0) break;
    seconds *= part.status == 0 ? 0.5 : 1.5;  // too late or too soon
    std::filesystem::remove(training.path("a.nc.checkpoint"));
  }
  BOOST_REQUIRE(part.status == 1);
  BOOST_REQUIRE(training.has_checkpoint());
  BOOST_TEST(steps_of(part) == steps_of(training.checkpoint()));
  BOOST_TEST(steps_of(part) > 0);
  BOOST_TEST(steps_of(part) < steps_of(first));

  const ProgramRun rest = training.with(options);
  BOOST_TEST(rest.err.empty());
  BOOST_TEST(steps_of(rest) == steps_of(first));
  training.check_finished_as(whole.read("a.nc"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_stops_the_run_and_keeps_the_last_checkpoint) {
  const Training training(whole_run().t_end);
  training.kill_with_checkpoint();
  const std::string last = training.read("a.nc.checkpoint");
  // After every step, so that it comes before the end.
  const ProgramRun full = training.with("--checkpoint 0 --resume", "trap '' XFSZ; ulimit -f 8;");
  BOOST_TEST(full.status == 1);
  BOOST_TEST(full.out.empty());
  BOOST_TEST(full.err == "popflow: a.nc.checkpoint: cannot be written: File too large\n");
  BOOST_TEST((training.read("a.nc.checkpoint") == last));
  training.check_resumes_to(whole_run().expected);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_another_run_is_refused) {
  Training training(whole_run().t_end);
  training.kill_with_checkpoint();
  const std::string last = training.read("a.nc.checkpoint");
  const auto refused = [&](const std::string& whose) {
    check_refused(training.run(), fmt::format("a.nc.checkpoint: is the checkpoint of a run {}: "
                                              "resume that one, or remove this file to start anew",
                                              whose));
  };
  training.overrides.push_back("sgd.batch=11");
  refused("with other overrides (--set)");
  training.overrides.pop_back();
  training.write("good.toml", std::string(good_experiment) + "# changed\n");
  refused("of another experiment file");
  BOOST_TEST((training.read("a.nc.checkpoint") == last));
}

BOOST_AUTO_TEST_CASE(without_resume_an_old_checkpoint_does_not_matter) {
  const Training training(1);
  training.write("a.nc.checkpoint", "not one");
  const ProgramRun refused = training.run();
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(refused.err.starts_with("popflow: a.nc.checkpoint: not a checkpoint of popflow: "));
  BOOST_TEST(training.with("").status == 0);
  BOOST_TEST(!training.has_checkpoint());
}

BOOST_AUTO_TEST_CASE(a_diverged_run_leaves_no_checkpoint) {
  Training training(1'000'000'000);
  for (const std::string key :
       {"sgd.learning_rate=1e8", "network.initial_scale=1e60", "sgd.gradient=quartic"})
    training.overrides.push_back(key);
  BOOST_TEST(training.with("--checkpoint 0").status == 1);
  BOOST_TEST(training.names() == (std::set<std::string>{"a.nc", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(checkpoints_need_an_output_file_and_a_time) {
  const ScratchFolder folder;
  folder.write("good.toml", good_experiment);
  const auto refused = [&folder](const std::string& arguments, const std::string& message) {
    check_refused(run_popflow(folder, "sgd good.toml " + arguments), message + " (popflow --help)");
  };
  refused("--resume", "--resume requires --output");
  refused("--checkpoint 5", "--checkpoint requires --output");
  for (const std::string time : {"-1", "nan", "soon"})
    refused("-o a.nc --checkpoint " + time,
            fmt::format("--checkpoint: {}: must be a number that is at least 0", time));
  check_refused(run_popflow(folder, "sgd good.toml -o a.nc", "SOURCE_DATE_EPOCH=today"),
                "SOURCE_DATE_EPOCH: is \"today\": must be an integer from 0 to 253402300799 "
                "(seconds since 1970)");
  BOOST_TEST(folder.names() == std::set<std::string>{"good.toml"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

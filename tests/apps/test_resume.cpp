// A training run that was stopped goes on from its checkpoint, to the same file bit for bit.

#include <chrono>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/checkpoint.hpp"
#include "popflow/experiment/read.hpp"

#include "good_experiment.hpp"
#include "program.hpp"

using namespace popflow;

namespace {

const std::string killed_after = "timeout --foreground --signal=KILL ";

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

  bool has_checkpoint() const { return std::filesystem::exists(path("a.nc.checkpoint")); }

  std::vector<EnsembleRun> checkpoint() const {
    return read_checkpoint(path("a.nc.checkpoint"),
                           identity_of(read_experiment(path("good.toml"), overrides)));
  }

  // Kills it until it leaves a checkpoint.
  void kill_with_checkpoint() const {
    for (double seconds = 0.1; !has_checkpoint() && seconds < 10.0; seconds *= 2.0)
      run(fmt::format("{}{}", killed_after, seconds));
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

// What such a run leaves when nothing stops it.
std::string uninterrupted(int t_end) {
  const Training training(t_end);
  BOOST_TEST(training.run().status == 0);
  return training.read("a.nc");
}

double seconds_of_run(int t_end) {
  const auto start = std::chrono::steady_clock::now();
  Training(t_end).run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// How long runs take here: sanitizers make steps some forty times slower, and starting ten times.
struct Pace {
  double start = seconds_of_run(1);  // in seconds
  double tau_per_second = 0.0;

  Pace() {
    double seconds = start;
    int t_end = 10;
    for (; seconds < start + 0.25; t_end *= 2) seconds = seconds_of_run(t_end);
    tau_per_second = t_end / 2 / (seconds - start);
  }
};

const Pace& pace() {
  static const Pace measured;
  return measured;
}

// The t_end of a run that takes so many seconds after it has started.
int t_end_after(double seconds) { return 1 + static_cast<int>(seconds * pace().tau_per_second); }

constexpr double lasting = 2.5, medium = 1.0, brief = 0.1;  // seconds

void check_refused(const ProgramRun& run, const std::string& message) {
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.out.empty());
  BOOST_TEST(run.err == "popflow: " + message + "\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resume, *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(twenty_kills_leave_no_trace) {
  const int t_end = t_end_after(lasting);
  const std::string expected = uninterrupted(t_end);
  const Training training(t_end);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> delay(0.5 * pace().start, 2.0 * pace().start + 0.15);
  int resumed = 0;
  for (int kills = 0; kills < 20;) {
    resumed += training.has_checkpoint();
    if (training.run(fmt::format("{}{}", killed_after, delay(random))).status == 0)
      training.check_finished_as(expected);  // too soon: start again
    else
      ++kills;
  }
  BOOST_TEST(resumed > 5);
  BOOST_TEST(training.run().status == 0);
  training.check_finished_as(expected);
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_goes_on_where_it_stopped) {
  // Only the interruption writes a checkpoint.
  const std::string options = "--checkpoint 1000 --resume";
  const int t_end = t_end_after(medium);
  const Training whole(t_end), training(t_end);
  const ProgramRun first = whole.with(options);
  BOOST_TEST(first.status == 0);
  BOOST_TEST(first.err == "popflow: a.nc.checkpoint: is not there: starting from the beginning\n");

  const ProgramRun part = training.with(
      options,
      fmt::format("timeout --preserve-status --signal=INT {}", pace().start + 0.3 * medium));
  BOOST_TEST(part.status == 1);
  std::uint64_t steps = 0;
  for (const EnsembleRun& run : training.checkpoint()) steps += run.state.steps;
  BOOST_TEST(nlohmann::json::parse(part.out)["steps"] == steps);

  const ProgramRun rest = training.with(options);
  BOOST_TEST(rest.err.empty());
  BOOST_TEST(nlohmann::json::parse(rest.out)["steps"] == nlohmann::json::parse(first.out)["steps"]);
  training.check_finished_as(whole.read("a.nc"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_stops_the_run_and_keeps_the_last_checkpoint) {
  const int t_end = t_end_after(medium);
  const std::string expected = uninterrupted(t_end);
  const Training training(t_end);
  training.kill_with_checkpoint();
  const std::string last = training.read("a.nc.checkpoint");
  const ProgramRun full = training.run("trap '' XFSZ; ulimit -f 8;");
  BOOST_TEST(full.status == 1);
  BOOST_TEST(full.out.empty());
  BOOST_TEST(full.err == "popflow: a.nc.checkpoint: cannot be written: File too large\n");
  BOOST_TEST((training.read("a.nc.checkpoint") == last));
  training.check_resumes_to(expected);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_another_run_is_refused) {
  Training training(t_end_after(medium));
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
  const Training training(t_end_after(brief));
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
       {"sgd.learning_rate=1e9", "network.initial_scale=1e60", "sgd.gradient=quartic"})
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

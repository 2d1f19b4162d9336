// The verb ladder: every kind of flow of one experiment file, in one table, one file and one
// figure.

#include <filesystem>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "good_experiment.hpp"
#include "program.hpp"

namespace {

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0, start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       start = end + 1, end = text.find('\n', start))
    longest = std::max(longest, end - start);
  return longest;
}

}  // namespace

struct LadderFolder : ScratchFolder {
  LadderFolder() { write("good.toml", good_experiment); }

  // With few samples, so that it takes a fraction of a second.
  ProgramRun ladder(const std::string& options, const std::string& prefix = "") const {
    return run_popflow(*this, "ladder good.toml --set flow.samples=20 --set flow.runs=2 " + options,
                       prefix);
  }
};

BOOST_FIXTURE_TEST_SUITE(ladder_verb, LadderFolder,
                         *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(the_table_has_every_kind) {
  const ProgramRun run = ladder("--set flow.snapshots=12");
  BOOST_REQUIRE_MESSAGE(run.status == 0, run.err);
  BOOST_TEST(run.err == "");
  for (const char* name : {"population", "quartic", "gaussian", "edgeworth", "kurtosis",
                           "conditional", "latent 1", "latent 2", "latent 3", "sgd", "sgd quartic"})
    BOOST_TEST(says(run.out, fmt::format("\n{} ", name)), run.out);
  BOOST_TEST(says(run.out, "5 of 12 snapshots shown"));
  BOOST_TEST(longest_line(run.out) <= 100u);
  BOOST_TEST(ladder("--quiet").out == "");
}

BOOST_AUTO_TEST_CASE(kinds_that_do_not_apply_are_listed_with_the_reason) {
  const ProgramRun run = ladder("--set network.hidden=2 --set 'network.bias=[-1.0, 1.0]'");
  BOOST_REQUIRE_MESSAGE(run.status == 0, run.err);
  BOOST_TEST(says(run.out, "does not apply: "));
  BOOST_TEST(says(run.out, "network.hidden"));
  BOOST_TEST(!says(run.out, "nan"));
}

BOOST_AUTO_TEST_CASE(json_has_all_snapshots) {
  const ProgramRun run = ladder("--json --set network.hidden=2 --set flow.snapshots=12");
  BOOST_REQUIRE_MESSAGE(run.status == 0, run.err);
  const nlohmann::json object = nlohmann::json::parse(run.out);
  BOOST_TEST(object["t"].size() == 12u);
  BOOST_TEST(object["stop_reason"] == "reached_end");
  BOOST_TEST(object["kinds"].size() == 11u);
  for (const nlohmann::json& kind : object["kinds"]) {
    if (kind["stop_reason"] == "") {
      BOOST_TEST(says(kind["reason"], "network.hidden"));
      continue;
    }
    BOOST_TEST(kind["error"].size() == 12u);
    BOOST_TEST(kind["standard_error"].size() == 12u);
    BOOST_TEST(kind["seconds"].is_number());
    BOOST_TEST(kind["ipr"].size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(results_are_written_drawn_and_run_again) {
  const ProgramRun run = ladder("-o ladder.nc --figure a.svg");
  BOOST_REQUIRE_MESSAGE(run.status == 0, run.err);
  const ProgramRun again = run_popflow(*this, "rerun ladder.nc --json");
  BOOST_TEST(again.status == 0, again.err);
  BOOST_TEST(nlohmann::json::parse(again.out)["same"] == true);
  const ProgramRun drawn = run_popflow(*this, "plot ladder.nc -o b.svg");
  BOOST_REQUIRE_MESSAGE(drawn.status == 0, drawn.err);
  BOOST_TEST((read("a.svg") == read("b.svg")));
  for (const char* name : {"SGD, quartic loss", "latent 3", "population", "kurtosis"})
    BOOST_TEST(says(read("a.svg"), name), name);
  BOOST_TEST(run_popflow(*this, "plot ladder.nc ladder.nc -o c.svg").status == 2);
  BOOST_TEST(run_popflow(*this, "compare ladder.nc ladder.nc").status == 2);
}

BOOST_AUTO_TEST_CASE(several_neurons_and_tori_are_drawn) {
  for (const char* options : {"--set network.hidden=5", "--set lattice.shape=[3,4]",
                              "--set lattice.shape=[3,4] --set network.hidden=2",
                              "--set flow.t_first=0.1 --set flow.snapshots=5"}) {
    const ProgramRun run = ladder(std::string("--quiet --figure a.png ") + options);
    BOOST_TEST(run.status == 0, run.err);
    BOOST_TEST(run.err == "");
    BOOST_TEST(std::filesystem::exists(path("a.png")));
  }
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_before_anything_runs) {
  for (const auto& [options, words] :
       std::vector<std::pair<std::string, std::string>>{{"--figure a.pdf", ".svg or .png"},
                                                        {"--figure nowhere/a.svg", "nowhere/a.svg"},
                                                        {"--figure good.toml", "good.toml"},
                                                        {"-o nowhere/a.nc", "nowhere/a.nc"},
                                                        {"--set network.kernel=[5]", "kernel"},
                                                        {"--set flow.samples=0", "flow.samples"}}) {
    const ProgramRun run = ladder(options);
    BOOST_TEST(run.status == 2, options);
    BOOST_TEST(says(run.err, words), run.err);
    BOOST_TEST(run.out == "");
  }
  write("no-flow.toml",
        std::string(good_experiment).erase(std::string(good_experiment).find("[flow]")));
  const ProgramRun run = run_popflow(*this, "ladder no-flow.toml -o a.nc");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(says(run.err, "flow.t_end"), run.err);
  BOOST_TEST(!std::filesystem::exists(path("a.nc")));
}

// The signal is sent when the program says that it catches it (SIGINT is bit 1 of SigCgt).
BOOST_AUTO_TEST_CASE(interrupted_before_the_population_is_known_it_leaves_nothing) {
  const ProgramRun run =
      ladder("-o a.nc --figure a.svg --set flow.t_end=1e8",
             signalled("INT", "-n \"$(grep -E \"^SigCgt:.*[2367abef]$\" /proc/$!/status)\"", 0.0));
  BOOST_TEST(run.status == 1, run.err);
  BOOST_TEST(says(run.err, "interrupted"), run.err);
  BOOST_TEST(!std::filesystem::exists(path("a.nc")));
  BOOST_TEST(!std::filesystem::exists(path("a.svg")));
}

BOOST_AUTO_TEST_SUITE_END()

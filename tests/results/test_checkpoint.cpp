#include <cstring>
#include <limits>

#include <boost/test/unit_test.hpp>
#include <netcdf>

#include "popflow/results/checkpoint.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/results/results.hpp"

#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(checkpoint)

using namespace popflow;

namespace {

const RunIdentity identity{"seed = 1\n# \xc3\xa9t\xc3\xa9\n", "sgd.runs=3\nseed=2", "12ab  a.npy",
                           "1.2.3", "abc"};

constexpr int hidden = 2, sites = 5;

// All numbers differ, and most need every bit.
Parameters parameters(int seed) {
  Parameters result(hidden, sites);
  for (Eigen::Index i = 0; i < result.values.size(); ++i)
    result.values[i] = 1.0 / (3.0 + 100.0 * seed + static_cast<double>(i));
  return result;
}

EnsembleRun run_with(int snapshots, std::uint64_t steps, std::uint64_t steps_since) {
  const int seed = 20 * snapshots;
  EnsembleRun run{{parameters(seed), steps, static_cast<std::size_t>(snapshots), steps_since}};
  for (int n = 0; n < snapshots; ++n) {
    run.time.push_back(0.1 * n + 1.0 / (1.0 + seed));
    run.parameters.push_back(parameters(seed + n + 1));
  }
  return run;
}

// Runs that have come differently far; one has not begun, one has more steps than a double counts.
std::vector<EnsembleRun> ragged() {
  std::vector<EnsembleRun> runs{run_with(3, 41, 7), run_with(0, 0, 0),
                                run_with(1, 9007199254740993, 9007199254740993),
                                run_with(4, 55, 0)};
  runs[0].state.parameters.values[1] = std::numeric_limits<double>::denorm_min();
  runs[0].state.parameters.values[2] = -0.0;
  return runs;
}

bool same_bits(const Parameters& a, const Parameters& b) {
  return a.hidden() == b.hidden() && a.sites() == b.sites() &&
         std::memcmp(a.values.data(), b.values.data(),
                     sizeof(double) * static_cast<std::size_t>(a.values.size())) == 0;
}

void check_same(const EnsembleRun& a, const EnsembleRun& b) {
  BOOST_TEST(same_bits(a.state.parameters, b.state.parameters));
  BOOST_TEST(a.state.steps == b.state.steps);
  BOOST_TEST(a.state.observed == b.state.observed);
  BOOST_TEST(a.state.steps_since == b.state.steps_since);
  BOOST_TEST(a.time == b.time, boost::test_tools::per_element());
  BOOST_REQUIRE(a.parameters.size() == b.parameters.size());
  for (std::size_t n = 0; n < a.parameters.size(); ++n)
    BOOST_TEST(same_bits(a.parameters[n], b.parameters[n]));
}

std::string message_of(const std::string& file, const RunIdentity& wanted = identity) {
  try {
    read_checkpoint(file, wanted);
  } catch (const InvalidResults& error) {
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(ragged_runs_are_read_again_bit_for_bit) {
  const ScratchFolder folder;
  const std::vector<EnsembleRun> runs = ragged();
  write_checkpoint(folder.path("c"), identity, runs);
  const std::vector<EnsembleRun> found = read_checkpoint(folder.path("c"), identity);
  BOOST_REQUIRE(found.size() == runs.size());
  for (std::size_t r = 0; r < runs.size(); ++r) check_same(found[r], runs[r]);
  BOOST_TEST(folder.names() == std::set<std::string>{"c"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_same_runs_give_the_same_file) {
  const ScratchFolder folder;
  for (const std::string name : {"a", "b"}) write_checkpoint(folder.path(name), identity, ragged());
  BOOST_TEST((folder.read("a") == folder.read("b")));
}

BOOST_AUTO_TEST_CASE(another_run_is_refused_and_told_what_to_do) {
  const ScratchFolder folder;
  const std::string file = folder.path("c");
  write_checkpoint(file, identity, ragged());
  const auto refused = [&file](auto change, const std::string& whose) {
    RunIdentity other = identity;
    change(other);
    BOOST_TEST(message_of(file, other) ==
               file + ": is the checkpoint of a run " + whose +
                   ": resume that one, or remove this file to start anew");
  };
  refused([](RunIdentity& other) { other.experiment += "#"; }, "of another experiment file");
  refused([](RunIdentity& other) { other.overrides = ""; }, "with other overrides (--set)");
  refused([](RunIdentity& other) { other.data = "12ac  a.npy"; },
          "with other samples (class.N.input.file was replaced)");
  refused([](RunIdentity& other) { other.version = "1.2.4"; },
          "of popflow 1.2.3 (abc), while this is popflow 1.2.4 (abc)");
  refused([](RunIdentity& other) { other.git_revision = "def"; },
          "of popflow 1.2.3 (abc), while this is popflow 1.2.3 (def)");
}

BOOST_AUTO_TEST_CASE(what_is_no_whole_checkpoint_is_refused_in_one_line) {
  const ScratchFolder folder;
  const std::string none = folder.path("none"), text = folder.write("text", "seed = 1\n"),
                    other = folder.path("other"), part = folder.path("part");
  netCDF::NcFile(other, netCDF::NcFile::newFile).putAtt("kind", "sgd");
  netCDF::NcFile(part, netCDF::NcFile::newFile).putAtt("kind", "checkpoint");
  BOOST_TEST(message_of(none) == none + ": cannot be read: No such file or directory");
  BOOST_TEST(message_of(text).starts_with(text + ": not a checkpoint of popflow: "));
  BOOST_TEST(message_of(other) == other +
                                      ": holds training (popflow sgd): must hold a checkpoint "
                                      "(popflow sgd --resume)");
  BOOST_TEST(message_of(part) == part + ": not a checkpoint of popflow: no attribute experiment");

  write_checkpoint(folder.path("whole"), identity, ragged());
  const std::string bytes = folder.read("whole");
  for (const std::size_t kept : {0, 1, 100, 1000, 5000}) {
    const std::string cut = folder.write("cut", bytes.substr(0, kept));
    BOOST_TEST(message_of(cut).starts_with(cut + ": not a checkpoint of popflow: "));
    BOOST_TEST(message_of(cut).find('\n') == std::string::npos);
  }
}

// Made by hand, of two runs with a snapshot each: what is written in memory cannot be changed.
BOOST_AUTO_TEST_CASE(counts_that_do_not_fit_are_refused) {
  const ScratchFolder folder;
  const std::string path = folder.path("a");
  const auto refusal = [&](long long K, long long M, std::vector<unsigned long long> observed) {
    {
      netCDF::NcFile file(path, netCDF::NcFile::replace);
      file.putAtt("kind", "checkpoint");
      file.putAtt("hidden", netCDF::ncInt64, K);
      file.putAtt("sites", netCDF::ncInt64, M);
      file.putAtt("experiment", identity.experiment);
      file.putAtt("overrides", identity.overrides);
      file.putAtt("data_files", identity.data);
      file.putAtt("popflow_version", identity.version);
      file.putAtt("git_revision", identity.git_revision);
      const auto run = file.addDim("run", 2), snapshot = file.addDim("snapshot", 2),
                 parameter = file.addDim("parameter", 8);
      for (const char* name : {"steps", "observed", "steps_since"})
        file.addVar(name, netCDF::ncUint64, run).putVar(observed.data());
      const std::vector<double> numbers(16, 1.0);
      file.addVar("time", netCDF::ncDouble, snapshot).putVar(numbers.data());
      file.addVar("state", netCDF::ncDouble, {run, parameter}).putVar(numbers.data());
      file.addVar("parameters", netCDF::ncDouble, {snapshot, parameter}).putVar(numbers.data());
    }
    const std::string before = path + ": not a checkpoint of popflow: ", message = message_of(path);
    return message.starts_with(before) ? message.substr(before.size()) : message;
  };
  const std::string not_its = "hidden and sites do not make its parameters";
  BOOST_TEST(refusal(2, 2, {1, 1}) == "");
  BOOST_TEST(refusal(1LL << 62, 2, {1, 1}) == not_its);
  BOOST_TEST(refusal((1LL << 61) + 2, 2, {1, 1}) == not_its);  // K (M + 2) = 8 in 64 bits
  BOOST_TEST(refusal(0, 2, {1, 1}) == not_its);
  BOOST_TEST(refusal(-1, 2, {1, 1}) == not_its);
  BOOST_TEST(refusal(2, 3, {1, 1}) == not_its);
  // Two in 64 bits.
  BOOST_TEST(refusal(2, 2, {~0ULL, 3}) == "observed does not count its snapshots");
}

BOOST_AUTO_TEST_CASE(runs_that_have_not_begun_or_disagree_are_refused) {
  const ScratchFolder folder;
  const auto refused = [&folder](auto change) {
    std::vector<EnsembleRun> runs = ragged();
    change(runs);
    BOOST_CHECK_THROW(write_checkpoint(folder.path("c"), identity, runs), std::invalid_argument);
    BOOST_TEST(folder.names().empty());
  };
  refused([](std::vector<EnsembleRun>& runs) { runs.clear(); });
  refused([](std::vector<EnsembleRun>& runs) { runs = {run_with(0, 0, 0)}; });
  refused([](std::vector<EnsembleRun>& runs) { runs[0].time.pop_back(); });
  refused([](std::vector<EnsembleRun>& runs) { runs[0].parameters.pop_back(); });
  refused([](std::vector<EnsembleRun>& runs) { runs[0].state.observed = 2; });
  refused([](std::vector<EnsembleRun>& runs) { runs[1].state.parameters = Parameters(1, 5); });
  refused([](std::vector<EnsembleRun>& runs) { runs[3].parameters[2] = Parameters(1, 12); });
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_cannot_be_written_is_an_error) {
  const ScratchFolder folder;
  BOOST_CHECK_THROW(write_checkpoint(folder.path("none/c"), identity, ragged()), UnwritableOutput);
}

BOOST_AUTO_TEST_SUITE_END()

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/test/unit_test.hpp>
#include <netcdf>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "popflow/experiment/experiment.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/results/results.hpp"

#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(results_file)

using namespace popflow;

namespace {

// Weights that tell run, snapshot, neuron and site apart.
Results example(const Torus& torus, int neurons, int snapshots, int runs) {
  Results results;
  results.kind = "sgd";
  results.stop_reason = "reached_end";
  results.seed = 9007199254740993;  // not a double
  results.torus = torus;
  results.experiment = "seed = 1\n# \xc3\xa9t\xc3\xa9\n";
  results.overrides = "";
  results.provenance = {"1.2.3", "abc-dirty",         "GNU 12",
                        "AVX2",  "popflow sgd 'a b'", "2024-05-17T09:30:00Z"};
  for (int n = 0; n < snapshots; ++n) results.time.push_back(0.1 * n);
  results.runs.resize(static_cast<std::size_t>(runs));
  for (std::size_t r = 0; r < results.runs.size(); ++r)
    for (int n = 0; n < snapshots; ++n)
      results.runs[r].push_back(
          Weights::NullaryExpr(neurons, torus.sites(), [&](Eigen::Index k, Eigen::Index i) {
            return 1.0 + 1000.0 * static_cast<double>(r) + 100.0 * n +
                   10.0 * static_cast<double>(k) + 0.1 * static_cast<double>(i);
          }));
  return results;
}

void check_same(const Results& a, const Results& b) {
  BOOST_TEST(a.kind == b.kind);
  BOOST_TEST(a.stop_reason == b.stop_reason);
  BOOST_TEST(a.seed == b.seed);
  BOOST_TEST((a.torus == b.torus));
  BOOST_TEST(a.time == b.time, boost::test_tools::per_element());
  BOOST_TEST((a.runs == b.runs));
  BOOST_TEST(a.experiment == b.experiment);
  BOOST_TEST(a.overrides == b.overrides);
  BOOST_TEST(a.provenance.version == b.provenance.version);
  BOOST_TEST(a.provenance.git_revision == b.provenance.git_revision);
  BOOST_TEST(a.provenance.compiler == b.provenance.compiler);
  BOOST_TEST(a.provenance.command_line == b.provenance.command_line);
  BOOST_TEST(a.provenance.date == b.provenance.date);
}

std::string message_of(const std::string& file) {
  try {
    read_results(file);
  } catch (const InvalidResults& error) {
    return error.what();
  }
  return "";
}

// A process that waits to be killed.
class Child {
 public:
  Child() : process_(fork()) {
    while (process_ == 0) pause();
    if (process_ < 0) throw std::runtime_error("no process can be made");
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  void end() {
    if (ended_) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    ended_ = true;
  }

  std::string number() const { return std::to_string(process_); }

 private:
  pid_t process_;
  bool ended_ = false;
};

// The files beside an output "a" that stay after `clean` has made or removed it.
void check_leftovers(const std::function<void(const std::string&)>& clean) {
  const ScratchFolder folder;
  Child living, dead;
  dead.end();
  const std::set<std::string> stay{"a.part-1",
                                   "a.part-" + living.number(),
                                   "a.part-",
                                   "a.part-0",
                                   "a.part--1",
                                   "a.part-" + dead.number() + "x",
                                   "a.parts",
                                   "b",
                                   "b.part-" + dead.number()};
  for (const std::string& name : stay) folder.write(name, "");
  const std::string beyond_all_processes = "999999999";
  for (const std::string& process : {dead.number(), beyond_all_processes})
    folder.write("a.part-" + process, "unfinished");
  clean(folder.path("a"));
  std::set<std::string> left = folder.names();
  left.erase("a");
  BOOST_TEST(left == stay, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  const ScratchFolder folder;
  for (const Torus& torus : {Torus({5}), Torus({2, 3})})
    for (const int neurons : {1, 3})
      for (const int runs : {1, 2}) {
        const Results results = example(torus, neurons, 4, runs);
        write_results(folder.path("a.nc"), results);
        check_same(read_results(folder.path("a.nc")), results);
        BOOST_TEST(folder.names() == std::set<std::string>{"a.nc"},
                   boost::test_tools::per_element());
      }
}

BOOST_AUTO_TEST_CASE(the_first_run_is_weights_and_gives_ipr) {
  const ScratchFolder folder;
  const Results results = example(Torus({5}), 2, 3, 4);
  write_results(folder.path("a.nc"), results);
  const netCDF::NcFile file(folder.path("a.nc"), netCDF::NcFile::read);
  std::vector<double> weights(3 * 2 * 5), ipr(3 * 2);
  file.getVar("weights").getVar(weights.data());
  file.getVar("ipr").getVar(ipr.data());
  BOOST_TEST(file.getVar("run_weights").getDim(0).getSize() == 4u);
  for (std::size_t n = 0; n < 3; ++n) {
    const Weights& u = results.runs.front()[n];
    BOOST_TEST((Eigen::Map<const Weights>(weights.data() + 10 * n, 2, 5) == u));
    for (int k = 0; k < 2; ++k)
      BOOST_TEST(ipr[2 * n + static_cast<std::size_t>(k)] ==
                 inverse_participation_ratio(Field(u.row(k).transpose())));
  }
}

BOOST_AUTO_TEST_CASE(every_variable_has_a_name_and_units) {
  const ScratchFolder folder;
  write_results(folder.path("a.nc"), example(Torus({2, 3}), 1, 3, 2));
  const netCDF::NcFile file(folder.path("a.nc"), netCDF::NcFile::read);
  const auto variables = file.getVars();
  BOOST_TEST(variables.size() == 9u);
  for (const auto& [name, variable] : variables) {
    std::string long_name, units;
    variable.getAtt("long_name").getValues(long_name);
    variable.getAtt("units").getValues(units);
    BOOST_TEST(!long_name.empty());
    BOOST_TEST(units == "1");
  }
}

// Variables of the first run alone say so, and the mean is there with its error.
BOOST_AUTO_TEST_CASE(an_ensemble_has_its_mean_and_says_what_is_of_one_run) {
  const ScratchFolder folder;
  Results results = example(Torus({5}), 2, 3, 4);
  results.series = {{"test_loss", "loss", {}, {1.0, 2.0, 3.0}}};
  write_results(folder.path("a.nc"), results);
  const netCDF::NcFile file(folder.path("a.nc"), netCDF::NcFile::read);
  const auto long_name = [&file](const std::string& name) {
    std::string text;
    file.getVar(name).getAtt("long_name").getValues(text);
    return text;
  };
  for (const std::string name : {"weights", "ipr", "test_loss"})
    BOOST_TEST(long_name(name).ends_with(", of run 0 of 4: not their mean"), long_name(name));
  for (const std::string name : {"run_weights", "run_ipr", "mean_weights", "weights_error"})
    BOOST_TEST(long_name(name).find("run 0") == std::string::npos, long_name(name));

  const auto values = [&file](const std::string& name, std::size_t size) {
    std::vector<double> result(size);
    file.getVar(name).getVar(result.data());
    return result;
  };
  const std::vector<double> weights = values("mean_weights", 30),
                            error = values("weights_error", 30), run_ipr = values("run_ipr", 24),
                            ipr = values("mean_ipr", 6);
  // Runs r = 0, ..., 3 are 1000 r apart: their mean is that of r = 1.5, and its standard error
  // 1000 sqrt(5/3 / 4), to rounding.
  BOOST_TEST(weights[0] == 1.0 + 1500.0, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(weights[29] == 1.0 + 1500.0 + 200.0 + 10.0 + 0.4, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(error[7] == 1000.0 * std::sqrt(5.0 / 12.0), boost::test_tools::tolerance(1e-13));
  for (std::size_t n = 0; n < 6; ++n)
    BOOST_TEST(ipr[n] == 0.25 * (run_ipr[n] + run_ipr[n + 6] + run_ipr[n + 12] + run_ipr[n + 18]),
               boost::test_tools::tolerance(1e-14));
}

// By the conventions that xarray and others follow.
BOOST_AUTO_TEST_CASE(time_is_the_coordinate_of_what_is_over_snapshots) {
  const ScratchFolder folder;
  write_results(folder.path("a.nc"), example(Torus({2, 3}), 1, 3, 2));
  const netCDF::NcFile file(folder.path("a.nc"), netCDF::NcFile::read);
  for (const auto& [name, variable] : file.getVars()) {
    if (name == "time") continue;
    std::string coordinates;
    variable.getAtt("coordinates").getValues(coordinates);
    BOOST_TEST(coordinates == "time");
  }
}

// Files of popflow before 0.2 had no means, no coordinates and no instruction set.
BOOST_AUTO_TEST_CASE(an_ensemble_of_an_older_version_is_read) {
  const ScratchFolder folder;
  const Results results = example(Torus({5}), 1, 2, 3);
  {
    netCDF::NcFile file(folder.path("old.nc"), netCDF::NcFile::newFile);
    for (const auto& [name, value] : {std::pair{"kind", "sgd"},
                                      {"stop_reason", "reached_end"},
                                      {"experiment", results.experiment.c_str()},
                                      {"overrides", ""},
                                      {"popflow_version", "1.2.3"},
                                      {"git_revision", "abc-dirty"},
                                      {"compiler", "GNU 12"},
                                      {"command_line", "popflow sgd 'a b'"},
                                      {"date", "2024-05-17T09:30:00Z"}})
      file.putAtt(name, std::string(value));
    file.putAtt("seed", netCDF::ncInt64, static_cast<long long>(results.seed));
    const netCDF::NcDim snapshot = file.addDim("snapshot", 2), neuron = file.addDim("neuron", 1),
                        site = file.addDim("site", 5), run = file.addDim("run", 3);
    file.addVar("time", netCDF::ncDouble, snapshot).putVar(results.time.data());
    std::vector<double> values;
    for (const auto& each : results.runs)
      for (const Weights& u : each) values.insert(values.end(), u.data(), u.data() + u.size());
    file.addVar("weights", netCDF::ncDouble, {snapshot, neuron, site}).putVar(values.data());
    file.addVar("run_weights", netCDF::ncDouble, {run, snapshot, neuron, site})
        .putVar(values.data());
  }
  check_same(read_results(folder.path("old.nc")), results);
}

BOOST_AUTO_TEST_CASE(results_without_snapshots_or_of_unequal_shapes_are_refused) {
  const ScratchFolder folder;
  const auto refused = [&folder](auto change) {
    Results results = example(Torus({5}), 2, 3, 2);
    change(results);
    BOOST_CHECK_THROW(write_results(folder.path("a.nc"), results), std::invalid_argument);
    BOOST_TEST(folder.names().empty());
  };
  refused([](Results& results) { results.runs.clear(); });
  refused([](Results& results) { results.time.clear(); });
  refused([](Results& results) { results.time.push_back(9.0); });
  refused([](Results& results) { results.runs[1].pop_back(); });
  refused([](Results& results) { results.runs[1][2].resize(1, 5); });
  refused([](Results& results) { results.torus = Torus({6}); });
  refused([](Results& results) { results.series = {{"s", "", {{"class", 2}}, {1.0, 2.0, 3.0}}}; });
}

BOOST_AUTO_TEST_CASE(a_path_that_cannot_be_written_leaves_nothing) {
  const ScratchFolder folder;
  folder.write("file", "");
  for (const std::string name : {"none/a.nc", "file/a.nc", "", "none/"}) {
    BOOST_CHECK_THROW(check_writable(folder.path(name)), UnwritableOutput);
    BOOST_CHECK_THROW(write_results(folder.path(name), example(Torus({5}), 1, 2, 1)),
                      UnwritableOutput);
  }
  BOOST_CHECK_THROW(check_writable("/dev/null"), UnwritableOutput);
  BOOST_CHECK_THROW(check_writable(""), UnwritableOutput);
  check_writable(folder.path("a.nc"));
  check_writable(folder.path("file"));
  BOOST_TEST(folder.names() == std::set<std::string>{"file"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_output_file_appears_when_it_is_complete) {
  const ScratchFolder folder;
  folder.write("a", "old");
  { const OutputFile abandoned(folder.path("a")); }
  BOOST_TEST(folder.read("a") == "old");
  OutputFile output(folder.path("a"));
  std::ofstream(output.temporary()) << "new";
  BOOST_TEST(folder.read("a") == "old");
  output.commit();
  BOOST_TEST(folder.read("a") == "new");
  BOOST_TEST(folder.names() == std::set<std::string>{"a"}, boost::test_tools::per_element());
}

// A limit on the size of files stands for a full disk: it fails in the same way, at the same place.
BOOST_AUTO_TEST_CASE(what_cannot_be_written_to_its_end_leaves_what_was_there) {
  const ScratchFolder folder;
  folder.write("a.nc", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    write_results(folder.path("a.nc"), example(Torus({50}), 2, 30, 1));
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  BOOST_TEST(message == folder.path("a.nc") + ": cannot be written: File too large");
  BOOST_TEST(folder.read("a.nc") == "old");
  BOOST_TEST(folder.names() == std::set<std::string>{"a.nc"}, boost::test_tools::per_element());
}

// A file that is made in memory is as good as one that NetCDF writes itself: it takes more.
BOOST_AUTO_TEST_CASE(a_written_file_can_be_added_to) {
  const ScratchFolder folder;
  write_results(folder.path("a.nc"), example(Torus({5}), 1, 2, 1));
  netCDF::NcFile(folder.path("a.nc"), netCDF::NcFile::write).addDim("more", 3);
  const netCDF::NcFile file(folder.path("a.nc"), netCDF::NcFile::read);
  BOOST_TEST(file.getDim("more").getSize() == 3u);
  check_same(read_results(folder.path("a.nc")), example(Torus({5}), 1, 2, 1));
}

BOOST_AUTO_TEST_CASE(only_what_dead_processes_left_of_an_output_is_removed) {
  check_leftovers([](const std::string& path) { OutputFile(path).commit(); });
  check_leftovers(remove_output);
}

BOOST_AUTO_TEST_CASE(an_output_is_removed_and_links_to_it_stay) {
  const ScratchFolder folder;
  std::filesystem::create_symlink("target", folder.path("link"));
  for (const std::string name : {"a", "target", "target.part-999999999"}) folder.write(name, "");
  for (const std::string name : {"a", "link", "none", "none/a"}) remove_output(folder.path(name));
  BOOST_TEST(folder.names() == std::set<std::string>{"link"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_symbolic_link_stays_and_its_target_is_written) {
  const ScratchFolder folder;
  const std::filesystem::path first = folder.path("first"), second = folder.path("second"),
                              target = folder.path("target");
  std::filesystem::create_symlink("second", first);
  std::filesystem::create_symlink(target, second);
  for (const std::string text : {"made", "replaced"}) {
    OutputFile output(first);
    std::ofstream(output.temporary()) << text;
    output.commit();
    BOOST_TEST(std::filesystem::is_symlink(first));
    BOOST_TEST(std::filesystem::is_symlink(second));
    BOOST_TEST(!std::filesystem::is_symlink(target));
    BOOST_TEST(folder.read("target") == text);
  }
  BOOST_TEST(folder.names() == (std::set<std::string>{"first", "second", "target"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_ring_of_symbolic_links_is_refused) {
  const ScratchFolder folder;
  std::filesystem::create_symlink("b", folder.path("a"));
  std::filesystem::create_symlink("a", folder.path("b"));
  BOOST_CHECK_THROW(check_writable(folder.path("a")), UnwritableOutput);
}

BOOST_AUTO_TEST_CASE(what_is_no_results_file_is_refused_in_one_line) {
  const ScratchFolder folder;
  const std::string none = folder.path("none.nc"), text = folder.write("text.nc", "seed = 1\n"),
                    other = folder.path("other.nc"), part = folder.path("part.nc");
  netCDF::NcFile(other, netCDF::NcFile::newFile).addDim("x", 3);
  write_results(part, example(Torus({5}), 1, 2, 1));
  netCDF::NcFile(part, netCDF::NcFile::write).getVar("weights").rename("w");

  BOOST_TEST(message_of(none) == none + ": cannot be read: No such file or directory");
  BOOST_TEST(message_of(text).starts_with(text + ": not a results file of popflow: "));
  BOOST_TEST(message_of(other) == other + ": not a results file of popflow: no attribute kind");
  BOOST_TEST(message_of(part) == part + ": not a results file of popflow: no variable weights");
  for (const std::string& file : {none, text, other, part, folder.path("")})
    BOOST_TEST(message_of(file).find('\n') == std::string::npos);
}

// The library trusts a file's types and sizes.
// Messages go to terminals, which obey control characters: also those of Python, which shows the
// message of the library as it is.
BOOST_AUTO_TEST_CASE(messages_show_control_characters_of_a_file_as_numbers) {
  const ScratchFolder folder;
  const std::string file = folder.path("a.nc");
  write_results(file, example(Torus({5}), 1, 2, 1));
  netCDF::NcFile(file, netCDF::NcFile::write).putAtt("kind", "fl\x7fow\x1b[2J");
  BOOST_TEST(message_of(file).find("holds \"fl\\x7fow\\x1b[2J\"") != std::string::npos,
             message_of(file));
  BOOST_TEST(std::string(InvalidExperiment("a\nb").what()) == "a\\x0ab");
  BOOST_TEST(std::string(UnwritableOutput("a\nb").what()) == "a\\x0ab");
}

BOOST_AUTO_TEST_CASE(hostile_types_and_sizes_are_refused) {
  const ScratchFolder folder;
  const std::string file = folder.path("a.nc");
  const auto refused = [&](const std::function<void(netCDF::NcFile&)>& change,
                           const std::string& reason) {
    write_results(file, example(Torus({5}), 1, 2, 1));
    {
      netCDF::NcFile opened(file, netCDF::NcFile::write);
      change(opened);
    }
    BOOST_TEST(message_of(file) == file + ": not a results file of popflow: " + reason);
  };
  // Another one in the place of a variable.
  const auto exchanged = [](netCDF::NcFile& opened, const std::string& name,
                            const netCDF::NcType& type) {
    const std::vector<netCDF::NcDim> dimensions = opened.getVar(name).getDims();
    opened.getVar(name).rename("old");
    return opened.addVar(name, type, dimensions);
  };
  refused(
      [&](netCDF::NcFile& opened) { exchanged(opened, "time", opened.addOpaqueType("o", 999)); },
      "variable time does not hold numbers");
  refused([&](netCDF::NcFile& opened) { exchanged(opened, "time", netCDF::ncString); },
          "variable time does not hold numbers");
  refused(
      [&](netCDF::NcFile& opened) {
        opened.getVar("time").rename("old");
        opened.addVar("time", netCDF::ncDouble, opened.getDim("site"));
      },
      "variable time has other dimensions");
  refused([&](netCDF::NcFile& opened) { opened.putAtt("date", netCDF::ncInt, 3); },
          "attribute date is not text");
  refused([&](netCDF::NcFile& opened) { opened.putAtt("seed", "7"); },
          "attribute seed is not one number");
  const auto resized = [](netCDF::NcFile& opened, const std::string& name, std::size_t size) {
    opened.getDim(name).rename("old_" + name);
    return opened.addDim(name, size);
  };
  refused(
      [&](netCDF::NcFile& opened) {
        opened.getVar("time").rename("old");
        const netCDF::NcDim snapshot = resized(opened, "snapshot", std::size_t{1} << 40);
        std::vector<std::size_t> chunk{1024};
        opened.addVar("time", netCDF::ncDouble, snapshot)
            .setChunking(netCDF::NcVar::nc_CHUNKED, chunk);
      },
      "variable time is larger than the file can hold");
  refused([&](netCDF::NcFile& opened) { resized(opened, "site", std::size_t{1} << 32); },
          "dimension site is too large");
  refused([&](netCDF::NcFile& opened) { resized(opened, "site", std::size_t{1} << 31 >> 1); },
          "lattice of 1 x 1073741824 sites: at most 2^30 are allowed");
}

BOOST_AUTO_TEST_CASE(text_may_be_a_string) {
  const ScratchFolder folder;
  const std::string file = folder.path("a.nc");
  write_results(file, example(Torus({5}), 1, 2, 1));
  const char* today = "today";
  netCDF::NcFile(file, netCDF::NcFile::write).putAtt("date", 1, &today);
  BOOST_TEST(read_results(file).provenance.date == "today");
}

BOOST_AUTO_TEST_CASE(provenance_is_of_this_build_and_now) {
  const Provenance now = provenance("popflow flow a.toml");
  BOOST_TEST(!now.version.empty());
  BOOST_TEST(!now.git_revision.empty());
  BOOST_TEST(!now.compiler.empty());
  BOOST_TEST(now.command_line == "popflow flow a.toml");
  BOOST_TEST(now.date.size() == 20u);
  BOOST_TEST(now.date.substr(10, 1) == "T");
  BOOST_TEST(now.date.back() == 'Z');
}

BOOST_AUTO_TEST_CASE(the_environment_may_set_the_date) {
  const auto date_at = [](const char* epoch) {
    setenv("SOURCE_DATE_EPOCH", epoch, 1);
    std::string date = "refused";
    try {
      date = provenance("").date;
    } catch (const std::invalid_argument&) {
    }
    unsetenv("SOURCE_DATE_EPOCH");
    return date;
  };
  BOOST_TEST(date_at("0") == "1970-01-01T00:00:00Z");
  BOOST_TEST(date_at("1715938200") == "2024-05-17T09:30:00Z");
  BOOST_TEST(date_at("253402300799") == "9999-12-31T23:59:59Z");
  for (const char* bad : {"", "-1", "1.5", "today", "1 ", "253402300800", "99999999999999999999"})
    BOOST_TEST(date_at(bad) == "refused");
}

// Neither the library nor HDF5 leaves a time in it.
BOOST_AUTO_TEST_CASE(the_same_results_give_the_same_file) {
  const ScratchFolder folder;
  for (const std::string name : {"a.nc", "b.nc"}) {
    write_results(folder.path(name), example(Torus({5}), 2, 3, 4));
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // to the next second
  }
  BOOST_TEST((folder.read("a.nc") == folder.read("b.nc")));
}

BOOST_AUTO_TEST_SUITE_END()

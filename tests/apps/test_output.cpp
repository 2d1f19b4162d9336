// A file that cannot be written gives one line and leaves nothing half-written. The status is 2 if
// this is known before the run, and 1 if it shows only at the end.

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include "good_experiment.hpp"
#include "program.hpp"

namespace {

bool is_one_line_about(const std::string& text, const std::string& file,
                       const std::string& reason) {
  return text == fmt::format("popflow: {}: cannot be written: {}\n", file, reason);
}

// Files of more than this many blocks of 512 bytes fail; standard output goes to a file, too, but
// is shorter.
std::string limited(int blocks) { return fmt::format("ulimit -f {}; ", blocks); }

// Runs the program as root of a name space of its own, where t is a file system of 8 KiB.
std::string on_a_full_disk() {
  return "unshare -Urm sh -c 'mkdir t && mount -t tmpfs -o size=8k tmpfs t && printf old >t/old.nc "
         "&& \"$@\"; status=$?; ls t >&2; rm -rf t/*; umount t; rmdir t; exit $status' sh";
}

boost::test_tools::assertion_result name_spaces_are_allowed(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result allowed(
      std::system("unshare -Urm sh -c 'mount -t tmpfs tmpfs /tmp' >/dev/null 2>&1") == 0);
  if (!allowed) allowed.message() << "this system lets no one mount a file system of his own";
  return allowed;
}

const std::vector<std::string> writers{"flow good.toml -o {}", "sgd good.toml -o {}",
                                       "fixed-point good.toml --set network.bias=0 -o {}",
                                       "decompose good.toml -o {}"};

}  // namespace

struct OutputFolder : ScratchFolder {
  OutputFolder() {
    write("good.toml", good_experiment);
    write("sweep.toml",
          "experiment = \"good.toml\"\nweights = true\n[[axis]]\nname = \"bias\"\n"
          "key = \"network.bias\"\nvalues = [-1, 0]\n");
  }

  std::set<std::string> inputs() const { return {"good.toml", "sweep.toml"}; }
};

BOOST_FIXTURE_TEST_SUITE(output, OutputFolder, *boost::unit_test::precondition(program_is_built))

// A limit on the size of files fails as a full disk does, and is there for everybody. Before, it
// ended the program by a signal.
BOOST_AUTO_TEST_CASE(a_file_that_may_not_grow_is_said_in_one_line) {
  for (const std::string& writer : writers) {
    const ProgramRun run =
        run_popflow(*this, fmt::format(fmt::runtime(writer), "a.nc") + " --quiet", limited(2));
    BOOST_TEST_CONTEXT(writer << ": " << run.err) {
      BOOST_TEST(run.status == 1);
      BOOST_TEST(is_one_line_about(run.err, "a.nc", "File too large"));
      BOOST_TEST(names() == inputs(), boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_journal_that_may_not_grow_is_said_in_one_line) {
  const ProgramRun run = run_popflow(*this, "sweep sweep.toml -o a.nc --quiet", limited(3));
  BOOST_TEST(run.status == 1);
  BOOST_TEST(is_one_line_about(run.err, "a.nc.journal", "File too large"), run.err);
  BOOST_TEST(names().count("a.nc") == 0u);
  // The second run goes on from the points that are there.
  const ProgramRun rest = run_popflow(*this, "sweep sweep.toml -o a.nc --quiet");
  BOOST_TEST(rest.status == 0, rest.err);
}

BOOST_AUTO_TEST_CASE(a_figure_and_an_experiment_that_may_not_grow_are_said_in_one_line) {
  BOOST_TEST(run_popflow(*this, "flow good.toml --quiet -o a.nc").status == 0);
  write("a.svg", "old");
  const ProgramRun plot = run_popflow(*this, "plot a.nc -o a.svg --quiet", limited(4));
  BOOST_TEST(plot.status == 1);
  BOOST_TEST(is_one_line_about(plot.err, "a.svg", "File too large"), plot.err);
  BOOST_TEST(read("a.svg") == "old");
  const ProgramRun init = run_popflow(*this, "init new.toml", limited(1));
  BOOST_TEST(init.status == 1);
  BOOST_TEST(is_one_line_about(init.err, "new.toml", "File too large"), init.err);
  BOOST_TEST(names() == (std::set<std::string>{"a.nc", "a.svg", "good.toml", "sweep.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_said_in_one_line,
                     *boost::unit_test::precondition(name_spaces_are_allowed)) {
  for (const std::string& writer : writers)
    for (const std::string file : {"t/a.nc", "t/old.nc"}) {
      const ProgramRun run = run_popflow(
          *this, fmt::format(fmt::runtime(writer), file) + " --quiet", on_a_full_disk());
      BOOST_TEST_CONTEXT(writer << ": " << run.err) {
        BOOST_TEST(run.status == 1);
        BOOST_TEST(run.err == fmt::format("popflow: {}: cannot be written: No space left on "
                                          "device\nold.nc\n",
                                          file));
      }
    }
}

BOOST_AUTO_TEST_CASE(standard_output_that_takes_nothing_is_an_error) {
  for (const std::string arguments :
       {"flow good.toml --json", "completion bash", "--help", "stability good.toml"}) {
    const ProgramRun run = run_popflow(*this, arguments + " >/dev/full 2>/dev/null #");
    BOOST_TEST(run.status == 1, arguments);
    BOOST_TEST(run_popflow(*this, arguments + " >/dev/null 2>&1 #").status == 0, arguments);
  }
}

// The empty word is what an unset variable of a shell leaves.
BOOST_AUTO_TEST_CASE(a_file_without_a_name_is_refused_before_anything_is_computed) {
  BOOST_TEST(run_popflow(*this, "flow good.toml --quiet -o a.nc").status == 0);
  const std::string longer = " --set sgd.t_end=1e9 --set flow.t_end=1e9";
  for (const std::string name : {"", "  "})
    for (const std::string& arguments :
         {"flow good.toml" + longer + " -o", "sgd good.toml" + longer + " -o",
          "fixed-point good.toml" + longer + " -o", std::string("decompose good.toml -o"),
          std::string("sweep sweep.toml -o"), std::string("plot a.nc -o"),
          std::string("rerun a.nc -o"), std::string("rerun a.nc --folder"), std::string("init")}) {
      const ProgramRun run = run_popflow(*this, fmt::format("{} '{}'", arguments, name));
      BOOST_TEST_CONTEXT(arguments << " '" << name << "': " << run.err) {
        BOOST_TEST(run.status == 2);
        BOOST_TEST(run.err.starts_with("popflow: "));
      }
    }
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_is_refused_before_anything_is_computed) {
  const std::string longer = " --set sgd.t_end=1e9 --set flow.t_end=1e9";
  for (const std::string output : {"none/a.nc", ".", "good.toml/a.nc", "/proc/a.nc"})
    for (const std::string& arguments :
         {"flow good.toml" + longer, "sgd good.toml" + longer, "fixed-point good.toml" + longer,
          std::string("sweep sweep.toml")}) {
      const ProgramRun run = run_popflow(*this, fmt::format("{} -o {}", arguments, output));
      BOOST_TEST_CONTEXT(arguments << " -o " << output << ": " << run.err) {
        BOOST_TEST(run.status == 2);
        BOOST_TEST(run.err.starts_with(fmt::format("popflow: {}: cannot be written: ", output)));
      }
    }
  BOOST_TEST(names() == inputs(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

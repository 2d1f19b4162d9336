// The figures and the exit status of popflow plot.

#include <filesystem>
#include <string>

#include <boost/test/unit_test.hpp>

#include "popflow/measure/alignment.hpp"
#include "popflow/results/results.hpp"

#include "program.hpp"
#include "workplace.hpp"

using namespace popflow;

struct PlotWorkplace : Workplace {
  // What `plot` does with a shell script in gnuplot's place.
  ProgramRun plot_by(const std::string& script, const std::string& prefix = "") const {
    std::filesystem::create_directory(path("bin"));
    write("bin/gnuplot", "#!/bin/sh\n" + script);
    std::filesystem::permissions(path("bin/gnuplot"), std::filesystem::perms::owner_all);
    return run_popflow(*this, "plot flow.nc -o a.svg", "PATH=\"$PWD/bin:$PATH\" " + prefix);
  }
};

BOOST_FIXTURE_TEST_SUITE(plot_program, PlotWorkplace,
                         *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(plot_draws_curves_and_maps) {
  const std::string torus =
      " --set lattice.shape=[4,3] --set class.1.input.wrapping=periodised --quiet";
  json("flow good.toml -o flow.nc");
  json("sgd good.toml -o sgd.nc --set sgd.runs=2");
  BOOST_TEST(run_popflow(*this, "flow good.toml -o torus.nc" + torus).status == 0);
  const ProgramRun drawn = run_popflow(*this, "plot flow.nc sgd.nc -o a.svg");
  BOOST_TEST(drawn.status == 0);
  BOOST_TEST(drawn.err.empty());
  const std::string svg = read("a.svg");
  for (const std::string label :
       {"site", "flow time tau", "inverse participation ratio", "flow", "sgd (2 runs)", "tau = 1"})
    BOOST_TEST(svg.find(label) != std::string::npos, "no " << label);
  BOOST_TEST(run_popflow(*this, "plot torus.nc -o b.png").status == 0);
  BOOST_TEST(read("b.png").substr(1, 3) == "PNG");
  BOOST_TEST(names() == (std::set<std::string>{"a.svg", "b.png", "flow.nc", "good.toml", "sgd.nc",
                                               "torus.nc"}),
             boost::test_tools::per_element());
}

// One bump, once more at another place and of the other sign: the mean of both would be two.
BOOST_AUTO_TEST_CASE(plot_aligns_runs_that_differ_in_place) {
  Results results;
  results.kind = "sgd";
  results.stop_reason = "reached_end";
  results.torus = Torus({12});
  results.time = {0.0, 1.0};
  Weights bump = Weights::Zero(1, 12), other = bump;
  bump.row(0).segment(2, 3) << 0.5, 1.0, 0.25;
  other.row(0).segment(8, 3) = -bump.row(0).segment(2, 3);
  results.runs = {{bump, bump}, {other, other}};
  write_results(path("flow.nc"), results);
  BOOST_TEST(plot_by("cat >script").status == 0);
  const std::string script = read("script");
  BOOST_TEST(script.find("tau = 1, runs aligned") != std::string::npos);
  for (const std::string row : {"\n2 0.5 0.5 0.5\n", "\n3 1 1 1\n", "\n4 0.25 0.25 0.25\n"})
    BOOST_TEST(script.find(row) != std::string::npos, "no " << row);

  results.runs[1] = results.runs[0];
  write_results(path("flow.nc"), results);
  BOOST_TEST(plot_by("cat >script").status == 0);
  BOOST_TEST(read("script").find("aligned") == std::string::npos);
}

// gnuplot writes a label as the whole content of an element. The labels of a logarithmic
// axis depend on its version; a linear axis from 0 to 40 has these two.
BOOST_AUTO_TEST_CASE(the_time_axis_of_a_plot_has_numbers) {
  const std::string flow = "flow good.toml -o flow.nc --quiet --set flow.t_end=40 --set ";
  json(flow + "flow.snapshots=3");
  BOOST_TEST(run_popflow(*this, "plot flow.nc -o a.svg").status == 0);
  for (const std::string label : {">20<", ">40<"})
    BOOST_TEST(read("a.svg").find(label) != std::string::npos, "no " << label);
  const auto logarithmic = [this] {
    BOOST_TEST(plot_by("cat >script").status == 0);
    return read("script").find("\nset logscale x\n") != std::string::npos;
  };
  BOOST_TEST(!logarithmic());
  json(flow + "flow.snapshots=41");
  BOOST_TEST(logarithmic());
}

BOOST_AUTO_TEST_CASE(a_figure_does_not_depend_on_the_users_settings) {
  json("flow good.toml -o flow.nc");
  BOOST_REQUIRE(run_popflow(*this, "plot flow.nc -o a.svg").status == 0);
  // Where gnuplot looks for start-up files, before and from version 5.2 on.
  const std::string settings = "set datafile separator ','\nset decimalsign ','\n";
  std::filesystem::create_directories(path("home/.config/gnuplot"));
  write("home/.gnuplot", settings);
  write("home/.config/gnuplot/gnuplotrc", settings);
  const ProgramRun drawn = run_popflow(*this, "plot flow.nc -o b.svg",
                                       "HOME=\"$PWD/home\" XDG_CONFIG_HOME=\"$PWD/home/.config\" "
                                       "GNUTERM=x11 GNUPLOT_LIB=/nowhere LC_ALL=de_DE.UTF-8");
  BOOST_TEST(drawn.status == 0);
  BOOST_TEST(drawn.err.empty(), drawn.err);
  BOOST_TEST((read("b.svg") == read("a.svg")));
}

BOOST_AUTO_TEST_CASE(factors_are_drawn_alone) {
  json("flow good.toml -o flow.nc");
  json("decompose good.toml -o factors.nc --set decompose.rank=3");
  BOOST_TEST(json("plot factors.nc -o factors.svg")["panels"] == 3);
  BOOST_TEST(std::filesystem::file_size(path("factors.svg")) > 1000u);
  const ProgramRun run = run_popflow(*this, "plot flow.nc factors.nc -o both.svg");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err.find("factors.nc: holds factors: must be drawn alone") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(factors_of_a_clone_are_drawn_too) {
  json(
      "decompose good.toml -o factors.nc --set class.0.input.model=gp-clone --set "
      "decompose.samples=100 --set decompose.rank=2");
  BOOST_TEST(json("plot factors.nc -o factors.svg")["panels"] == 2);
}

BOOST_AUTO_TEST_CASE(without_gnuplot_a_plot_fails_and_says_so) {
  json("flow good.toml -o flow.nc");
  const ProgramRun run = run_popflow(*this, "plot flow.nc -o a.svg", "PATH=/nowhere");
  BOOST_TEST(run.status == 1);
  BOOST_TEST(run.err ==
             "popflow: gnuplot is not installed: figures need it (Debian: gnuplot-nox)\n");
  BOOST_TEST(names() == (std::set<std::string>{"flow.nc", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_gnuplot_complains_of_is_passed_on) {
  json("flow good.toml -o flow.nc");
  const ProgramRun loud = plot_by(
      "cat >/dev/null; printf '\\ngnuplot> set x\\n   ^\\n  no such font\\nmore\\n' >&2; exit 3");
  BOOST_TEST(loud.status == 1);
  BOOST_TEST(loud.err == "popflow: gnuplot failed with status 3: no such font\n");
  const ProgramRun silent = plot_by("exit 4");
  BOOST_TEST(silent.status == 1);
  BOOST_TEST(silent.err == "popflow: gnuplot failed with status 4\n");
  const ProgramRun killed = plot_by("kill -KILL $$");
  BOOST_TEST(killed.status == 1);
  BOOST_TEST(killed.err == "popflow: gnuplot was ended by a signal (Killed)\n");
  BOOST_TEST(names() == (std::set<std::string>{"bin", "flow.nc", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_interrupted_plot_leaves_nothing) {
  json("flow good.toml -o flow.nc");
  // The signal is for popflow alone: this gnuplot succeeds all the same.
  const ProgramRun run = plot_by("kill -TERM $PPID; cat >/dev/null");
  BOOST_TEST(run.status == 1);
  BOOST_TEST(run.err == "popflow: interrupted\n");
  BOOST_TEST(names() == (std::set<std::string>{"bin", "flow.nc", "good.toml"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

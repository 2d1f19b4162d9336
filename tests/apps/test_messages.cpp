// Messages for a mistyped word and for a file of the wrong kind.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "good_experiment.hpp"
#include "program.hpp"

struct MessageFolder : ScratchFolder {
  MessageFolder() {
    write("good.toml", good_experiment);
    write("sweep.toml",
          "experiment = \"good.toml\"\n[[axis]]\nname = \"bias\"\nkey = \"network.bias\"\n"
          "values = [-1, 0]\n");
  }

  void check_refused(const std::string& arguments, const std::string& words) const {
    const ProgramRun run = run_popflow(*this, arguments);
    BOOST_TEST_CONTEXT("popflow " << arguments << ": " << run.err) {
      BOOST_TEST(run.status == 2);
      BOOST_TEST(run.err.find(words) != std::string::npos, "lacks " << words);
    }
  }
};

BOOST_FIXTURE_TEST_SUITE(messages, MessageFolder, *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(a_slip_in_a_word_says_what_was_probably_meant) {
  for (const auto& [arguments, words] : std::vector<std::pair<std::string, std::string>>{
           {"flo good.toml", "flo: no such verb (did you mean flow?); the verbs are init, "},
           {"fixedpoint good.toml", "(did you mean fixed-point?)"},
           {"weights good.toml", "weights: no such verb; the verbs are init, "},
           {"flow good.toml --ouput a.nc", "--ouput: no such option (did you mean --output?)"},
           {"sweep sweep.toml --ouput a.nc", "--ouput: no such option (did you mean --output?)"},
           {"flow good.toml --jsno", "--jsno: no such option (did you mean --json?)"},
           {"--versoin", "--versoin: no such option (did you mean --version?)"},
           {"flow good.toml --set flow.t_ned=2", "flow.t_ned: unknown key (did you mean t_end?)"},
           {"flow good.toml --set netwrok.bias=2", "(did you mean network?)"},
           {"flow good.toml --at 1,2,3", "--at: no such option"}})
    check_refused(arguments, words);
}

// As many --set as there are keys, and one KEY=VALUE for each, wherever the file stands.
BOOST_AUTO_TEST_CASE(help_and_behaviour_of_set_agree) {
  const std::string help = run_popflow(*this, "flow --help").out;
  BOOST_TEST(help.find("--set KEY=VALUE") != std::string::npos);
  BOOST_TEST(help.find("KEY=VALUE ...") == std::string::npos, help);
  BOOST_TEST(run_popflow(*this, "flow --set flow.t_end=2 good.toml --set seed=2").status == 0);
  check_refused("flow good.toml --set flow.t_end=2 seed=2", "seed=2");
}

BOOST_AUTO_TEST_CASE(a_file_of_another_kind_is_named_as_what_it_is) {
  for (const std::string arguments :
       {"flow good.toml -o flow.nc", "decompose good.toml -o factors.nc",
        "sweep sweep.toml -o sweep.nc"})
    BOOST_REQUIRE(run_popflow(*this, arguments + " --quiet").status == 0);
  write("some.npz", "PK");
  std::string archive = good_experiment;
  const std::string nlgp = "{ model = \"nlgp\", gain = 3.0, correlation_length = 2.0 }";
  archive.replace(archive.find(nlgp), nlgp.size(), "{ model = \"samples\", file = \"some.npz\" }");
  write("archive.toml", archive);
  std::filesystem::copy(path("flow.nc"), path("a.nc.checkpoint"));
  for (const auto& [arguments, words] : std::vector<std::pair<std::string, std::string>>{
           {"compare flow.nc sweep.nc",
            "sweep.nc: holds a sweep (popflow sweep): must hold a flow"},
           {"compare sweep.nc factors.nc", "sweep.nc: holds a sweep (popflow sweep): must hold"},
           {"plot flow.nc sweep.nc -o a.svg", "sweep.nc: holds a sweep (popflow sweep): must hold"},
           {"plot sweep.nc flow.nc -o a.svg",
            "flow.nc: holds a flow (popflow flow): must hold a "
            "sweep (popflow sweep)"},
           {"sgd good.toml -o a.nc --resume",
            "a.nc.checkpoint: holds a flow (popflow flow): must hold a checkpoint"},
           {"flow flow.nc", "flow.nc: is a results file: must be"},
           {"sweep flow.nc -o a.nc", "flow.nc: is a results file: must be"},
           {"flow sweep.toml", "this is a sweep (popflow sweep): must be an experiment"},
           {"moments sweep.toml --at 1,2,3", "this is a sweep (popflow sweep)"},
           {"sweep good.toml -o a.nc", "this is an experiment: must be a sweep"},
           {"compare good.toml flow.nc", "good.toml: not a results file of popflow"},
           {"rerun good.toml", "good.toml: not a results file of popflow"},
           {"flow archive.toml", "is an archive of NumPy arrays: must be one array (.npy"}})
    check_refused(arguments, words);
}

// A run that stopped early is no success to whoever looks at its results.
BOOST_AUTO_TEST_CASE(what_stopped_early_says_so_wherever_it_is_shown) {
  const std::string diverges =
      " --set network.bias=-2 --set network.initial_scale=1 --set flow.t_end=40 --quiet";
  BOOST_TEST(run_popflow(*this, "flow good.toml -o a.nc" + diverges).status == 1);
  BOOST_TEST(run_popflow(*this, "flow good.toml -o b.nc --quiet").status == 0);
  const std::string compared = run_popflow(*this, "compare a.nc a.nc").out;
  BOOST_TEST(compared.find("A: a.nc (flow, stopped before its end, at tau = ") != std::string::npos,
             compared);
  BOOST_TEST(compared.find(": not_finite)") != std::string::npos);
  BOOST_TEST(run_popflow(*this, "compare b.nc b.nc").out.find("stopped") == std::string::npos);
  BOOST_TEST(run_popflow(*this, "plot a.nc -o a.svg --quiet").status == 0);
  BOOST_TEST(read("a.svg").find("not_finite") != std::string::npos);
  const ProgramRun again = run_popflow(*this, "rerun a.nc");
  BOOST_TEST(again.status == 0);
  BOOST_TEST(again.out.find("the run stopped before its end: not_finite") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(points_that_diverge_are_counted_and_named) {
  write("sweep.toml",
        "experiment = \"good.toml\"\nset = [\"flow.t_end=40\"]\n[[axis]]\nname = \"bias\"\n"
        "key = \"network.bias\"\nvalues = [-1, -2]\n[[axis]]\nname = \"scale\"\n"
        "key = \"network.initial_scale\"\nvalues = [0.9, 1]\n");
  const ProgramRun sweep = run_popflow(*this, "sweep sweep.toml -o a.nc");
  BOOST_TEST(sweep.status == 1);
  BOOST_TEST(sweep.out.starts_with("2 of 4 points, 2 failed"), sweep.out);
  BOOST_TEST(
      sweep.err.find("sweep.toml: 2 of 4 points failed: not_finite at bias = -2, scale = 0.9 "
                     "(tau = ") != std::string::npos,
      sweep.err);
  BOOST_TEST(run_popflow(*this, "plot a.nc -o map.svg --quiet").status == 0);
  BOOST_TEST(read("map.svg").find(">failed<") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

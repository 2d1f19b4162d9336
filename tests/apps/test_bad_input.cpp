// Bad input makes the program end with status 2 and one line on standard error, and leave nothing
// behind.

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include "broken_experiments.hpp"
#include "program.hpp"

BOOST_AUTO_TEST_SUITE(bad_input, *boost::unit_test::precondition(program_is_built))

namespace {

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

// Runs the program and checks all but the words.
std::string refusal(const ScratchFolder& folder, const std::string& arguments) {
  const std::set<std::string> before = folder.names();
  const ProgramRun run = run_popflow(folder, arguments);
  BOOST_TEST_CONTEXT("popflow " << arguments << ": " << run.err) {
    BOOST_TEST(run.status == 2);
    BOOST_TEST(run.out.empty());
    BOOST_TEST(is_one_line(run.err));
    BOOST_TEST(run.err.starts_with("popflow: "));
    BOOST_TEST(folder.names() == before, boost::test_tools::per_element());
  }
  return run.err;
}

void check_words(const std::string& message, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    BOOST_TEST(message.find(word) != std::string::npos, message << " lacks " << word);
}

}  // namespace

BOOST_AUTO_TEST_CASE(broken_experiments_are_refused) {
  for (const BrokenExperiment& broken : broken_experiments) {
    const ScratchFolder folder;
    folder.write("broken.toml", broken.text());
    std::string arguments = "flow broken.toml -o out.nc";
    for (const std::string& assignment : broken.overrides)
      arguments += fmt::format(" --set '{}'", assignment);
    const std::string message = refusal(folder, arguments);
    check_words(message, broken.words);
    check_words(message, {"popflow: " + broken.origin("broken.toml")});
  }
}

// A verb refuses a good experiment that it cannot run.
BOOST_AUTO_TEST_CASE(what_a_verb_cannot_do_is_refused) {
  const ScratchFolder folder;
  folder.write("good.toml", good_experiment);
  const std::string good = good_experiment;
  folder.write("bare.toml", good.substr(0, good.find("[flow]")));
  const auto refused = [&folder](const std::string& arguments, std::vector<std::string> words) {
    check_words(refusal(folder, arguments), words);
  };

  const std::vector<std::string> one_neuron{"good.toml: --set network.hidden=3: must be 1"};
  for (const std::string verb : {"flow", "sgd --set sgd.gradient=quartic", "stability"})
    refused(verb + " good.toml --set network.hidden=3", one_neuron);
  for (const std::string kind : {"kurtosis", "conditional"})
    refused("flow good.toml -o a.nc --set flow.kind=" + kind + " --set network.hidden=3",
            {"good.toml: --set network.hidden=3: must be 1", kind});
  refused("flow good.toml -o a.nc --set flow.kind=gaussian --set network.kernel=[3]",
          {"good.toml: --set network.kernel=[3]: must be left out", "gaussian"});
  refused("flow good.toml -o a.nc --set lattice.shape=[4096]",
          {"good.toml: --set lattice.shape=[4096]: ", "at most 512 sites"});
  refused("flow good.toml -o none/a.nc",
          {"none/a.nc: cannot be written: No such file or directory"});
  refused("sgd good.toml -o none/a.nc", {"none/a.nc: cannot be written"});
  refused("flow good.toml -o .", {".: cannot be written: not the name of a file"});
  refused("flow good.toml -o good.toml",
          {"good.toml: cannot be written: it is a file that is read here"});
  refused("flow good.toml -o good.toml/a.nc", {"good.toml/a.nc: cannot be written: Not a dir"});
  refused("flow bare.toml -o a.nc", {"bare.toml: flow.t_end: is missing", "above 0"});
  refused("sgd bare.toml -o a.nc", {"bare.toml: sgd.t_end: is missing", "above 0"});
  refused("flow none.toml -o a.nc", {"none.toml: cannot be read: No such file or directory"});
  refused("flow . -o a.nc", {".: cannot be read: Is a directory"});
  refused("moments good.toml --at 0,1,12", {"--at 0,1,12: ", "from 0 to 11", "good.toml"});
  refused("moments good.toml --at=-1,0,0", {"--at -1,0,0: ", "from 0 to 11"});
  refused("moments good.toml --at 0,1,2 --class 2", {"--class 2: ", "from 0 to 1", "good.toml"});
}

BOOST_AUTO_TEST_CASE(results_that_do_not_fit_are_refused) {
  const ScratchFolder folder;
  folder.write("good.toml", good_experiment);
  const auto make = [&folder](const std::string& arguments) {
    BOOST_TEST(run_popflow(folder, "flow good.toml --quiet -o " + arguments).status == 0);
  };
  make("ring.nc");
  make("longer.nc --set lattice.shape=[13]");
  make("torus.nc --set lattice.shape=[4,3] --set class.1.input.wrapping=periodised");
  folder.write("text.nc", "time\n");
  const auto refused = [&folder](const std::string& arguments, std::vector<std::string> words) {
    check_words(refusal(folder, arguments), words);
  };

  refused("compare ring.nc none.nc", {"none.nc: cannot be read: No such file"});
  refused("compare ring.nc text.nc", {"text.nc: not a results file of popflow"});
  refused("compare ring.nc longer.nc", {"ring.nc and longer.nc: lattices must be the same"});
  refused("compare ring.nc torus.nc", {"ring.nc and torus.nc: lattices must be the same"});
  refused("plot ring.nc torus.nc -o a.svg", {"ring.nc and torus.nc", "one dimension or all two"});
  refused("plot none.nc -o a.svg", {"none.nc: cannot be read"});
  refused("plot ring.nc -o a.pdf", {"a.pdf: cannot be written", ".svg or .png"});
  refused("plot ring.nc -o none/a.svg", {"none/a.svg: cannot be written: No such file"});
}

BOOST_AUTO_TEST_CASE(bad_command_lines_are_refused) {
  const ScratchFolder folder;
  folder.write("good.toml", good_experiment);
  for (const std::string arguments :
       {"", "fly good.toml", "flow", "flow good.toml --fast", "flow good.toml good.toml",
        "flow good.toml -o", "moments good.toml", "moments good.toml --at 1,2",
        "moments good.toml --at 1,2,x", "moments good.toml --at 1,2,3 --class one", "compare a.nc",
        "plot a.nc", "sgd good.toml --set"})
    refusal(folder, arguments);
}

BOOST_AUTO_TEST_SUITE_END()

// The words that bash offers after a command line, by the script that the program prints.

#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <boost/test/unit_test.hpp>

#include "program.hpp"

namespace {

using Words = std::set<std::string>;

}  // namespace

struct Shell : ScratchFolder {
  Shell() {
    const ProgramRun script = run_popflow(*this, "completion bash");
    BOOST_REQUIRE(script.status == 0);
    write("completion.bash", script.out);
    std::filesystem::create_directory(path("folder"));
    for (const char* file : {"a.toml", "two words.toml", "a.nc", "a.svg", "a.png", "a.txt"})
      write(file, "");
  }

  // The words that bash offers for the last word after popflow.
  Words offered(const std::string& words) const {
    write("complete.bash", "source completion.bash\nCOMP_WORDS=(popflow " + words +
                               ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_popflow\n"
                               "printf '%s\\n' \"${COMPREPLY[@]}\"\n");
    const std::string command =
        "cd '" + path("") + "' && bash --norc complete.bash > offered 2> errors";
    BOOST_TEST(std::system(command.c_str()) == 0);
    BOOST_TEST(read("errors") == "");
    Words found;
    std::istringstream lines(read("offered"));
    for (std::string line; std::getline(lines, line);) found.insert(line);
    return found;
  }

  // The names that `pattern` captures in what --help prints after `from`.
  Words in_help(const std::string& verb, const std::string& from, const char* pattern) const {
    const std::string help = run_popflow(*this, verb + " --help").out;
    const std::string part = help.substr(help.find(from));
    const std::regex name(pattern, std::regex::multiline);
    Words found;
    for (std::sregex_iterator match(part.begin(), part.end(), name), end; match != end; ++match)
      found.insert(match->str(1));
    return found;
  }

  Words verbs() const { return in_help("", "Subcommands:", "^  ([a-z-]+)"); }
};

BOOST_FIXTURE_TEST_SUITE(completion, Shell, *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(every_verb_is_offered) {
  BOOST_TEST(verbs().contains("fixed-point"));
  BOOST_TEST(offered("''") == verbs(), boost::test_tools::per_element());
  BOOST_TEST(offered("dec") == Words{"decompose"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_option_of_every_verb_is_offered) {
  Words all = verbs();
  all.insert("");
  for (const std::string& verb : all) BOOST_TEST_CONTEXT("popflow " << verb) {
      const Words options = in_help(verb, "Options:", "^  (?:-[a-z],)?(--[a-z-]+)");
      BOOST_TEST(options.contains("--help"));
      BOOST_TEST(offered(verb + " --") == options, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(files_are_those_that_a_verb_reads_or_writes) {
  const Words experiments = {"a.toml", "two words.toml", "folder"};
  const Words results = {"a.nc", "folder"};
  BOOST_TEST(offered("flow ''") == experiments, boost::test_tools::per_element());
  BOOST_TEST(offered("sweep ''") == experiments, boost::test_tools::per_element());
  BOOST_TEST(offered("flow a.toml -o ''") == results, boost::test_tools::per_element());
  BOOST_TEST(offered("compare a.nc ''") == results, boost::test_tools::per_element());
  BOOST_TEST(offered("plot --json a.nc ''") == results, boost::test_tools::per_element());
  BOOST_TEST(offered("plot a.nc --output ''") == (Words{"a.png", "a.svg", "folder"}),
             boost::test_tools::per_element());
  BOOST_TEST(offered("ladder a.toml --figure ''") == (Words{"a.png", "a.svg", "folder"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(words_are_those_that_are_allowed) {
  BOOST_TEST(offered("completion ''") == Words{"bash"}, boost::test_tools::per_element());
  // A number and an assignment are none.
  BOOST_TEST(offered("sgd a.toml --checkpoint ''") == Words{""}, boost::test_tools::per_element());
  BOOST_TEST(offered("moments a.toml --at ''") == Words{""}, boost::test_tools::per_element());
  const ProgramRun other = run_popflow(*this, "completion csh");
  BOOST_TEST(other.status == 2);
  BOOST_TEST(other.err.find("bash") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

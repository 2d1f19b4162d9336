// Tests of all verbs, and of popflow init, moments and stability.

#include <filesystem>
#include <sstream>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/input/empirical_field.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/results/results.hpp"

#include "npy_file.hpp"
#include "program.hpp"
#include "random_values.hpp"
#include "workplace.hpp"

using namespace popflow;

BOOST_FIXTURE_TEST_SUITE(program, Workplace, *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(init_writes_an_experiment_that_runs) {
  const ProgramRun written = run_popflow(*this, "init first.toml");
  BOOST_TEST(written.status == 0);
  BOOST_TEST(written.out.find("popflow flow first.toml -o flow.nc") != std::string::npos);
  BOOST_TEST(read("first.toml").starts_with("# One neuron"));
  json("stability first.toml");
  json(
      "flow first.toml -o flow.nc --set flow.t_end=1 --set lattice.shape=[16] --set "
      "class.0.input.correlation_length=2 --quiet");
  const std::string before = read("first.toml");
  const ProgramRun again = run_popflow(*this, "init first.toml");
  BOOST_TEST(again.status == 2);
  BOOST_TEST(again.err ==
             "popflow: first.toml: is there already: name another file, or remove it\n");
  BOOST_TEST(read("first.toml") == before);
}

BOOST_AUTO_TEST_CASE(every_verb_has_an_example) {
  const std::string help = run_popflow(*this, "--help").out;
  int verbs = 0;
  std::istringstream lines(help.substr(help.find("Subcommands:")));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string verb;
    // A verb stands two columns in; what it does continues far to the right.
    if (!line.starts_with("  ") || line[2] == ' ' || !(words >> verb)) continue;
    const std::string own = run_popflow(*this, verb + " --help").out;
    BOOST_TEST(own.find("Example: popflow " + verb + " ") != std::string::npos, own);
    ++verbs;
  }
  BOOST_TEST(verbs == 13);
}

BOOST_AUTO_TEST_CASE(help_and_version_are_no_errors) {
  for (const std::string arguments : {"--help", "--version", "flow --help", "compare --help"}) {
    const ProgramRun run = run_popflow(*this, arguments);
    BOOST_TEST(run.status == 0);
    BOOST_TEST(!run.out.empty());
    BOOST_TEST(run.err.empty());
  }
}

BOOST_AUTO_TEST_CASE(moments_are_those_of_the_class) {
  const nlohmann::json object = json("moments good.toml --class 1 --at 1,3,4");
  const Input input = experiment().task[1].input;
  const Field covariance = input.covariance();
  BOOST_TEST(object["covariance"] == (std::vector{covariance[1], covariance[3], covariance[4]}));
  BOOST_TEST(object["fourth_moment"] == input.four_point(1, 3, 4));
  BOOST_TEST(object["fourth_cumulant"] == fourth_cumulant(input)(1, 3, 4));
  BOOST_TEST(object["fourth_moment_error"] == 0.0);
}

BOOST_AUTO_TEST_CASE(moments_of_samples_have_standard_errors) {
  const Eigen::MatrixXd fields = test::random_values(60, 1).reshaped(12, 5);
  write("x.npy", test::npy_file_of(fields, "5, 12"));
  const std::string samples =
      "moments good.toml --at 1,3,4 --set 'class.0.input={model=\"samples\", file=\"x.npy\"}'";
  const EmpiricalField law(Torus({12}), fields);
  const nlohmann::json object = json(samples);
  BOOST_TEST(object["fourth_moment"] == law.four_point(1, 3, 4));
  BOOST_TEST(object["fourth_moment_error"] == law.four_point_error(1, 3, 4));
  BOOST_TEST(object["covariance_error"][1] == law.covariance_error(3));
  BOOST_TEST(run_popflow(*this, samples).out.find("standard errors") != std::string::npos);
}

// When the seed is changed, each class gives a false alarm with the probability 1e-3.
BOOST_AUTO_TEST_CASE(moments_check_compares_every_class_with_its_samples) {
  const nlohmann::json object = json("moments good.toml --check --samples 2000");
  BOOST_TEST(object["passed"] == true);
  BOOST_TEST(object["classes"].size() == 2U);
  BOOST_TEST(object["classes"][1]["samples"] == 2000);
  BOOST_TEST(object["classes"][1]["checks"][1]["name"] == "mean");
  BOOST_TEST(object["classes"][1]["checks"][1]["comparisons"] == 13);

  const ProgramRun table = run_popflow(*this, "moments good.toml --check --samples 2000");
  BOOST_TEST(table.status == 0);
  BOOST_TEST(table.out.find("class 1\nproperty") != std::string::npos);
  BOOST_TEST(table.out.find("four-point function") != std::string::npos);
  for (const std::string wrong :
       {"--check --at 1,2,3", "--samples 2000 --at 1,2,3", "--check --samples 99", "--class 1"})
    BOOST_TEST(run_popflow(*this, "moments good.toml " + wrong).status == 2);
}

BOOST_AUTO_TEST_CASE(stability_gives_the_rate_of_every_mode) {
  const Experiment ring = experiment();
  const Field rates =
      full_spectrum(ring.torus(), growth_rate(ring.task, single_neuron(ring), ring.network.loss));
  const nlohmann::json object = json("stability good.toml");
  BOOST_TEST(object["growth_rate"] == std::vector<double>(rates.begin(), rates.end()));
  Eigen::Index fastest = 0;
  rates.maxCoeff(&fastest);
  BOOST_TEST(object["fastest_mode"] == fastest);
  BOOST_TEST(object["fastest_wave_vector"] == std::vector{fastest});

  const nlohmann::json torus = json(
      "stability good.toml --set lattice.shape=[4,5] --set class.1.input.correlation_length=0.5");
  const int mode = torus["fastest_mode"];
  BOOST_TEST(torus["growth_rate"].size() == 20u);
  BOOST_TEST(torus["fastest_wave_vector"] == (std::vector{mode / 5, mode % 5}));
}

BOOST_AUTO_TEST_CASE(quiet_prints_nothing_and_no_output_writes_nothing) {
  for (const std::string arguments :
       {"flow good.toml", "sgd good.toml", "stability good.toml", "moments good.toml --at 1,2,3"}) {
    BOOST_TEST(!run_popflow(*this, arguments).out.empty());
    const ProgramRun run = run_popflow(*this, arguments + " --quiet");
    BOOST_TEST(run.status == 0);
    BOOST_TEST(run.out.empty());
    BOOST_TEST(run.err.empty());
  }
  BOOST_TEST(names() == std::set<std::string>{"good.toml"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(output_through_a_symbolic_link_keeps_the_link) {
  std::filesystem::create_symlink("target.nc", path("link.nc"));
  json("flow good.toml -o link.nc");
  BOOST_TEST(std::filesystem::is_symlink(path("link.nc")));
  BOOST_TEST(read_results(path("target.nc")).kind == "flow");
}

// The shell's redirection after this one wins, so the program gets its own by way of sh.
BOOST_AUTO_TEST_CASE(a_full_standard_output_is_a_failure) {
  for (const std::string arguments :
       {"flow good.toml --json", "moments good.toml --at 1,2,3", "--version"}) {
    const ProgramRun run = run_popflow(*this, arguments, "sh -c '\"$@\" >/dev/full' sh");
    BOOST_TEST(run.status == 1);
    BOOST_TEST(run.err == "popflow: standard output cannot be written\n");
  }
}

BOOST_AUTO_TEST_SUITE_END()

// The output and the files of popflow decompose.

#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/decomposition.hpp"

#include "program.hpp"
#include "workplace.hpp"

using namespace popflow;

BOOST_FIXTURE_TEST_SUITE(decompose_program, Workplace,
                         *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(decompose_writes_what_it_prints) {
  for (const std::string method : {"tiled", "symmetric", "power", "subspace", "samples"}) {
    BOOST_TEST_CONTEXT(method) {
      const nlohmann::json object =
          json("decompose good.toml -o factors.nc --set decompose.rank=2 --set decompose.method=" +
               method + " --set decompose.samples=" + (method == "samples" ? "2000" : "0"));
      const Decomposition d = read_decomposition(path("factors.nc"));
      BOOST_TEST(d.method == method);
      BOOST_TEST(object["method"] == method);
      BOOST_TEST(object["relative_error"] == d.relative_error);
      BOOST_TEST(object["lambda"] == (std::vector<double>(d.lambda.begin(), d.lambda.end())));
      BOOST_TEST(object["ipr"].size() == d.lambda.size());
      BOOST_TEST(object["ipr"][0] ==
                 inverse_participation_ratio(Field(d.factors.row(0).transpose())));
      BOOST_TEST(object["width"].size() == d.lambda.size());
      BOOST_TEST(d.provenance.command_line.find("popflow decompose good.toml") == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(decompose_prints_a_table) {
  const ProgramRun run = run_popflow(*this,
                                     "decompose good.toml --set lattice.shape=[4,4] --set "
                                     "class.1.input.correlation_length=0.5");
  BOOST_TEST(run.status == 0);
  BOOST_TEST(run.out.find("lambda") != std::string::npos);
  BOOST_TEST(run.out.find("widths") != std::string::npos);
  BOOST_TEST(run.out.find("tiled, relative error") != std::string::npos);
  BOOST_TEST(run_popflow(*this, "decompose good.toml --quiet").out.empty());
}

BOOST_AUTO_TEST_SUITE_END()

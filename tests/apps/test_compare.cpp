// The output of popflow compare for two results.

#include <cmath>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "popflow/measure/alignment.hpp"
#include "popflow/results/results.hpp"

#include "program.hpp"
#include "workplace.hpp"

using namespace popflow;

BOOST_FIXTURE_TEST_SUITE(compare_program, Workplace,
                         *boost::unit_test::precondition(program_is_built))

BOOST_AUTO_TEST_CASE(compare_is_of_the_mean_with_its_standard_error) {
  json("flow good.toml -o a.nc --set flow.snapshots=5");
  json("sgd good.toml -o b.nc --set sgd.runs=4");
  const nlohmann::json object = json("compare a.nc b.nc");
  BOOST_TEST(object["t"] == (std::vector{0.0, 0.5, 1.0}));
  BOOST_TEST(object["skipped"] == 2);
  BOOST_TEST(object["runs"] == 4);

  const Results a = read_results(path("a.nc")), b = read_results(path("b.nc"));
  const Weights theory = a.runs.front().back();
  Eigen::MatrixXd runs(12, 4), aligned(12, 4);
  FourierTransform fourier(a.torus);
  for (Eigen::Index r = 0; r < 4; ++r) {
    runs.col(r) = b.runs[static_cast<std::size_t>(r)].back().row(0).transpose();
    aligned.col(r) = align(fourier, runs.col(r), theory.row(0).transpose()).aligned;
  }
  const Field mean = runs.rowwise().mean();
  const double variance = (runs.colwise() - mean).squaredNorm() / 3.0;
  const auto expected = [&](const Field& field) {
    return (field.transpose() - theory).norm() / theory.norm();
  };
  // Sums in another order: a few roundings of numbers of order one.
  const auto close = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(object["relative_error"][2].get<double>() == expected(mean), close);
  BOOST_TEST(object["standard_error"][2].get<double>() == std::sqrt(variance / 4) / theory.norm(),
             close);
  BOOST_TEST(object["aligned_error"][2].get<double>() == expected(aligned.rowwise().mean()), close);
}

BOOST_AUTO_TEST_CASE(compare_of_a_file_with_itself_is_zero_without_standard_error) {
  json("flow good.toml -o a.nc");
  const nlohmann::json object = json("compare a.nc a.nc");
  BOOST_TEST(object["relative_error"] == (std::vector{0.0, 0.0, 0.0}));
  BOOST_TEST(object["standard_error"] == nlohmann::json({nullptr, nullptr, nullptr}));
  for (const double error : object["aligned_error"]) BOOST_TEST(error < 1e-14);
}

BOOST_AUTO_TEST_CASE(times_without_partner_are_refused) {
  json("flow good.toml -o a.nc");
  json("sgd good.toml -o b.nc --set sgd.t_end=0.3");
  Results late = read_results(path("b.nc"));
  for (double& tau : late.time) tau += 0.01;
  write_results(path("c.nc"), late);
  const ProgramRun run = run_popflow(*this, "compare a.nc c.nc");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err == "popflow: a.nc and c.nc: have no snapshot time in common\n");
}

BOOST_AUTO_TEST_CASE(compare_matches_receptive_fields_with_factors) {
  json("flow good.toml -o flow.nc --set flow.t_end=100 --quiet");
  json("decompose good.toml -o factors.nc --set decompose.rank=2");
  const nlohmann::json object = json("compare flow.nc factors.nc");
  BOOST_TEST(object["matches"].size() == 1u);
  const double similarity = object["matches"][0]["similarity"];
  BOOST_TEST(similarity > 0.5);
  BOOST_TEST(object["mean_similarity"] == similarity);
  BOOST_TEST(object["random_similarity"].is_number());
  // In either order the receptive fields are A.
  BOOST_TEST(json("compare factors.nc flow.nc") == object);
  const nlohmann::json itself = json("compare factors.nc factors.nc");
  BOOST_TEST(itself["matches"].size() == 2u);
  BOOST_TEST(itself["mean_similarity"].get<double>() > 1.0 - 1e-12);
  const ProgramRun table = run_popflow(*this, "compare flow.nc factors.nc");
  BOOST_TEST(table.out.find("mean similarity") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(factors_of_other_lattices_are_not_compared) {
  json("flow good.toml -o flow.nc");
  json("decompose good.toml -o factors.nc --set lattice.shape=[10]");
  const ProgramRun run = run_popflow(*this, "compare flow.nc factors.nc");
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err.find("lattices must be the same") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

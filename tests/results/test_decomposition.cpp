#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include <boost/test/unit_test.hpp>
#include <netcdf>

#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/decomposition.hpp"

#include "random_weights.hpp"
#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(decomposition_file)

using namespace popflow;

namespace {

Decomposition example(const Torus& torus, int rank) {
  Decomposition d;
  d.method = "tiled";
  d.tiled = true;
  d.samples = 123;
  d.torus = torus;
  d.lambda = Eigen::VectorXd::LinSpaced(rank, 3.0, -2.0);
  d.factors = Weights::NullaryExpr(rank, torus.sites(), [](Eigen::Index r, Eigen::Index i) {
    return 1.0 + 10.0 * static_cast<double>(r) + 0.1 * static_cast<double>(i);
  });
  d.relative_error = 0.125;
  d.standard_error = 0.25;
  d.rank_error = {0.5, 0.125};
  d.residual.assign(static_cast<std::size_t>(rank), 1e-9);
  d.seed = 9007199254740993;  // not a double
  d.experiment = "seed = 1\n";
  d.overrides = "decompose.rank=3";
  d.provenance = {"1.2.3", "abc", "GNU 12", "AVX2", "popflow decompose a", "2024-05-17T09:30:00Z"};
  return d;
}

void check_same(const Decomposition& a, const Decomposition& b) {
  BOOST_TEST(a.method == b.method);
  BOOST_TEST(a.tiled == b.tiled);
  BOOST_TEST(a.samples == b.samples);
  BOOST_TEST((a.torus == b.torus));
  BOOST_TEST((a.lambda == b.lambda));
  BOOST_TEST((a.factors == b.factors));
  BOOST_TEST(a.relative_error == b.relative_error);
  BOOST_TEST((a.standard_error == b.standard_error));
  BOOST_TEST(a.rank_error == b.rank_error, boost::test_tools::per_element());
  BOOST_TEST(a.residual == b.residual, boost::test_tools::per_element());
  BOOST_TEST(a.seed == b.seed);
  BOOST_TEST(a.experiment == b.experiment);
  BOOST_TEST(a.overrides == b.overrides);
  BOOST_TEST(a.provenance.command_line == b.provenance.command_line);
  BOOST_TEST(a.provenance.date == b.provenance.date);
}

template <class Read>
std::string message_of(Read read) {
  try {
    read();
  } catch (const InvalidResults& error) {
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const ScratchFolder folder;
  for (const Torus& torus : {Torus({7}), Torus({3, 5})}) {
    const Decomposition written = example(torus, 3);
    write_decomposition(folder.path("a.nc"), written);
    check_same(read_decomposition(folder.path("a.nc")), written);
    BOOST_TEST(results_kind(folder.path("a.nc")) == decomposition_kind);
    BOOST_TEST(holds_factors(folder.path("a.nc")));
  }
}

BOOST_AUTO_TEST_CASE(what_a_method_does_not_have_is_left_out) {
  const ScratchFolder folder;
  Decomposition written = example(Torus({7}), 1);
  written.standard_error.reset();
  written.rank_error.clear();
  written.residual.clear();
  written.relative_error = std::numeric_limits<double>::quiet_NaN();
  write_decomposition(folder.path("a.nc"), written);
  const Decomposition found = read_decomposition(folder.path("a.nc"));
  BOOST_TEST(!found.standard_error);
  BOOST_TEST(found.rank_error.empty());
  BOOST_TEST(found.residual.empty());
  BOOST_TEST(std::isnan(found.relative_error));
}

BOOST_AUTO_TEST_CASE(sizes_are_measured_for_other_programs) {
  const ScratchFolder folder;
  const Torus torus({6, 8});
  const Decomposition written = example(torus, 2);
  write_decomposition(folder.path("a.nc"), written);
  const netCDF::NcFile file(folder.path("a.nc"), netCDF::NcFile::read);
  std::vector<double> ipr(2), widths(4);
  file.getVar("ipr").getVar(ipr.data());
  file.getVar("width").getVar(widths.data());
  const Field second = written.factors.row(1).transpose();
  BOOST_TEST(ipr[1] == inverse_participation_ratio(second));
  BOOST_TEST(widths[2] == width(torus, second)[0]);
  BOOST_TEST(widths[3] == width(torus, second)[1]);
}

BOOST_AUTO_TEST_CASE(wrong_shapes_are_refused_and_write_nothing) {
  const ScratchFolder folder;
  Decomposition wrong = example(Torus({7}), 3);
  wrong.lambda.resize(2);
  BOOST_CHECK_THROW(write_decomposition(folder.path("a.nc"), wrong), std::invalid_argument);
  wrong = example(Torus({7}), 3);
  wrong.residual.pop_back();
  BOOST_CHECK_THROW(write_decomposition(folder.path("a.nc"), wrong), std::invalid_argument);
  BOOST_TEST(!std::filesystem::exists(folder.path("a.nc")));
}

BOOST_AUTO_TEST_CASE(factors_and_weights_are_not_mistaken_for_one_another) {
  const ScratchFolder folder;
  write_decomposition(folder.path("factors.nc"), example(Torus({7}), 3));
  Results results;
  results.kind = "flow";
  results.torus = Torus({7});
  results.time = {0.0};
  results.runs = {{Weights::Ones(1, 7)}};
  write_results(folder.path("weights.nc"), results);
  BOOST_TEST(!holds_factors(folder.path("weights.nc")));
  const std::string of_factors = message_of([&] { read_results(folder.path("factors.nc")); });
  BOOST_TEST(of_factors.find("factors.nc: ") != std::string::npos);
  BOOST_TEST(of_factors.find("holds factors") != std::string::npos);
  const std::string of_weights = message_of([&] { read_decomposition(folder.path("weights.nc")); });
  BOOST_TEST(of_weights.find("weights.nc: ") != std::string::npos);
  BOOST_TEST(of_weights.find("holds a flow (popflow flow): must hold factors") !=
             std::string::npos);
  const std::string of_nothing = message_of([&] { results_kind(folder.path("absent.nc")); });
  BOOST_TEST(of_nothing.find("absent.nc: cannot be read") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

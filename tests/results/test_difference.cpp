// A rerun needs digests of data files, and differences of results, bit for bit.

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <netcdf>

#include "popflow/results/difference.hpp"
#include "popflow/results/record.hpp"
#include "popflow/results/results.hpp"

#include "experiment/data_files.hpp"
#include "random_values.hpp"
#include "scratch_folder.hpp"

using namespace popflow;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

Results example(std::vector<double> measured) {
  Results results;
  results.kind = "flow";
  results.stop_reason = "reached_end";
  results.torus = Torus({2});
  results.time = {0.0, 1.0};
  results.runs = {{Weights::Ones(1, 2), Weights::Ones(1, 2)}};
  results.series = {{"measured", "", {}, std::move(measured)}};
  results.overrides = "a=1\nb=2";
  return results;
}

}  // namespace

struct RerunFiles : ScratchFolder {
  ResultsDifference compare(const Results& a, const Results& b) const {
    write_results(path("a.nc"), a);
    write_results(path("b.nc"), b);
    return difference(path("a.nc"), path("b.nc"));
  }
};

BOOST_FIXTURE_TEST_SUITE(rerun, RerunFiles)

// FIPS 180-4's examples, and one of several blocks of the reader.
BOOST_AUTO_TEST_CASE(digests_are_those_of_sha1sum) {
  BOOST_TEST(sha1_of(write("a", "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  BOOST_TEST(sha1_of(write("a", "popflow")) ==
             "1bd18a95a052d3990f2441a0234dfe00c7467acf");  // a word begins with 0
  BOOST_TEST(sha1_of(write("a", "")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  BOOST_TEST(sha1_of(write("a", std::string(1'000'000, 'a'))) ==
             "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  BOOST_TEST(sha1_of(path("missing")) == "-");
  BOOST_TEST(sha1_of(path("")) == "-");
  BOOST_TEST(sha1_of("/dev/zero") == "-");
}

BOOST_AUTO_TEST_CASE(numbers_are_compared_bit_for_bit) {
  BOOST_TEST(compare(example({1.0, none}), example({1.0, none})).same());
  const auto one = [&](std::vector<double> a, std::vector<double> b) {
    const ResultsDifference found = compare(example(std::move(a)), example(std::move(b)));
    BOOST_TEST(!found.same());
    BOOST_TEST(found.outcome.empty());
    BOOST_REQUIRE(found.variables.size() == 1u);
    BOOST_TEST(found.variables[0].name == "measured");
    return found.variables[0];
  };
  const VariableDifference both = one({1.0, -3.0}, {1.5, -3.25});
  BOOST_TEST(both.values == 2u);
  BOOST_TEST(both.differing == 2u);
  BOOST_TEST(both.largest == 0.5);
  BOOST_TEST(both.magnitude == 3.0);
  const VariableDifference last_bit = one({1.0, 2.0}, {std::nextafter(1.0, 2.0), 2.0});
  BOOST_TEST(last_bit.differing == 1u);
  BOOST_TEST(last_bit.largest == std::numeric_limits<double>::epsilon());
  BOOST_TEST(one({0.0, 1.0}, {-0.0, 1.0}).largest == 0.0);
  BOOST_TEST(std::isinf(one({none, 1.0}, {0.0, 1.0}).largest));
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_of_another_shape_is_named) {
  const Results with = example({1.0, 2.0});
  Results without = with, longer = with;
  without.series.clear();
  longer.series[0] = {"measured", "", {{"class", 2}}, {1.0, 2.0, 3.0, 4.0}};
  BOOST_TEST(compare(with, without).variables.at(0).form == "is only in the first file");
  BOOST_TEST(compare(without, with).variables.at(0).form == "is only in the second file");
  BOOST_TEST(compare(with, longer).variables.at(0).form == "has other dimensions");
}

// Compressed numbers are most of a file, amid which some bytes are changed.
BOOST_AUTO_TEST_CASE(a_damaged_file_is_the_one_that_is_named) {
  for (const std::string name : {"a.nc", "b.nc"}) {
    write_results(path(name), example({1.0, 2.0}));
    netCDF::NcFile file(path(name), netCDF::NcFile::write);
    const Eigen::VectorXd numbers = test::random_values(10000, 1);
    const netCDF::NcVar zipped = file.addVar("zipped", netCDF::ncDouble, file.addDim("n", 10000));
    zipped.setCompression(false, true, 1);
    zipped.putVar(numbers.data());
  }
  BOOST_TEST(difference(path("a.nc"), path("b.nc")).same());
  std::string bytes = read("a.nc");
  bytes.replace(bytes.size() / 2, 64, std::string(64, '\xff'));
  write("a.nc", bytes);
  for (const auto& [before, now] : {std::pair{"a.nc", "b.nc"}, {"b.nc", "a.nc"}})
    BOOST_CHECK_EXCEPTION(difference(path(before), path(now)), InvalidResults,
                          [&](const InvalidResults& error) {
                            return std::string(error.what())
                                .starts_with(path("a.nc") + ": not a results file of popflow: ");
                          });
}

BOOST_AUTO_TEST_CASE(attributes_are_outcome_or_provenance_or_do_not_matter) {
  const Results before = example({1.0, 2.0});
  Results now = before;
  now.provenance.date = "2001-01-01T00:00:00Z";
  now.provenance.command_line = "popflow rerun";
  now.provenance.instruction_set = "sse2";
  const ResultsDifference same = compare(before, now);
  BOOST_TEST(same.same());
  BOOST_TEST(same.compared == 4u);
  BOOST_REQUIRE(same.provenance.size() == 1u);
  BOOST_TEST(same.provenance[0].name == "instruction_set");
  BOOST_TEST(same.provenance[0].now == "sse2");
  now.cumulant_error = 0.5;
  const ResultsDifference other = compare(before, now);
  BOOST_TEST(!other.same());
  BOOST_REQUIRE(other.outcome.size() == 1u);
  BOOST_TEST(other.outcome[0].name == "cumulant_error");
  BOOST_TEST(other.outcome[0].before.empty());
  BOOST_TEST(other.outcome[0].now == "0.5");
}

BOOST_AUTO_TEST_CASE(a_record_has_what_was_written_and_finds_its_folder) {
  Results results = example({1.0, 2.0});
  results.experiment = "seed = 1\n";
  results.files = {"in/a.toml", path("in"), "12  x.npy"};
  write_results(path("a.nc"), results);
  const RunRecord record = read_record(path("a.nc"));
  BOOST_TEST(record.kind == "flow");
  BOOST_TEST(record.stop_reason == "reached_end");
  BOOST_TEST(record.experiment.file == "in/a.toml");
  BOOST_TEST(record.experiment.text == "seed = 1\n");
  BOOST_TEST(record.experiment.folder == path("in"));
  BOOST_TEST(record.experiment.known_data.value() == "12  x.npy");
  BOOST_TEST(record.overrides == (std::vector<std::string>{"a=1", "b=2"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include <boost/test/unit_test.hpp>
#include <netcdf>
#include <sys/stat.h>

#include "popflow/experiment/read.hpp"
#include "popflow/input/empirical_field.hpp"
#include "popflow/input/phi4_chain.hpp"

#include "npy_file.hpp"
#include "random_values.hpp"
#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(read_samples)

using namespace popflow;
using namespace popflow::test;
using Eigen::MatrixXd;

namespace {

std::string experiment(const std::string& shape, const std::string& keys) {
  return fmt::format(
      "[lattice]\nshape = {}\n[[class]]\nlabel = 1\ninput = {{ model = \"samples\", {} }}\n", shape,
      keys);
}

MatrixXd fields(int sites, int count) {
  return random_values(sites * count, 1).reshaped(sites, count);
}

void check_input(const Input& input, const MatrixXd& expected) {
  const EmpiricalField law(input.torus(), expected);
  BOOST_TEST((input.covariance() - law.covariance()).norm() < 1e-14);
  BOOST_TEST(input.four_point(1, 3, 2) == law.four_point(1, 3, 2));
}

Input read(const ScratchFolder& folder, const std::string& shape, const std::string& keys) {
  return read_experiment(folder.write("experiment.toml", experiment(shape, keys))).task[0].input;
}

using NetCdfWriter = std::function<void(netCDF::NcFile&)>;

void write_netcdf(const ScratchFolder& folder, const NetCdfWriter& write) {
  netCDF::NcFile file(folder.path("x.nc"), netCDF::NcFile::replace);
  write(file);
}

netCDF::NcVar add_fields(netCDF::NcFile& file, const netCDF::NcType& type, const MatrixXd& numbers,
                         std::optional<float> fill = {}) {
  const std::vector<netCDF::NcDim> dimensions{
      file.addDim("sample", static_cast<std::size_t>(numbers.cols())),
      file.addDim("site", static_cast<std::size_t>(numbers.rows()))};
  netCDF::NcVar variable = file.addVar("x", type, dimensions);
  if (fill) variable.setFill(true, *fill);
  variable.putVar(numbers.data());
  return variable;
}

std::string message_of(const ScratchFolder& folder, const std::string& keys,
                       const std::string& shape = "[6]") {
  try {
    read(folder, shape, keys);
  } catch (const InvalidExperiment& refused) {
    return refused.what();
  }
  return "";
}

void check_message(const std::string& message, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    BOOST_TEST(message.find(word) != std::string::npos, message << " lacks " << word);
}

}  // namespace

BOOST_AUTO_TEST_CASE(numpy_files_are_read_beside_the_experiment_file) {
  const ScratchFolder folder;
  const MatrixXd x = fields(6, 5);
  folder.write("x.npy", npy_file_of(x, "5, 6"));
  check_input(read(folder, "[6]", "file = \"x.npy\""), x);
  folder.write("x.npy", npy_file_of(x, "5, 2, 3"));
  check_input(read(folder, "[2, 3]", "file = \"x.npy\""), x);
  folder.write("x.npy", npy_file_of(x, "5, 6"));
  check_input(read(folder, "[2, 3]", "file = \"x.npy\""), x);
  check_input(read(folder, "[6]", fmt::format("file = \"{}\"", folder.path("x.npy"))), x);
}

BOOST_AUTO_TEST_CASE(numpy_files_of_single_precision_and_of_other_formats_are_read) {
  const ScratchFolder folder;
  const Eigen::MatrixXf x = fields(6, 5).cast<float>();
  for (const char version : {1, 2, 3}) {
    folder.write("x.npy", npy_file("{'fortran_order':False,'shape':(5,6),'descr':'<f4'}",
                                   bytes<float>(x), version));
    check_input(read(folder, "[6]", "file = \"x.npy\""), x.cast<double>());
  }
}

BOOST_AUTO_TEST_CASE(netcdf_variables_are_read) {
  const ScratchFolder folder;
  const MatrixXd x = (100.0 * fields(6, 5)).array().round();
  for (const netCDF::NcType& type :
       std::vector<netCDF::NcType>{netCDF::ncDouble, netCDF::ncFloat, netCDF::ncByte,
                                   netCDF::ncShort, netCDF::ncInt, netCDF::ncInt64}) {
    write_netcdf(folder, [&](netCDF::NcFile& file) { add_fields(file, type, x); });
    check_input(read(folder, "[6]", "file = \"x.nc\", variable = \"x\""), x);
  }
  const MatrixXd positive = x.cwiseAbs();
  for (const netCDF::NcType& type : std::vector<netCDF::NcType>{netCDF::ncUbyte, netCDF::ncUshort,
                                                                netCDF::ncUint, netCDF::ncUint64}) {
    write_netcdf(folder, [&](netCDF::NcFile& file) { add_fields(file, type, positive); });
    check_input(read(folder, "[6]", "file = \"x.nc\", variable = \"x\""), positive);
  }
}

BOOST_AUTO_TEST_CASE(a_clone_has_the_covariance_alone) {
  const ScratchFolder folder;
  folder.write("x.npy", npy_file_of(fields(6, 5), "5, 6"));
  const Input clone = read(folder, "[6]", "file = \"x.npy\", clone = true");
  BOOST_TEST(clone.is_gaussian());
  const EmpiricalField law(Torus({6}), fields(6, 5));
  BOOST_TEST((clone.covariance() - law.covariance()).norm() < 1e-13);
}

BOOST_AUTO_TEST_CASE(phi4_inputs_are_the_fields_of_a_chain) {
  const auto read_phi4 = [](const std::string& keys) {
    const ScratchFolder folder;
    return read_experiment(
               folder.write("experiment.toml",
                            "[lattice]\nshape = [3, 4]\n[[class]]\nlabel = 1\ninput = { model = "
                            "\"phi4\", hopping = 0.15, coupling = 0.7" +
                                keys + " }\n"))
        .task[0]
        .input;
  };
  const Torus torus({3, 4});
  const FieldChain chain = phi4_chain(torus, {0.15, 0.7}, 50, 3);
  const EmpiricalField law(torus, chain.fields, chain.autocorrelation_time);
  const Input input = read_phi4(", samples = 50, chain_seed = 3");
  BOOST_TEST(input.covariance() == law.covariance());
  BOOST_TEST(input.four_point_error(1, 2, 3) == law.four_point_error(1, 2, 3));
  BOOST_TEST(input.covariance() != read_phi4(", samples = 50").covariance());
  BOOST_TEST(read_phi4(", samples = 50, clone = true").is_gaussian());
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_not_waited_for) {
  const ScratchFolder folder;
  for (const std::string name : {"x.npy", "x.nc"}) {
    BOOST_REQUIRE(mkfifo(folder.path(name).c_str(), 0600) == 0);
    const std::string variable = name == "x.nc" ? ", variable = \"x\"" : "";
    check_message(message_of(folder, "file = \"" + name + "\"" + variable),
                  {"cannot be read: is no regular file"});
  }
}

BOOST_AUTO_TEST_CASE(bad_numpy_files_are_refused) {
  const ScratchFolder folder;
  const std::string good = "{'descr': '<f8', 'fortran_order': False, 'shape': (5, 6), }",
                    numbers = bytes<double>(fields(6, 5));
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    folder.write("x.npy", text);
    const std::string message = message_of(folder, "file = \"x.npy\"");
    check_message(message, words);
    check_message(message, {"experiment.toml:5: class.0.input.file = \"x.npy\": "});
  };
  const auto altered = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  refused("", {"ends within its header"});
  refused("PK\3\4 an archive of arrays", {"not a NumPy file"});
  refused(npy_file(good, numbers, 4), {"format 4", "1 to 3"});
  refused(npy_file(good, numbers).substr(0, 40), {"ends within its header"});
  refused(npy_file(altered("<f8", ">f8"), numbers), {"\">f8\"", "little-endian"});
  refused(npy_file(altered("<f8", "|O"), numbers), {"\"|O\"", "float64"});
  refused(npy_file(altered("<f8", "\n\x7f"), numbers), {"\"\\x0a\\x7f\"", "float64"});
  refused(npy_file(altered("(5, 6)", "(5,\n6\x01)"), numbers), {"(5,\\x0a6\\x01)", "readable"});
  refused(npy_file(altered("'<f8'", "[('x', '<f8')]"), numbers), {"structured type"});
  refused(npy_file(altered("False", "True"), numbers), {"Fortran"});
  refused(npy_file(altered("shape", "sharp"), numbers), {"without 'shape'"});
  refused(npy_file(altered("(5, 6)", "5, 6"), numbers), {"without a shape"});
  refused(npy_file(altered("(5, 6)", "(-5, -6)"), numbers), {"shape (-5, -6)", "not readable"});
  refused(npy_file(altered("(5, 6)", "(5x6)"), numbers), {"not readable"});
  refused(npy_file(altered("(5, 6)", "(5.5, 6)"), numbers), {"not readable"});
  // As long as a header may be.
  refused(npy_file(altered("<f8", std::string(65000, 'x')), numbers), {"float64"});
  refused(npy_file(altered(": '<f8'", ":" + std::string(65000, ' ')), numbers), {"structured"});
  refused(npy_file(altered("(5, 6)", "(6, 5)"), numbers), {"shape (6, 5)", "(P, 6)"});
  refused(npy_file(altered("(5, 6)", "(5, 2, 3)"), numbers), {"shape (5, 2, 3)"});
  refused(npy_file(altered("(5, 6)", "(0, 6)"), ""), {"one field or more"});
  refused(npy_file(altered("(5, 6)", "()"), numbers), {"shape ()"});
  refused(npy_file(altered("(5, 6)", "(99999999999999999999, 6)"), numbers), {"not readable"});
  refused(npy_file(altered("(5, 6)", "(999999999999, 6)"), numbers), {"at most", "2 GiB"});
  refused(npy_file(good, numbers.substr(1)), {"239 bytes", "says 240"});
  refused(npy_file(good, numbers + "x"), {"241 bytes", "says 240"});
  refused(npy_file_of(MatrixXd::Constant(6, 5, 2.0), "5, 6"), {"same number"});
  refused(npy_file_of(MatrixXd::Constant(6, 5, std::nan("")), "5, 6"), {"finite"});
}

BOOST_AUTO_TEST_CASE(bad_netcdf_files_are_refused) {
  const ScratchFolder folder;
  const auto refused = [&](const NetCdfWriter& write, const std::vector<std::string>& words,
                           const std::string& variable = "x") {
    write_netcdf(folder, write);
    check_message(message_of(folder, fmt::format("file = \"x.nc\", variable = \"{}\"", variable)),
                  words);
  };
  const MatrixXd x = fields(6, 5);
  const auto good = [&x](netCDF::NcFile& file) { return add_fields(file, netCDF::ncDouble, x); };
  refused(good, {"no variable y", "it has x"}, "y");
  refused([](netCDF::NcFile&) {}, {"no variable x", "it has none"});
  refused([](netCDF::NcFile& file) { file.addVar("x", netCDF::ncString, file.addDim("d", 2)); },
          {"no numbers in variable x"});
  refused([&](netCDF::NcFile& file) { add_fields(file, netCDF::ncDouble, fields(5, 6)); },
          {"shape (6, 5)", "(P, 6)"});
  refused([&](netCDF::NcFile& file) { good(file).putAtt("scale_factor", netCDF::ncDouble, 2.0); },
          {"packed", "scale_factor"});
  refused(
      [&](netCDF::NcFile& file) {
        MatrixXd holed = x;
        holed(3, 2) = -1.0;
        add_fields(file, netCDF::ncFloat, holed, -1.0F);
      },
      {"missing values"});
  refused(
      [](netCDF::NcFile& file) {
        file.addVar("x", netCDF::ncDouble,
                    std::vector<netCDF::NcDim>{file.addDim("p", 5), file.addDim("i", 6)});
      },
      {"missing values"});
  for (const netCDF::NcType& type :
       std::vector<netCDF::NcType>{netCDF::ncShort, netCDF::ncUshort, netCDF::ncInt, netCDF::ncUint,
                                   netCDF::ncInt64, netCDF::ncUint64})
    refused(
        [&type](netCDF::NcFile& file) {
          file.addVar("x", type,
                      std::vector<netCDF::NcDim>{file.addDim("p", 5), file.addDim("i", 6)});
        },
        {"missing values"});
  refused(
      [&](netCDF::NcFile& file) {
        good(file).putAtt("missing_value", netCDF::ncDouble, 4, std::array{1., 2., 3., 4.}.data());
      },
      {"missing_value", "not one number"});
  refused(
      [&](netCDF::NcFile& file) { good(file).putAtt("missing_value", netCDF::ncDouble, x(2, 3)); },
      {"missing values"});
  folder.write("x.nc", "not NetCDF");
  check_message(message_of(folder, "file = \"x.nc\", variable = \"x\""), {"cannot be read"});
}

BOOST_AUTO_TEST_CASE(keys_that_do_not_fit_are_refused) {
  const ScratchFolder folder;
  folder.write("x.npy", npy_file_of(fields(6, 5), "5, 6"));
  check_message(message_of(folder, "clone = false"), {"class.0.input.file is missing", ".npy"});
  check_message(message_of(folder, "file = 1"), {"class.0.input.file = 1", ".npy or NetCDF"});
  check_message(message_of(folder, "file = \"\""), {"class.0.input.file = \"\""});
  check_message(message_of(folder, "file = \"y.npy\""), {"\"y.npy\"", "cannot be opened"});
  check_message(message_of(folder, "file = \"y.nc\", variable = \"x\""),
                {"\"y.nc\"", "cannot be read", "No such file"});
  check_message(message_of(folder, "file = \"y.nc\""), {"variable is missing", "name of"});
  check_message(message_of(folder, "file = \"x.npy\", variable = \"x\""),
                {"variable = \"x\"", "not allowed with a .npy file"});
  check_message(message_of(folder, "file = \"x.npy\", gain = 3"),
                {"gain: unknown key", "file, variable"});
  check_message(message_of(folder, "file = \"x.npy\"", "[2, 2]"), {"(P, 2, 2) or (P, 4)"});
}

BOOST_AUTO_TEST_SUITE_END()

// Our own reader of the format, since the one that Debian packages (xtensor's) hands out
// uninitialised numbers for a file that is cut short.

#include <array>
#include <charconv>
#include <fstream>
#include <regex>
#include <system_error>

#include <fmt/core.h>

#include "experiment/read_samples.hpp"

namespace popflow {

namespace {

constexpr std::uint32_t longest_header = 1 << 16;

struct Header {
  std::vector<std::size_t> shape;
  bool is_single;
  std::streamoff data;  // where the numbers begin
};

void read_bytes(std::istream& in, char* bytes, std::size_t count) {
  if (!in.read(bytes, static_cast<std::streamsize>(count)))
    throw InvalidSamples("ends within its header");
}

// A number of 2 bytes in format 1, of 4 later.
std::uint32_t read_header_length(std::istream& in, int version) {
  std::array<unsigned char, 4> bytes{};
  read_bytes(in, reinterpret_cast<char*>(bytes.data()), version == 1 ? 2 : 4);
  std::uint32_t length = 0;
  for (int i = 3; i >= 0; --i) length = length << 8 | bytes[static_cast<std::size_t>(i)];
  return length;
}

std::string matched(const std::string& dictionary, const char* pattern, const std::string& key) {
  std::smatch match;
  if (!std::regex_search(dictionary, match, std::regex(pattern)))
    throw InvalidSamples("has a header without " + key);
  return match[1];
}

std::vector<std::size_t> extents(const std::string& tuple) {
  std::vector<std::size_t> result;
  const std::regex number("[0-9]+");
  for (std::sregex_iterator at(tuple.begin(), tuple.end(), number), end; at != end; ++at) {
    const std::string digits = at->str();
    std::size_t extent = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), extent).ec != std::errc{})
      throw InvalidSamples("has an extent of " + digits + ": too large");
    result.push_back(extent);
  }
  return result;
}

Header read_header(std::istream& in) {
  std::array<char, 8> magic{};
  read_bytes(in, magic.data(), magic.size());
  if (std::string(magic.data(), 6) != "\x93NUMPY")
    throw InvalidSamples("is not a NumPy file, as its name says");
  const int version = magic[6];
  if (version < 1 || version > 3)
    throw InvalidSamples(fmt::format("is of NumPy's file format {}: must be 1 to 3", version));
  const std::uint32_t length = read_header_length(in, version);
  if (length > longest_header) throw InvalidSamples("has a header of more than 64 KiB");
  std::string dictionary(length, ' ');
  read_bytes(in, dictionary.data(), length);

  const std::string type = matched(dictionary, R"('descr'\s*:\s*'([^']*)')", "a simple type");
  if (type != "<f4" && type != "<f8")
    throw InvalidSamples(
        fmt::format("has numbers of type \"{}\": must be float32 or float64, little-endian", type));
  if (matched(dictionary, R"('fortran_order'\s*:\s*(True|False))", "an order") == "True")
    throw InvalidSamples("is in Fortran order: must be in C order (numpy.ascontiguousarray)");
  return {extents(matched(dictionary, R"('shape'\s*:\s*\(([^)]*)\))", "a shape")), type == "<f4",
          in.tellg()};
}

template <class Real>
Eigen::MatrixXd read_numbers(std::istream& in, Eigen::Index sites, Eigen::Index count) {
  Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic> numbers(sites, count);
  in.read(reinterpret_cast<char*>(numbers.data()),
          static_cast<std::streamsize>(sizeof(Real)) * numbers.size());
  if (!in) throw InvalidSamples("cannot be read to its end");
  return numbers.template cast<double>();
}

}  // namespace

Eigen::MatrixXd read_npy(const std::filesystem::path& file, const Torus& torus) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw InvalidSamples("cannot be opened");
  const Header header = read_header(in);
  const std::size_t size = checked_size(header.shape, torus);
  in.seekg(0, std::ios::end);
  const auto bytes = static_cast<std::size_t>(in.tellg() - header.data),
             needed = size * (header.is_single ? sizeof(float) : sizeof(double));
  if (bytes != needed)
    throw InvalidSamples(fmt::format("has {} bytes of numbers: its header says {}", bytes, needed));
  in.seekg(header.data);
  const auto count = static_cast<Eigen::Index>(header.shape[0]);
  return header.is_single ? read_numbers<float>(in, torus.sites(), count)
                          : read_numbers<double>(in, torus.sites(), count);
}

}  // namespace popflow

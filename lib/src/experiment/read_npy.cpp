// This is a reader of our own, because the reader that Debian packages (xtensor's) returns
// uninitialised numbers for a file that is cut short.

#include "experiment/read_npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <fmt/core.h>

#include "experiment/read_samples.hpp"

namespace popflow {

namespace {

constexpr std::uint32_t longest_header = 1 << 16;
constexpr std::string_view blanks = " \t\n";

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

// The text that follows 'key': in a dictionary, from its first character that is not blank.
std::string_view value_of(std::string_view dictionary, std::string_view key) {
  const std::string quoted = fmt::format("'{}'", key);
  const std::size_t at = dictionary.find(quoted);
  if (at == std::string_view::npos) throw InvalidSamples("has a header without " + quoted);
  std::string_view rest = dictionary.substr(at + quoted.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  if (!rest.starts_with(':')) throw InvalidSamples("has a header without " + quoted);
  rest.remove_prefix(1);
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  return rest;
}

// The text between two characters, the first of which begins the text. Nothing if it does not begin
// so, or if the second character is missing.
std::optional<std::string> enclosed(std::string_view text, char first, char last) {
  if (!text.starts_with(first)) return {};
  text.remove_prefix(1);
  const std::size_t end = text.find(last);
  if (end == std::string_view::npos) return {};
  return std::string(text.substr(0, end));
}

// Numbers with a comma between them, and perhaps one after the last.
std::vector<std::size_t> extents(const std::string& tuple) {
  const InvalidSamples unreadable(fmt::format("has the shape ({}): not readable", tuple));
  std::vector<std::size_t> result;
  const char *next = tuple.data(), *const end = next + tuple.size();
  const auto skip_blanks = [&] {
    while (next != end && blanks.find(*next) != std::string_view::npos) ++next;
  };
  for (skip_blanks(); next != end; skip_blanks()) {
    std::size_t extent = 0;
    const auto [after, error] = std::from_chars(next, end, extent);
    if (error != std::errc{}) throw unreadable;
    result.push_back(extent);
    next = after;
    skip_blanks();
    if (next == end) break;
    if (*next++ != ',') throw unreadable;
  }
  return result;
}

Header read_header(std::istream& in) {
  std::array<char, 8> magic{};
  read_bytes(in, magic.data(), magic.size());
  if (std::string(magic.data(), 6) != "\x93NUMPY")
    throw InvalidSamples("is not a NumPy file, as its name says");
  const int version = static_cast<unsigned char>(magic[6]);
  if (version < 1 || version > 3)
    throw InvalidSamples(fmt::format("is of NumPy's file format {}: must be 1 to 3", version));
  const std::uint32_t length = read_header_length(in, version);
  if (length > longest_header) throw InvalidSamples("has a header of more than 64 KiB");
  std::string dictionary(length, ' ');
  read_bytes(in, dictionary.data(), length);

  const auto type = enclosed(value_of(dictionary, "descr"), '\'', '\'');
  if (!type) throw InvalidSamples("has numbers of a structured type");
  if (type != "<f4" && type != "<f8")
    throw InvalidSamples(fmt::format(
        "has numbers of type \"{}\": must be float32 or float64, little-endian", *type));
  if (!value_of(dictionary, "fortran_order").starts_with("False"))
    throw InvalidSamples("is in Fortran order: must be in C order (numpy.ascontiguousarray)");
  const auto shape = enclosed(value_of(dictionary, "shape"), '(', ')');
  if (!shape) throw InvalidSamples("has a header without a shape");
  return {extents(*shape), type == "<f4", in.tellg()};
}

template <class Real>
Eigen::MatrixXd read_numbers(std::istream& in, Eigen::Index sites, Eigen::Index count) {
  Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic> numbers(sites, count);
  in.read(reinterpret_cast<char*>(numbers.data()),
          static_cast<std::streamsize>(sizeof(Real)) * numbers.size());
  if (!in) throw InvalidSamples("cannot be read to its end");
  if constexpr (std::is_same_v<Real, double>)
    return numbers;
  else
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

#pragma once

#include <string>

#include <Eigen/Core>
#include <fmt/core.h>

namespace popflow::test {

/// The text of a .npy file: its header, padded as NumPy pads it, and these bytes of numbers.
inline std::string npy_file(const std::string& dictionary, const std::string& numbers,
                            char version = 1) {
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::string header = dictionary;
  header.append(63 - (8 + length_bytes + header.size()) % 64, ' ').push_back('\n');
  std::string text("\x93NUMPY", 6);
  text += version;
  text += '\0';
  for (std::size_t i = 0; i < length_bytes; ++i)
    text += static_cast<char>(header.size() >> 8 * i & 0xff);
  return text + header + numbers;
}

template <class Real>
std::string bytes(const Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()),
          sizeof(Real) * static_cast<std::size_t>(numbers.size())};
}

/// Fields of float64, one a column, as an array of `shape`, "P, N".
inline std::string npy_file_of(const Eigen::MatrixXd& fields, const std::string& shape) {
  return npy_file(fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}), }}", shape),
                  bytes<double>(fields));
}

}  // namespace popflow::test

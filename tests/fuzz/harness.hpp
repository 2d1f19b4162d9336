#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <unistd.h>

namespace popflow::fuzz {

/// A folder of this process alone, in the folder for temporary files.
inline const std::filesystem::path& scratch() {
  static const std::filesystem::path folder = [] {
    auto made = std::filesystem::temp_directory_path() / fmt::format("popflow-fuzz-{}", getpid());
    std::filesystem::create_directories(made);
    return made;
  }();
  return folder;
}

/// Writes a file of the scratch folder, and returns its path.
inline std::string write_scratch(const std::string& name, std::string_view bytes) {
  const std::string path = (scratch() / name).string();
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
  return path;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Stops, which libFuzzer reports, unless a refusal is one line without control characters.
inline void check_message(std::string_view message) {
  for (const char c : message)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::fprintf(stderr, "control character in a message: %.*s\n",
                   static_cast<int>(message.size()), message.data());
      std::abort();
    }
  if (message.empty()) std::abort();
}

}  // namespace popflow::fuzz

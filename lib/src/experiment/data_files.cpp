#include "experiment/data_files.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <boost/uuid/detail/sha1.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace popflow {

namespace {

constexpr std::size_t bytes_at_once = 1 << 16;
const std::string no_file = "-";

std::string line_of(const std::string& name, const std::string& folder) {
  return fmt::format("{}  {}", sha1_of((std::filesystem::path(folder) / name).string()), name);
}

bool has_line(const std::string& lines, const std::string& line) {
  return ("\n" + lines + "\n").find("\n" + line + "\n") != std::string::npos;
}

[[noreturn]] void refuse(const ExperimentSource& source, const std::string& name, bool is_there) {
  const std::string path = (std::filesystem::path(source.folder) / name).lexically_normal();
  throw InvalidExperiment(
      fmt::format("{}: data file {}: {}", source.file, path,
                  is_there ? "is not the one that was read before: its SHA-1 is another"
                           : "cannot be read any more: must be the one that was read before"));
}

std::string text_of(const Value* value) {
  const auto* text = value ? std::get_if<std::string>(&value->data) : nullptr;
  return text ? *text : "";
}

const Value* entry(const Value* value, std::string_view key) {
  const auto* table = value ? std::get_if<Table>(&value->data) : nullptr;
  return table ? table->find(key) : nullptr;
}

}  // namespace

std::string path_of(const ExperimentSource& source) {
  return std::filesystem::path(source.folder) / std::filesystem::path(source.file).filename();
}

// SHA-1 suffices, because files are replaced by mistake and not to deceive. It has 160 bits: among
// 10^9 files, two would have the same digest with a probability of 10^-31 (with CRC-32: surely).
// Anybody can check it by sha1sum(1). Boost, which is a dependency already, has SHA-1 for its
// UUIDs. OpenSSL would be faster, but is one more dependency; 2 GiB, the most that is read, take
// some ten seconds. The words of Boost's digest are bytes from Boost 1.86 on.
std::string sha1_of(const std::string& file) {
  std::error_code not_there;
  if (!std::filesystem::is_regular_file(file, not_there)) return no_file;
  std::ifstream stream(file, std::ios::binary);
  boost::uuids::detail::sha1 sha1;
  std::vector<char> bytes(bytes_at_once);
  while (stream.read(bytes.data(), bytes_at_once) || stream.gcount() > 0)
    sha1.process_bytes(bytes.data(), static_cast<std::size_t>(stream.gcount()));
  if (!stream.eof()) return no_file;
  boost::uuids::detail::sha1::digest_type words;
  sha1.get_digest(words);
  std::string digest;
  for (const auto word : words) digest += fmt::format("{:0{}x}", word, 2 * sizeof word);
  return digest;
}

std::set<std::string> data_file_names(const Value& document) {
  const Value* classes = entry(&document, "class");
  const auto* list = classes ? std::get_if<List>(&classes->data) : nullptr;
  std::set<std::string> names;
  if (!list) return names;
  for (const Value& each : list->values)
    if (const std::string name = text_of(entry(entry(&each, "input"), "file")); !name.empty())
      names.insert(name);
  return names;
}

std::vector<std::string> data_paths(const std::string& lines, const std::string& folder) {
  std::vector<std::string> paths;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);)
    paths.push_back(std::filesystem::path(folder) / line.substr(line.find("  ") + 2));
  return paths;
}

std::string checked_data(const std::set<std::string>& names, const ExperimentSource& source) {
  std::vector<std::string> lines;
  for (const std::string& name : names) {
    lines.push_back(line_of(name, source.folder));
    if (source.known_data && !has_line(*source.known_data, lines.back()))
      refuse(source, name, !lines.back().starts_with(no_file));
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace popflow

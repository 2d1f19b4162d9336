#include "popflow/experiment/output_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

namespace popflow {

namespace {

constexpr const char* temporary_mark = ".part-";

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw UnwritableOutput(fmt::format("{}: cannot be written: {}", path, reason));
}

// Renaming over a symbolic link would replace the link, not what it names. What it names need not
// be there, which weakly_canonical would take for the end of the way.
std::string behind_links(std::string path) {
  constexpr int most_links = 40;  // as Linux
  std::error_code none;
  for (int link = 0; std::filesystem::is_symlink(path, none); ++link) {
    if (link == most_links) refuse(path, "too many symbolic links");
    path = std::filesystem::path(path).parent_path() / std::filesystem::read_symlink(path, none);
  }
  return path;
}

}  // namespace

OutputFile::OutputFile(std::string path)
    : path_(behind_links(std::move(path))),
      temporary_(fmt::format("{}{}{}", path_, temporary_mark, getpid())) {
  // Renaming over a device would replace it.
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path_, unknown);
  if (path_.empty() || path_.back() == '/' || std::filesystem::is_directory(status))
    refuse(path_, "not the name of a file");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    refuse(path_, "not a regular file");
  if (!std::ofstream(temporary_)) refuse(path_, std::generic_category().message(errno));
}

OutputFile::~OutputFile() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void OutputFile::commit() {
  std::error_code failure;
  std::filesystem::rename(temporary_, path_, failure);
  if (failure) refuse(path_, failure.message());
  temporary_.clear();
}

void check_writable(const std::string& path) { const OutputFile probe(path); }

void remove_output(const std::string& path) {
  const std::filesystem::path file = behind_links(path);
  const std::string unfinished = file.filename().string() + temporary_mark;
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(
           file.has_parent_path() ? file.parent_path() : ".", ignored))
    if (entry.path().filename().string().starts_with(unfinished)) left.push_back(entry.path());
  for (const std::filesystem::path& each : left) std::filesystem::remove(each, ignored);
}

}  // namespace popflow

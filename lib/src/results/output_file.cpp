#include "popflow/results/output_file.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace popflow {

namespace {

constexpr const char* temporary_mark = ".part-";

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw UnwritableOutput(fmt::format("{}: cannot be written: {}", path, reason));
}

// Whether `text` is the number of a process that does not exist. A process that belongs to another
// user exists, although it may not be signalled: that gives another error.
bool names_no_process(std::string_view text) {
  pid_t process = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, process);
  if (error != std::errc() || read != end || process <= 0) return false;
  return kill(process, 0) == -1 && errno == ESRCH;
}

// Removes temporary files of `file` that belong to processes which no longer exist. `file` is no
// symbolic link.
void remove_leftovers(const std::filesystem::path& file) {
  const std::string unfinished = file.filename().string() + temporary_mark;
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code ignored;  // a folder that cannot be read is as an empty one
  for (std::filesystem::directory_iterator entry(folder, ignored), end; entry != end;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(unfinished)) continue;
    std::error_code stays;
    if (names_no_process(std::string_view(name).substr(unfinished.size())))
      std::filesystem::remove(entry->path(), stays);
  }
}

}  // namespace

// Renaming over a symbolic link would replace the link, not the file that it names. That file need
// not exist; weakly_canonical would then stop at the link.
std::string behind_links(std::string path) {
  constexpr int most_links = 40;  // as Linux
  std::error_code none;
  for (int link = 0; std::filesystem::is_symlink(path, none); ++link) {
    if (link == most_links) refuse(path, "too many symbolic links");
    path = std::filesystem::path(path).parent_path() / std::filesystem::read_symlink(path, none);
  }
  return path;
}

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

// The system's own calls are used, since streams do not say why they fail. Some file systems report
// that space or a quota is used up only when a file is synchronised or closed.
void OutputFile::write(std::string_view bytes) const {
  const auto fail = [this](int error) {
    throw std::runtime_error(
        fmt::format("{}: cannot be written: {}", path_, std::generic_category().message(error)));
  };
  const int file = open(temporary_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (file == -1) fail(errno);
  int error = 0;
  while (!bytes.empty() && error == 0) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      error = errno;
  }
  if (error == 0 && fsync(file) != 0 && errno != EINVAL) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  if (error != 0) fail(error);
}

void OutputFile::commit() {
  std::error_code failure;
  std::filesystem::rename(temporary_, path_, failure);
  if (failure) refuse(path_, failure.message());
  temporary_.clear();
  remove_leftovers(path_);
}

void check_writable(const std::string& path, const std::vector<std::string>& read) {
  const OutputFile probe(path);
  std::error_code not_there;
  for (const std::string& file : read)
    if (std::filesystem::equivalent(path, file, not_there))
      refuse(path, "it is a file that is read here");
}

void remove_output(const std::string& path) {
  const std::string file = behind_links(path);
  std::error_code stays;
  std::filesystem::remove(file, stays);
  remove_leftovers(file);
}

}  // namespace popflow

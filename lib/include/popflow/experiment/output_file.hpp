#pragma once

#include <stdexcept>
#include <string>

namespace popflow {

/// An output path that cannot be written. The message is one line that names it.
struct UnwritableOutput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A file that appears under its own name only when it is complete: it is written under a temporary
/// name in the same directory, renamed by commit(), and removed if that never comes. A symbolic
/// link is followed: the file that it points to is replaced.
class OutputFile {
 public:
  /// Throws UnwritableOutput when `path` is there and not a regular file, or its directory takes no
  /// new file.
  explicit OutputFile(std::string path);

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  const std::string& path() const { return path_; }

  /// The name to write to. An empty file is there.
  const std::string& temporary() const { return temporary_; }

  /// Throws UnwritableOutput when renaming fails.
  void commit();

 private:
  std::string path_;
  std::string temporary_;
};

/// Throws UnwritableOutput unless an OutputFile can be written at `path`; leaves nothing behind.
void check_writable(const std::string& path);

/// Removes `path` and what OutputFiles of it left under temporary names when their programs were
/// killed. What cannot be removed stays.
void remove_output(const std::string& path);

}  // namespace popflow

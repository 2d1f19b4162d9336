#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "popflow/experiment/printable.hpp"

namespace popflow {

/// An output path that cannot be written. The message is one line that names it.
struct UnwritableOutput : std::runtime_error {
  explicit UnwritableOutput(const std::string& message) : std::runtime_error(printable(message)) {}
};

/// A file that appears under its own name only when it is complete: it is written under a temporary
/// name in the same directory, renamed by commit(), and removed if that never comes. Only a process
/// that is killed leaves it there; the next commit() of the same output removes it. Symbolic links
/// are followed: the file that they lead to is replaced, and temporary names are beside that one.
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

  /// Writes all of the file. Throws std::runtime_error, which says why, when it cannot: the disk is
  /// full, or the file larger than a file may be. (A process that does not ignore SIGXFSZ is ended
  /// by the latter.)
  void write(std::string_view bytes) const;

  /// Also removes what OutputFiles of the same path left in processes that are no longer there on
  /// this machine, where that is possible. Throws UnwritableOutput when renaming fails.
  void commit();

 private:
  std::string path_;
  std::string temporary_;
};

/// Throws UnwritableOutput unless an OutputFile can be written at `path`, or where symbolic links
/// at `path` lead to, and also where that is one of the files `read`. Leaves nothing behind.
void check_writable(const std::string& path, const std::vector<std::string>& read = {});

/// The file that symbolic links at `path` lead to; it need not be there. Throws UnwritableOutput
/// where they lead to one another.
std::string behind_links(std::string path);

/// Removes the file at `path`, and what OutputFiles of it left in processes that are no longer
/// there on this machine. Symbolic links are followed: they stay, and the file that they lead to
/// goes. A file that cannot be removed stays.
void remove_output(const std::string& path);

}  // namespace popflow

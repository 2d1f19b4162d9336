#include "gnuplot.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <fmt/core.h>
#include <sys/wait.h>

namespace popflow {

namespace {

constexpr int shell_found_no_command = 127;

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

// Above what it complains of, gnuplot repeats the command and puts a caret below it.
bool says_something(const std::string& line) {
  return line.find_first_not_of(" \t\r^") != std::string::npos && !line.starts_with("gnuplot> ") &&
         !line.starts_with("multiplot> ");
}

// The first line that says something, without the spaces around it; none if there is no such line.
std::string first_line(FILE* file) {
  std::rewind(file);
  std::string line;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
    if (c != '\n')
      line += static_cast<char>(c);
    else if (says_something(line))
      break;
    else
      line.clear();
  }
  if (!says_something(line)) return "";
  const std::size_t first = line.find_first_not_of(" \t\r");
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

// `status` as wait(2) gives it.
std::string failure(int status, const std::string& complaint) {
  const std::string end =
      WIFSIGNALED(status) ? fmt::format("was ended by a signal ({})", strsignal(WTERMSIG(status)))
                          : fmt::format("failed with status {}", WEXITSTATUS(status));
  return fmt::format("gnuplot {}{}{}", end, complaint.empty() ? "" : ": ", complaint);
}

}  // namespace

void run_gnuplot(const std::string& script) {
  const File complaints(std::tmpfile(), std::fclose);
  if (!complaints) throw std::runtime_error("no temporary file for gnuplot can be made");
  // The same figure for everybody: no start-up files, none of the variables that gnuplot obeys, and
  // numbers as in English. The file of complaints by name, since a shell need not know descriptors
  // above 9.
  const std::string command = fmt::format(
      "unset GNUTERM GNUPLOT_LIB GNUPLOT_PS_DIR GNUPLOT_DRIVER_DIR FIT_SCRIPT FIT_LOG; "
      "LC_ALL=C exec gnuplot --default-settings - 2>/dev/fd/{}",
      fileno(complaints.get()));
  // Without gnuplot, writing to the pipe would otherwise end this program.
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  FILE* pipe = popen(command.c_str(), "w");
  if (!pipe) throw std::runtime_error("gnuplot cannot be started");
  std::fwrite(script.data(), 1, script.size(), pipe);
  const int status = pclose(pipe);
  std::signal(SIGPIPE, before);
  if (WIFEXITED(status) && WEXITSTATUS(status) == shell_found_no_command)
    throw std::runtime_error("gnuplot is not installed: figures need it (Debian: gnuplot-nox)");
  if (status != 0) throw std::runtime_error(failure(status, first_line(complaints.get())));
}

std::string gnuplot_string(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += c;  // doubled
    result += c == '\n' ? ' ' : c;
  }
  return result + "'";
}

}  // namespace popflow

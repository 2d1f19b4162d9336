#include "gnuplot.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace popflow {

namespace {

/// The two ends of a pipe, each open until it is closed.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "no pipe to gnuplot can be made");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reading();
    close_writing();
  }

  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }
  void close_reading() { shut(ends_[0]); }
  void close_writing() { shut(ends_[1]); }

 private:
  static void shut(int& end) {
    if (end != -1) close(end);
    end = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

/// The pipes to gnuplot and from it.
struct Pipes {
  Pipe script, figure, complaints;
};

// The figure must be the same for everybody: no start-up files, none of the variables that gnuplot
// obeys, and numbers as in English.
constexpr const char* command =
    "unset GNUTERM GNUPLOT_LIB GNUPLOT_PS_DIR GNUPLOT_DRIVER_DIR FIT_SCRIPT FIT_LOG; "
    "LC_ALL=C exec gnuplot --default-settings -";

constexpr int shell_found_no_command = 127;

pid_t start_gnuplot(Pipes& pipes) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipes.script.reading(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipes.figure.writing(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipes.complaints.writing(), STDERR_FILENO);
  std::string shell = "sh", option = "-c", script = command;
  std::array<char*, 4> arguments{shell.data(), option.data(), script.data(), nullptr};
  pid_t process = 0;
  const int error = posix_spawn(&process, "/bin/sh", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw std::runtime_error("gnuplot cannot be started: " +
                             std::generic_category().message(error));
  pipes.script.close_reading();
  pipes.figure.close_writing();
  pipes.complaints.close_writing();
  return process;
}

// Appends what has come; closes the pipe at its end.
void take(Pipe& from, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t bytes = read(from.reading(), buffer.data(), buffer.size());
  if (bytes > 0) text.append(buffer.data(), static_cast<std::size_t>(bytes));
  if (bytes == 0 || (bytes < 0 && errno != EINTR)) from.close_reading();
}

// Gives what is taken; closes the pipe when that is all, or no one reads.
void give(Pipe& to, std::string_view& text) {
  const ssize_t bytes = write(to.writing(), text.data(), text.size());
  if (bytes > 0) text.remove_prefix(static_cast<std::size_t>(bytes));
  if (text.empty() || (bytes < 0 && errno != EINTR && errno != EAGAIN)) to.close_writing();
}

/// Gnuplot's standard output and standard error.
struct Output {
  std::string figure, complaints;
};

// All three at once, since each may have to wait for another.
Output output_of(Pipes& pipes, std::string_view script) {
  fcntl(pipes.script.writing(), F_SETFL, O_NONBLOCK);
  Output output;
  while (pipes.figure.reading() != -1 || pipes.complaints.reading() != -1) {
    // A closed descriptor has the number -1, which poll ignores.
    std::array<pollfd, 3> ready{{{pipes.script.writing(), POLLOUT, 0},
                                 {pipes.figure.reading(), POLLIN, 0},
                                 {pipes.complaints.reading(), POLLIN, 0}}};
    if (poll(ready.data(), ready.size(), -1) < 0) continue;
    if (ready[0].revents != 0) give(pipes.script, script);
    if (ready[1].revents != 0) take(pipes.figure, output.figure);
    if (ready[2].revents != 0) take(pipes.complaints, output.complaints);
  }
  return output;
}

int status_of(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) == -1 && errno == EINTR) {
  }
  return status;
}

// Above what it complains of, gnuplot repeats the command and puts a caret below it.
bool says_something(const std::string& line) {
  return line.find_first_not_of(" \t\r^") != std::string::npos && !line.starts_with("gnuplot> ") &&
         !line.starts_with("multiplot> ");
}

// The first line that says something, without the spaces around it; none if there is no such line.
std::string first_line(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!says_something(line)) continue;
    const std::size_t first = line.find_first_not_of(" \t\r");
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
  }
  return "";
}

// `status` as wait(2) gives it.
std::string failure(int status, const std::string& complaint) {
  const std::string end =
      WIFSIGNALED(status) ? fmt::format("was ended by a signal ({})", strsignal(WTERMSIG(status)))
                          : fmt::format("failed with status {}", WEXITSTATUS(status));
  return fmt::format("gnuplot {}{}{}", end, complaint.empty() ? "" : ": ", complaint);
}

}  // namespace

std::string run_gnuplot(const std::string& script) {
  Pipes pipes;
  // If gnuplot ends early, writing to it would otherwise end this program.
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const pid_t process = start_gnuplot(pipes);
  Output output = output_of(pipes, script);
  const int status = status_of(process);
  std::signal(SIGPIPE, before);
  if (WIFEXITED(status) && WEXITSTATUS(status) == shell_found_no_command)
    throw std::runtime_error("gnuplot is not installed: figures need it (Debian: gnuplot-nox)");
  if (status != 0) throw std::runtime_error(failure(status, first_line(output.complaints)));
  return std::move(output.figure);
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

#include "gnuplot.hpp"

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include <fmt/core.h>
#include <sys/wait.h>

namespace popflow {

namespace {

constexpr int shell_found_no_command = 127;

}  // namespace

void run_gnuplot(const std::string& script) {
  // Without gnuplot, writing to the pipe would otherwise end this program.
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  FILE* pipe = popen("exec gnuplot - 2>/dev/null", "w");
  if (!pipe) throw std::runtime_error("gnuplot cannot be started");
  std::fwrite(script.data(), 1, script.size(), pipe);
  const int status = pclose(pipe);
  std::signal(SIGPIPE, before);
  if (WIFEXITED(status) && WEXITSTATUS(status) == shell_found_no_command)
    throw std::runtime_error("gnuplot is not installed: figures need it (Debian: gnuplot-nox)");
  if (status != 0) throw std::runtime_error(fmt::format("gnuplot failed with status {}", status));
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

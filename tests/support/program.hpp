#pragma once

#include <cstdlib>
#include <string>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <sys/wait.h>

#include "scratch_folder.hpp"

/// The exit status and the output of a run of the program.
struct ProgramRun {
  int status;  ///< exit status, or -1 after a signal
  std::string out;
  std::string err;
};

/// Runs `prefix popflow arguments` by the shell, in a folder of its own beside which its output is
/// kept. CTest says where the program is.
inline ProgramRun run_popflow(const ScratchFolder& folder, const std::string& arguments,
                              const std::string& prefix = "") {
  const ScratchFolder output;
  const char* program = std::getenv("POPFLOW_PROGRAM");
  const std::string command =
      fmt::format("cd '{}' && {} '{}' {} >'{}' 2>'{}'", folder.path(""), prefix,
                  program ? program : "popflow", arguments, output.path("out"), output.path("err"));
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output.read("out"), output.read("err")};
}

/// A prefix that sends its command a signal, a while after a condition of test(1) first holds. Not
/// to wait for a time alone makes the moment one of the run, however fast the machine is now.
inline std::string signalled(const std::string& signal, const std::string& condition,
                             double seconds) {
  return fmt::format(
      "sh -c '\"$@\" & "
      "until [ {} ] || ! kill -0 $! 2>/dev/null; do sleep 0.01; done; "
      "sleep {:.3f}; kill -{} $! 2>/dev/null; wait $!' sh",
      condition, seconds, signal);
}

/// Precondition of tests of the program, which are skipped where it was not built.
inline boost::test_tools::assertion_result program_is_built(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result built(std::getenv("POPFLOW_PROGRAM") != nullptr);
  if (!built) built.message() << "the environment variable POPFLOW_PROGRAM is not set";
  return built;
}

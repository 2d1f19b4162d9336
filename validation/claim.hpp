#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/wait.h>

/// One validation case under way: its command line, and what it found against what it requires.
class Claim {
 public:
  /// Reads [--smoke] --folder FOLDER --popflow PROGRAM.
  Claim(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view argument = argv[i];
      if (argument == "--smoke")
        smoke_ = true;
      else if (argument == "--folder" && i + 1 < argc)
        folder_ = argv[++i];
      else if (argument == "--popflow" && i + 1 < argc)
        popflow_ = argv[++i];
      else
        throw std::invalid_argument("usage: [--smoke] --folder FOLDER --popflow PROGRAM");
    }
  }

  /// A reduced size, for continuous integration.
  bool smoke() const { return smoke_; }

  /// The case's own experiment file.
  std::string experiment() const { return file("experiment.toml"); }

  /// A file of the case's folder.
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  /// Prints a criterion with what was found, and remembers whether it holds.
  void require(bool holds, const std::string& what) {
    fmt::print("{}  {}\n", holds ? "holds" : "FAILS", what);
    failures_ += holds ? 0 : 1;
  }

  /// Runs a command; it must exit with status 0.
  void run(const std::string& command) { run(command, command); }

  /// Runs the program with these arguments, likewise.
  void run_popflow(const std::string& arguments) {
    run(fmt::format("\"{}\" {}", popflow_.string(), arguments), "popflow " + arguments);
  }

  /// Like run, for a command that cannot run on every system. If its exit status is `cannot_run`,
  /// this returns false, and nothing is required.
  bool runs_here(const std::string& command) {
    std::fflush(stdout);  // so that its own output comes after ours
    const int status = std::system(command.c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == cannot_run) return false;
    require(status == 0, command);
    return true;
  }

  /// ctest's sign for a test that is skipped.
  static constexpr int cannot_run = 77;

  /// Trains the case's experiment with each variation's arguments ("--set KEY=VALUE ..."), with
  /// four other series of samples each time, and draws the means side by side, with their standard
  /// errors, as FIGURE.svg.
  void draw_training(const std::string& figure,
                     const std::vector<std::pair<std::string, std::string>>& variations) {
    const std::string reduced = smoke_ ? " --set sgd.t_end=200 --set sgd.batch=100 --set sgd.runs=2"
                                         " --set sgd.snapshots=20"
                                       : " --set sgd.runs=4";
    std::string files;
    for (const auto& [name, arguments] : variations) {
      run_popflow(
          fmt::format("sgd \"{}\" --quiet -o {}.nc{} {}", experiment(), name, reduced, arguments));
      files += fmt::format(" {}.nc", name);
    }
    run_popflow(fmt::format("plot{} -o {}.svg --quiet", files, figure));
  }

  /// What main returns.
  int status() const { return failures_ == 0 ? 0 : 1; }

 private:
  void run(const std::string& command, const std::string& shown) {
    std::fflush(stdout);  // so that its own output comes after ours
    require(std::system(command.c_str()) == 0, shown);
  }

  bool smoke_ = false;
  int failures_ = 0;
  std::filesystem::path folder_, popflow_;
};

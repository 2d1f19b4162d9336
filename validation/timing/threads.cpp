// The cost and the gain of threads. The seconds of `popflow sgd`, of `popflow flow` with three
// latent directions and of the orbit average, by the default number of threads, are divided by
// those of one thread: on the machine as it is, and with one busy loop a processor beside it. The
// same once from Python, where the library is loaded into a process that runs.
//
//     bench_threads --popflow PROGRAM [--python INTERPRETER --module FOLDER] [--smoke]
//
// Runs with one thread and with all alternate; ratios are of medians. Criteria: beside busy loops
// at most 1.5; alone at most 1.05, and at most 0.7 for the latent flow and the orbit average.
// --smoke runs everything once, and has no criteria.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include "popflow/threads/parallel_for.hpp"

namespace {

constexpr double most_beside_others = 1.5, most_alone = 1.0, most_of_long_work = 0.7;
// Where one thread does nearly all of the work, the ratio alone is 1 but for the clock's scatter.
constexpr double scatter = 0.05;

constexpr const char* experiment = R"(seed = 1
[lattice]
shape = [100]
[[class]]
label = 1
input = { model = "nlgp", gain = 3.0, correlation_length = 8.0 }
[[class]]
label = -1
input = { model = "nlgp", gain = 3.0, correlation_length = 1.0 }
[network]
activation = "erf"
initial_scale = 1.0
)";

// The reference experiment of the ledger (validation/ledger/experiment.toml), to its end: 0.6 s by
// one thread, so that what the program does before it counts little.
constexpr const char* neuron = R"(bias = -1.0
second_layer = 1.0
[flow]
kind = "latent"
latents = 3
t_end = 25.0
snapshots = 3
)";

constexpr const char* orbit = R"(bias = -1.0
second_layer = 1.0
[flow]
kind = "orbit"
samples = 2000
t_end = 2.0
snapshots = 3
)";

constexpr const char* eight_neurons = R"(hidden = 8
bias = [-1, -1, -1, -1, 1, 1, 1, 1]
second_layer = 0.125
[sgd]
learning_rate = 0.05
batch = 500
t_end = 200.0
snapshots = 3
)";

struct Work {
  std::string name, command, smoke;
  bool is_long;  // threads must pay
};

struct Arguments {
  std::string popflow, python, module;
  bool smoke = false;
};

Arguments read(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--smoke")
      arguments.smoke = true;
    else if (argument == "--popflow" && i + 1 < argc)
      arguments.popflow = argv[++i];
    else if (argument == "--python" && i + 1 < argc)
      arguments.python = argv[++i];
    else if (argument == "--module" && i + 1 < argc)
      arguments.module = argv[++i];
    else
      throw std::invalid_argument(
          "usage: --popflow PROGRAM [--python INTERPRETER --module FOLDER] [--smoke]");
  }
  return arguments;
}

void write(const char* file, const char* rest) { std::ofstream(file) << experiment << rest; }

std::vector<Work> works(const Arguments& arguments) {
  write("threads-sgd.toml", eight_neurons);
  write("threads-latent.toml", neuron);
  write("threads-orbit.toml", orbit);
  const auto program = [&](const char* verb) {
    return fmt::format("\"{0}\" {1} threads-{2}.toml --quiet -o threads.nc", arguments.popflow,
                       std::string_view(verb) == "sgd" ? "sgd" : "flow", verb);
  };
  std::vector<Work> result{
      {"popflow sgd", program("sgd"), " --set sgd.t_end=1", false},
      {"popflow flow, latent", program("latent"), " --set flow.t_end=0.01 --set flow.latents=1",
       true},
      {"popflow flow, orbit", program("orbit"), " --set flow.t_end=0.1", true}};
  if (!arguments.python.empty())
    result.push_back(
        {"run_sgd of Python",
         fmt::format("PYTHONPATH=\"{}\" \"{}\" -c \"import popflow, sys; popflow.run_sgd("
                     "popflow.read_experiment('threads-sgd.toml', sys.argv[1:]), 'threads.nc')\"",
                     arguments.module, arguments.python),
         " sgd.t_end=1", false});
  return result;
}

double seconds_of(const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One a processor that this process may use, for as long as it lives; they end with it, however it
// ends.
class BusyLoops {
 public:
  explicit BusyLoops(int count) {
    const pid_t self = getpid();
    for (int k = 0; k < count; ++k) {
      const pid_t child = fork();
      if (child == 0) {
        while (getppid() == self) continue;
        _exit(0);
      }
      if (child > 0) children_.push_back(child);
    }
  }
  BusyLoops(const BusyLoops&) = delete;
  BusyLoops& operator=(const BusyLoops&) = delete;
  ~BusyLoops() {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
  }

 private:
  std::vector<pid_t> children_;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

struct Seconds {
  double one, all;
};

Seconds measured(const Work& work, const Arguments& arguments) {
  const std::string command = work.command + (arguments.smoke ? work.smoke : "");
  std::vector<double> one, all;
  for (int round = 0; round < (arguments.smoke ? 1 : 5); ++round) {
    one.push_back(seconds_of("OMP_NUM_THREADS=1 " + command));
    all.push_back(seconds_of(command));
  }
  return {median(one), median(all)};
}

// Prints one line; whether the criterion, where there is one, holds.
bool report(const Work& work, const Arguments& arguments, bool beside) {
  const auto [one, all] = measured(work, arguments);
  const double ratio = all / one;
  const double most = beside         ? most_beside_others
                      : work.is_long ? most_of_long_work
                                     : most_alone + scatter;
  const bool holds = arguments.smoke || ratio <= most;
  fmt::print("{:<22}  {:<12}  {:>9.3f}  {:>9.3f}  {:>5.2f}  {:>7.2f}  {}\n", work.name,
             beside ? "busy loops" : "nothing", one, all, ratio, most,
             arguments.smoke ? ""
             : holds         ? "holds"
                             : "FAILS");
  std::fflush(stdout);
  return holds;
}

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments = read(argc, argv);
  unsetenv("OMP_NUM_THREADS");
  const int processors = popflow::thread_count();
  fmt::print("{} processors\n{:<22}  {:<12}  {:>9}  {:>9}  {:>5}  {:>7}\n", processors, "work",
             "beside it", "one/s", "default/s", "ratio", "at most");
  bool holds = true;
  for (const Work& work : works(arguments)) holds = report(work, arguments, false) && holds;
  const BusyLoops loops(processors);
  for (const Work& work : works(arguments)) holds = report(work, arguments, true) && holds;
  return holds ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_threads: {}\n", error.what());
  return 2;
}

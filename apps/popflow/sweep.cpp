#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <omp.h>

#include "popflow/experiment/output_file.hpp"
#include "popflow/experiment/sweep_results.hpp"

#include "arguments.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "sweep_journal.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct Arguments {
  std::string file, output;
  int threads = 0;
  PrintArguments print;
};

// The points that are not finished, handed out one after another.
class Queue {
 public:
  Queue(std::size_t points, const SweepJournal& journal) {
    for (std::size_t n = 0; n < points; ++n)
      if (journal.finished().count(n) == 0) open_.push_back(n);
  }

  std::size_t size() const { return open_.size(); }

  std::optional<std::size_t> next() {
    const std::size_t at = given_++;
    if (at >= open_.size()) return {};
    return open_[at];
  }

 private:
  std::vector<std::size_t> open_;
  std::atomic<std::size_t> given_ = 0;
};

// Computes all points that are not finished. Each is computed by one thread, so that its results
// depend on nothing else.
void compute(const Sweep& sweep, int threads, SweepJournal& journal, Progress& progress) {
  Queue queue(sweep.points(), journal);
  std::mutex lock;
  std::exception_ptr failure;
  std::atomic<bool> stop = false;
  const auto asked_to_stop = [&stop] { return stop || interrupted(); };
  const auto work = [&] {
    omp_set_num_threads(1);
    try {
      while (!asked_to_stop()) {
        const std::optional<std::size_t> n = queue.next();
        if (!n) return;
        SweepPoint point = sweep_point(sweep, *n, asked_to_stop);
        if (point.stop_reason == "interrupted") return;
        const std::lock_guard guard(lock);
        journal.add(*n, std::move(point));
        progress.at(static_cast<double>(journal.finished().size()) /
                    static_cast<double>(sweep.points()));
      }
    } catch (...) {
      stop = true;
      const std::lock_guard guard(lock);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> workers;
  workers.reserve(static_cast<std::size_t>(threads));
  for (int t = 0; t < threads; ++t) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  if (failure) std::rethrow_exception(failure);
}

std::size_t failures(const std::vector<SweepPoint>& points, std::string& first) {
  std::size_t count = 0;
  for (const SweepPoint& point : points)
    if (point.stop_reason == "failed" && count++ == 0) first = point.failure;
  return count;
}

void print(const Arguments& arguments, std::size_t points, std::size_t done, std::size_t failed,
           double seconds) {
  if (arguments.print.json)
    fmt::print("{}\n",
               nlohmann::json{
                   {"points", points}, {"finished", done}, {"failed", failed}, {"seconds", seconds}}
                   .dump());
  if (arguments.print.human())
    fmt::print("{} of {} points, {} failed, after {:.1f} s\n", done, points, failed, seconds);
}

// Threads and the like leave the results alone, and are no part of how they are described.
std::string described(const Arguments& arguments) {
  return fmt::format("popflow sweep {} -o {}", arguments.file, arguments.output);
}

// Every rank of mpirun would run all of the sweep, and write the same journal.
void refuse_ranks() {
  const char* const ranks = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (ranks && std::string(ranks) != "1")
    throw std::invalid_argument("sweep: started as " + std::string(ranks) +
                                " ranks of MPI: must be one process, which takes --threads");
}

int run(const Arguments& arguments) {
  refuse_ranks();
  const Sweep sweep = read_sweep(arguments.file);
  const Provenance origin = provenance(described(arguments));
  check_writable(arguments.output);
  const Stopwatch stopwatch;
  SweepJournal journal(arguments.output, sweep);
  const auto all = static_cast<double>(sweep.points());
  const std::size_t before = journal.finished().size();
  if (before > 0 && !arguments.print.quiet)
    fmt::print(stderr, "popflow: {}: going on from {} of {} points\n", journal.path(), before,
               sweep.points());
  catch_interrupts();
  {
    Progress progress(!arguments.print.quiet, "sweep", static_cast<double>(before) / all);
    const int threads = arguments.threads > 0 ? arguments.threads : omp_get_max_threads();
    compute(sweep, threads, journal, progress);
  }
  std::vector<SweepPoint> points;
  for (const auto& [n, point] : journal.finished()) points.push_back(point);
  std::string first;
  const std::size_t failed = failures(points, first);
  print(arguments, sweep.points(), points.size(), failed, stopwatch.seconds());
  if (points.size() < sweep.points()) {
    fmt::print(stderr, "popflow: {}: interrupted at {} of {} points: the same command goes on\n",
               arguments.file, points.size(), sweep.points());
    return 1;
  }
  write_sweep(arguments.output, sweep, points, origin);
  journal.remove();
  if (failed == 0) return 0;
  fmt::print(stderr, "popflow: {}: {} of {} points failed, the first: {}\n", arguments.file, failed,
             points.size(), first);
  return 1;
}

}  // namespace

void add_sweep(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& verb = *app.add_subcommand(
      "sweep",
      "Run a grid or a list of variations of one experiment; goes on where it was stopped");
  verb.add_option("SWEEP", arguments->file, "Sweep file (TOML)")->required();
  verb.add_option("-o,--output", arguments->output, "Results file (NetCDF)")
      ->required()
      ->type_name("FILE.nc");
  verb.add_option("--threads", arguments->threads, "Points at a time; 0: as many as processors")
      ->check(CLI::Range(0, 1024));
  arguments->print.add_to(verb);
  verb.callback(
      [arguments, &invocation] { invocation.run = [arguments] { return run(*arguments); }; });
}

}  // namespace popflow

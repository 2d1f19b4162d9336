#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <omp.h>

#include "popflow/experiment/output_file.hpp"
#include "popflow/experiment/sweep_results.hpp"

#include "arguments.hpp"
#include "interrupt.hpp"
#include "point_desk.hpp"
#include "progress.hpp"
#include "sweep_journal.hpp"
#include "sweep_ranks.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct Arguments {
  std::string file, output;
  int threads = 0;
  PrintArguments print;
};

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

int threads_of(const Arguments& arguments, const SweepRanks& ranks) {
  if (arguments.threads > 0) return arguments.threads;
  return ranks.size() > 1 ? 1 : omp_get_max_threads();
}

// What ranks other than 0 do: compute what rank 0 hands out. It alone writes and prints.
int help(const Arguments& arguments, SweepRanks& ranks) {
  if (!ranks.start()) return 0;
  catch_interrupts();
  const Sweep sweep = read_sweep(arguments.file);
  compute_points(
      sweep, threads_of(arguments, ranks), [&] { return ranks.next(); },
      [&](std::size_t n, const SweepPoint& point) { ranks.finished(n, point); },
      [&] { return interrupted() || ranks.stopped(); });
  return 0;
}

// Hands out the points, to this process's threads and to the other ranks, until all are finished or
// it is interrupted. Says what was in whose hands then: when a rank dies, mpirun interrupts the
// rest.
std::string compute(const Sweep& sweep, const Arguments& arguments, SweepRanks& ranks,
                    SweepJournal& journal) {
  const double before =
      static_cast<double>(journal.finished().size()) / static_cast<double>(sweep.points());
  Progress progress(!arguments.print.quiet, "sweep", before);
  PointDesk desk(sweep, journal, progress);
  ranks.start();
  std::atomic<bool> serving_failed = false;
  auto computing = std::async(std::launch::async, [&] {
    compute_points(
        sweep, threads_of(arguments, ranks), [&] { return desk.next(0); },
        [&](std::size_t n, SweepPoint point) { desk.finished(n, std::move(point)); },
        [&] { return interrupted() || serving_failed; });
  });
  try {
    ranks.serve(desk);
  } catch (...) {
    serving_failed = true;
    throw;
  }
  computing.get();
  return ranks.size() > 1 ? desk.in_hand() : "";
}

int lead(const Arguments& arguments, SweepRanks& ranks) {
  const Sweep sweep = read_sweep(arguments.file);
  const Provenance origin = provenance(described(arguments));
  check_writable(arguments.output);
  const Stopwatch stopwatch;
  SweepJournal journal(arguments.output, sweep);
  if (const std::size_t before = journal.finished().size(); before > 0 && !arguments.print.quiet)
    fmt::print(stderr, "popflow: {}: going on from {} of {} points\n", journal.path(), before,
               sweep.points());
  catch_interrupts();
  const std::string in_hand = compute(sweep, arguments, ranks, journal);
  std::vector<SweepPoint> points;
  for (const auto& [n, point] : journal.finished()) points.push_back(point);
  std::string first;
  const std::size_t failed = failures(points, first);
  print(arguments, sweep.points(), points.size(), failed, stopwatch.seconds());
  if (points.size() < sweep.points()) {
    fmt::print(stderr, "popflow: {}: interrupted at {} of {} points{}: the same command goes on\n",
               arguments.file, points.size(), sweep.points(),
               in_hand.empty() ? "" : ", when " + in_hand);
    return 1;
  }
  write_sweep(arguments.output, sweep, points, origin);
  journal.remove();
  if (failed == 0) return 0;
  fmt::print(stderr, "popflow: {}: {} of {} points failed, the first: {}\n", arguments.file, failed,
             points.size(), first);
  return 1;
}

int run(const Arguments& arguments) {
  SweepRanks ranks;
  return ranks.rank() == 0 ? lead(arguments, ranks) : help(arguments, ranks);
}

}  // namespace

void add_sweep(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& verb = *app.add_subcommand(
      "sweep",
      "Run a grid or a list of variations of one experiment; goes on where it was stopped");
  verb.add_option("SWEEP", arguments->file, "Sweep file")->required()->type_name("FILE.toml");
  verb.add_option("-o,--output", arguments->output, "Results file (NetCDF)")
      ->required()
      ->type_name("FILE.nc");
  verb.add_option("--threads", arguments->threads,
                  "Points at a time, of every rank; 0: as many as processors, or one of each of "
                  "several ranks")
      ->check(CLI::Range(0, 1024));
  arguments->print.add_to(verb);
  verb.footer("Example: popflow sweep sweep.toml -o sweep.nc");
  verb.callback(
      [arguments, &invocation] { invocation.run = [arguments] { return run(*arguments); }; });
}

}  // namespace popflow

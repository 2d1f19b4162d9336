#include "popflow/experiment/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "popflow/results/output_file.hpp"
#include "popflow/results/sweep_results.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "arguments.hpp"
#include "computed.hpp"
#include "interrupt.hpp"
#include "message.hpp"
#include "point_desk.hpp"
#include "progress.hpp"
#include "sweep_journal.hpp"
#include "sweep_ranks.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct SweepArguments {
  std::string file, output;
  int threads = 0;
  PrintArguments print;
};

FailedPoint failed_point(const Sweep& sweep, std::size_t n, const SweepPoint& point) {
  return {sweep.described(n), point.stop_reason,
          point.failure.empty() ? fmt::format("tau = {:.6g}", point.tau) : point.failure};
}

SweepOutcome outcome_of(const Sweep& sweep, const std::map<std::size_t, SweepPoint>& points) {
  SweepOutcome outcome{sweep.points(), points.size(), {}, {}};
  for (const auto& [n, point] : points)
    if (!succeeded(point.stop_reason)) outcome.failed.push_back(failed_point(sweep, n, point));
  return outcome;
}

void print(const SweepArguments& arguments, const SweepOutcome& outcome, double seconds) {
  nlohmann::json failures = nlohmann::json::array();
  for (const FailedPoint& failed : outcome.failed)
    failures.push_back(
        {{"point", failed.point}, {"stop_reason", failed.reason}, {"why", failed.why}});
  if (arguments.print.json)
    print_line(nlohmann::json{{"points", outcome.points},
                              {"finished", outcome.finished},
                              {"failed", outcome.failed.size()},
                              {"failures", failures},
                              {"seconds", seconds}});
  if (arguments.print.human())
    fmt::print("{} of {} points, {} failed, after {:.1f} s\n",
               outcome.finished - outcome.failed.size(), outcome.points, outcome.failed.size(),
               seconds);
}

// The first few by name.
std::string described(const std::vector<FailedPoint>& failed) {
  constexpr std::size_t most = 3;
  std::vector<std::string> all;
  for (std::size_t n = 0; n < std::min(most, failed.size()); ++n)
    all.push_back(fmt::format("{} at {} ({})", failed[n].reason, failed[n].point, failed[n].why));
  if (failed.size() > most) all.push_back(fmt::format("and {} more", failed.size() - most));
  return fmt::format("{}", fmt::join(all, "; "));
}

// Threads and the like leave the results alone, and are no part of how they are described.
std::string described(const SweepArguments& arguments) {
  return fmt::format("popflow sweep {} -o {}", arguments.file, arguments.output);
}

int threads_of(const SweepOptions& options, const SweepRanks& ranks) {
  if (options.threads > 0) return options.threads;
  return ranks.size() > 1 ? 1 : thread_count();
}

// The work of ranks other than 0: they compute the points that rank 0 gives them. Only rank 0
// writes and prints.
void help(const std::function<Sweep()>& read, const SweepOptions& options, SweepRanks& ranks) {
  if (!ranks.start()) return;
  catch_interrupts();
  const Sweep sweep = read();
  compute_points(
      sweep, threads_of(options, ranks), [&] { return ranks.next(); },
      [&](std::size_t n, const SweepPoint& point) { ranks.finished(n, point); },
      [&] { return interrupted() || ranks.stopped(); });
}

// Hands out the points, to this process's threads and to the other ranks, until all are finished or
// it is interrupted. Says what was in whose hands then: when a rank dies, mpirun interrupts the
// rest.
std::string compute(const Sweep& sweep, const SweepOptions& options, SweepRanks& ranks,
                    SweepJournal& journal) {
  const double before =
      static_cast<double>(journal.finished().size()) / static_cast<double>(sweep.points());
  Progress progress(options.shown, "sweep", before);
  PointDesk desk(sweep, journal, progress);
  ranks.start();
  std::atomic<bool> serving_failed = false;
  auto computing = std::async(std::launch::async, [&] {
    compute_points(
        sweep, threads_of(options, ranks), [&] { return desk.next(0); },
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

SweepOutcome lead(const std::function<Sweep()>& read, const SweepOptions& options,
                  const std::string& command_line, SweepRanks& ranks) {
  const Sweep sweep = read();
  const Provenance origin = provenance(command_line);
  check_writable(options.output, files_read(sweep));
  catch_interrupts();
  SweepJournal journal(options.output, sweep);
  if (const std::size_t before = journal.finished().size(); before > 0 && options.shown)
    say(fmt::format("{}: going on from {} of {} points", journal.path(), before, sweep.points()));
  const std::string in_hand = compute(sweep, options, ranks, journal);
  SweepOutcome outcome = outcome_of(sweep, journal.finished());
  outcome.in_hand = in_hand;
  if (!outcome.complete()) return outcome;
  std::vector<SweepPoint> points;
  for (const auto& [n, point] : journal.finished()) points.push_back(point);
  write_sweep(options.output, sweep, points, origin);
  journal.remove();
  return outcome;
}

int sweep_verb(const SweepArguments& arguments) {
  SweepRanks ranks;
  const Stopwatch stopwatch;
  const auto outcome = computed_sweep([&] { return read_sweep(arguments.file); },
                                      {arguments.output, arguments.threads, !arguments.print.quiet},
                                      described(arguments), ranks);
  if (!outcome) return 0;
  print(arguments, *outcome, stopwatch.seconds());
  if (!outcome->complete()) {
    say(fmt::format("{}: interrupted at {} of {} points{}: the same command goes on",
                    arguments.file, outcome->finished, outcome->points,
                    outcome->in_hand.empty() ? "" : ", when " + outcome->in_hand));
    return 1;
  }
  if (outcome->failed.empty()) return 0;
  say(fmt::format("{}: {} of {} points failed: {}", arguments.file, outcome->failed.size(),
                  outcome->points, described(outcome->failed)));
  return 1;
}

}  // namespace

std::optional<SweepOutcome> computed_sweep(const std::function<Sweep()>& read,
                                           const SweepOptions& options,
                                           const std::string& command_line, SweepRanks& ranks) {
  if (ranks.rank() == 0) return lead(read, options, command_line, ranks);
  help(read, options, ranks);
  return {};
}

void add_sweep(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<SweepArguments>();
  CLI::App& verb = *app.add_subcommand(
      "sweep",
      "Run a grid or a list of variations of one experiment; goes on where it was stopped");
  verb.add_option("SWEEP", arguments->file, "Sweep file")->required()->type_name("FILE.toml");
  verb.add_option("-o,--output", arguments->output, "Results file (NetCDF)")
      ->required()
      ->check(named)
      ->type_name("FILE.nc");
  verb.add_option("--threads", arguments->threads,
                  "Points at a time, of every rank; 0: as many as processors, or one of each of "
                  "several ranks")
      ->check(CLI::Range(0, 1024));
  arguments->print.add_to(verb);
  verb.footer("Example: popflow sweep sweep.toml -o sweep.nc");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments] { return sweep_verb(*arguments); };
  });
}

}  // namespace popflow

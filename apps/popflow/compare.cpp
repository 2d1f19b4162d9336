#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/printable.hpp"
#include "popflow/results/decomposition.hpp"
#include "popflow/results/sweep_results.hpp"

#include "arguments.hpp"
#include "compare_factors.hpp"
#include "comparison.hpp"
#include "message.hpp"
#include "table.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct CompareArguments {
  std::string a, b;
  PrintArguments print;
};

void check(const CompareArguments& arguments, const Results& a, const Results& b) {
  const auto refuse = [&](const char* what) {
    throw InvalidResults(
        fmt::format("{} and {}: {} must be the same", arguments.a, arguments.b, what));
  };
  if (!(a.torus == b.torus)) refuse("lattices");
  if (a.neurons() != b.neurons()) refuse("numbers of neurons");
}

template <class Member>
nlohmann::json list(const std::vector<Distance>& distances, Member member) {
  nlohmann::json values = nlohmann::json::array();
  for (const Distance& d : distances) values.push_back(member(d));
  return values;
}

void print_json(const Results& a, const Results& b, const std::vector<Distance>& distances,
                std::size_t skipped) {
  const nlohmann::json object{
      {"t", list(distances, [](const Distance& d) { return d.t; })},
      {"norm_a", list(distances, [](const Distance& d) { return d.a.norm; })},
      {"norm_b", list(distances, [](const Distance& d) { return d.b.norm; })},
      {"ipr_a", list(distances, [](const Distance& d) { return d.a.ipr; })},
      {"ipr_b", list(distances, [](const Distance& d) { return d.b.ipr; })},
      {"relative_error", list(distances, [](const Distance& d) { return d.relative_error; })},
      {"standard_error", list(distances,
                              [](const Distance& d) {
                                return d.standard_error ? nlohmann::json(*d.standard_error)
                                                        : nlohmann::json();
                              })},
      {"aligned_error", list(distances, [](const Distance& d) { return d.aligned_error; })},
      {"skipped", skipped},
      {"runs", b.runs.size()},
      {"stop_reason_a", a.stop_reason},
      {"stop_reason_b", b.stop_reason}};
  print_line(object);
}

void print_table(const std::vector<Distance>& distances, std::size_t skipped) {
  fmt::print("{:>8}  {:>8} {:>8}  {:>8} {:>8}  {:>20}  {:>13}\n", "tau", "|u| A", "|u| B", "IPR A",
             "IPR B", "relative error", "aligned error");
  const std::vector<std::size_t> rows = printed_rows(distances.size());
  for (const std::size_t n : rows) {
    const Distance& d = distances[n];
    const std::string error =
        d.standard_error ? fmt::format("{:.4f} +- {:.4f}", d.relative_error, *d.standard_error)
                         : fmt::format("{:.4f}", d.relative_error);
    fmt::print("{:8.4g}  {:8.4f} {:8.4f}  {:8.4f} {:8.4f}  {:>20}  {:13.4f}\n", d.t, d.a.norm,
               d.b.norm, d.a.ipr, d.b.ipr, error, d.aligned_error);
  }
  if (rows.size() < distances.size())
    fmt::print("{} of {} snapshots shown; --json has all\n", rows.size(), distances.size());
  if (skipped > 0)
    fmt::print("{} snapshots have no partner of the same time: they are not compared\n", skipped);
}

std::string described(const std::string& file, const Results& results) {
  return fmt::format("{} ({}{}{})", printable(file), printable(results.kind),
                     results.runs.size() > 1 ? fmt::format(", {} runs", results.runs.size()) : "",
                     succeeded(results.stop_reason)
                         ? ""
                         : fmt::format(", stopped before its end, at tau = {:.6g}: {}",
                                       results.time.back(), printable(results.stop_reason)));
}

int compare_verb(const CompareArguments& arguments) {
  if (holds_factors(arguments.a) || holds_factors(arguments.b))
    return compare_factors(arguments.a, arguments.b, arguments.print);
  const Results a = read_results(arguments.a);
  const Results b = read_results(arguments.b);
  check(arguments, a, b);
  const std::vector<Distance> distances = compare(a, b);
  if (distances.empty())
    throw InvalidResults(
        fmt::format("{} and {}: have no snapshot time in common", arguments.a, arguments.b));

  const std::size_t skipped = a.time.size() + b.time.size() - 2 * distances.size();
  if (arguments.print.json) print_json(a, b, distances, skipped);
  if (arguments.print.human()) {
    fmt::print("A: {}\nB: {}\n", described(arguments.a, a), described(arguments.b, b));
    print_table(distances, skipped);
  }
  return 0;
}

}  // namespace

void add_compare(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<CompareArguments>();
  CLI::App& verb = *app.add_subcommand(
      "compare",
      "How far simulation B is from theory A, snapshot by snapshot, directly and up to shift and\n"
      "sign. With several runs in B: of their mean, with its standard error; up to shift and\n"
      "sign, each run is moved by itself before they are averaged. Where A or B holds factors\n"
      "(popflow decompose), receptive fields are matched with them up to shift, sign and order");
  verb.add_option("A", arguments->a, "Results file of the theory, or factors")
      ->required()
      ->type_name("FILE.nc");
  verb.add_option("B", arguments->b, "Results file of the simulation, or factors")
      ->required()
      ->type_name("FILE.nc");
  arguments->print.add_to(verb);
  verb.footer("Example: popflow compare flow.nc sgd.nc");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments] { return compare_verb(*arguments); };
  });
}

}  // namespace popflow

#include "report.hpp"

#include <cmath>
#include <cstdio>
#include <memory>

#include <fmt/core.h>

namespace ledger {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void print_line(const std::string& name, const std::vector<double>& errors) {
  fmt::print("  {:<22}", name);
  for (const double error : errors)
    fmt::print("  {:>7}", std::isfinite(error) ? fmt::format("{:.2f}", 100.0 * error) : "-");
}

std::string pretty_seconds(double seconds) {
  if (seconds < 1.0) return fmt::format("{:.3g} ms", 1e3 * seconds);
  return fmt::format("{:.3g} s", seconds);
}

// Colours that readers with any colour vision tell apart, with a point of its own each.
struct Style {
  const char* colour;
  int point, dash;
};

Style style_of(std::size_t closure) {
  static constexpr Style styles[]{{"#999999", 1, 3}, {"#E69F00", 2, 2},  {"#CC79A7", 3, 4},
                                  {"#009E73", 9, 2}, {"#56B4E9", 11, 5}, {"#0072B2", 5, 1},
                                  {"#D55E00", 7, 1}, {"#000000", 13, 1}};
  return styles[closure % std::size(styles)];
}

std::string curve_style(std::size_t closure, bool lines) {
  const Style style = style_of(closure);
  return fmt::format("with {} pointtype {} pointsize {} linewidth 2.5 dashtype {} linecolor '{}'",
                     lines ? "linespoints" : "points", style.point, lines ? 0.9 : 1.2, style.dash,
                     style.colour);
}

// Percent; gnuplot leaves out what is not a number.
std::string percent(double error) {
  return std::isfinite(error) ? fmt::format("{:.6g}", 100.0 * error) : "NaN";
}

void write_blocks(std::FILE* file, const std::vector<Result>& results) {
  const Result& first = results.front();
  fmt::print(file, "$band << EOD\n");
  for (std::size_t n = 1; n < first.reference.time.size(); ++n)
    fmt::print(file, "{} {}\n", first.reference.time[n], percent(first.standard_errors.all[n - 1]));
  fmt::print(file, "EOD\n");
  for (std::size_t r = 0; r < all_closures().size(); ++r) {
    fmt::print(file, "$over_time_{} << EOD\n", r);
    if (const Row* row = first.row(all_closures()[r]))
      for (std::size_t n = 1; n < first.reference.time.size(); ++n)
        fmt::print(file, "{} {}\n", first.reference.time[n], percent(row->errors.all[n - 1]));
    fmt::print(file, "EOD\n$worst_{} << EOD\n", r);
    for (std::size_t e = 0; e < results.size(); ++e)
      if (const Row* row = results[e].row(all_closures()[r]))
        fmt::print(file, "{} {}\n", e + 1, percent(row->errors.worst()));
    fmt::print(file, "EOD\n");
  }
  fmt::print(file, "$noise << EOD\n");
  for (std::size_t e = 0; e < results.size(); ++e)
    fmt::print(file, "{} {}\n", e + 1, percent(results[e].standard_errors.worst()));
  fmt::print(file, "EOD\n");
}

// One curve a closure, where `prefix` and its number name a block that is not empty.
void plot_rungs(std::FILE* file, const std::vector<Result>& results, const char* prefix,
                bool lines) {
  for (std::size_t r = 0; r < all_closures().size(); ++r) {
    const Closure& closure = all_closures()[r];
    bool found = lines ? results.front().row(closure) != nullptr : false;
    for (const Result& result : results)
      found = found || (!lines && result.row(closure) != nullptr);
    if (!found) continue;
    fmt::print(file, ", ${}_{} using 1:2 {} {}", prefix, r, curve_style(r, lines),
               lines ? fmt::format("title '{}'", closure.name()) : "notitle");
  }
  fmt::print(file, "\n");
}

}  // namespace

void print(std::size_t number, const Result& result) {
  const Reference& reference = result.reference;
  fmt::print("{:>2}  {}: {}\n  {:<22}", number, result.entry.name, result.entry.setting(),
             "error in % at tau =");
  for (std::size_t n = 1; n < reference.time.size(); ++n)
    fmt::print("  {:>7.3g}", reference.time[n]);
  fmt::print("  {:>10}  {:>8}  {:>6}  {:>9}  {:>10}\n", "rate", "FFTs", "rates", "flow", "setup");
  const bool halves = !result.entry.one_neuron();
  print_line("orbit average, s.e.", result.standard_errors.all);
  fmt::print("  {:>10}  {:>8}  {:>6}  {:>9}  step's error {:.1e}\n", "", "", "",
             pretty_seconds(reference.seconds), reference.step_error);
  if (halves) {
    print_line("  negative bias, s.e.", result.standard_errors.negative_bias);
    fmt::print("\n");
  }
  for (const Row& row : result.rows) {
    print_line(row.closure.name(), row.errors.all);
    fmt::print("  {:>7.1f} us  {:>8.1f}  {:>6}  {:>9}  {:>10}\n", 1e6 * row.climb.rate_seconds,
               row.climb.rate_seconds / result.transform_seconds, row.climb.evaluations,
               pretty_seconds(row.climb.seconds), pretty_seconds(row.climb.setup_seconds));
    if (halves) {
      print_line("  negative bias", row.errors.negative_bias);
      fmt::print("\n");
    }
  }
  fmt::print("\n");
  std::fflush(stdout);
}

void print_summary(const std::vector<Result>& results) {
  fmt::print("worst error in %{:>17}", "s.e.");
  for (const Closure& closure : all_closures()) fmt::print("{:>12}", closure.name());
  fmt::print("\n");
  for (const Result& result : results) {
    const Neurons neurons = result.entry.one_neuron() ? Neurons::all : Neurons::negative_bias;
    fmt::print("{:>2}  {:<20}  {:>7.2f}", &result - results.data() + 1, result.entry.name,
               100.0 * result.standard_errors.worst(neurons));
    for (const Closure& closure : all_closures()) {
      const Row* const row = result.row(closure);
      const double worst = row ? row->errors.worst(neurons) : NAN;
      fmt::print("{:>12}", std::isfinite(worst) ? fmt::format("{:.2f}", 100.0 * worst) : "-");
    }
    fmt::print("\n");
  }
  fmt::print("\n");
}

void write_table(const std::string& path, const std::vector<Result>& results) {
  const File file(std::fopen(path.c_str(), "w"), std::fclose);
  fmt::print(file.get(),
             "experiment\tsetting\trung\ttau\terror\terror_negative_bias\treference_error\t"
             "reference_error_negative_bias\trate_seconds\trate_transforms\tevaluations\t"
             "flow_seconds\tsetup_seconds\n");
  for (const Result& result : results)
    for (const Row& row : result.rows)
      for (std::size_t n = 1; n < result.reference.time.size(); ++n)
        fmt::print(file.get(), "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
                   result.entry.name, result.entry.setting(), row.closure.name(),
                   result.reference.time[n], row.errors.all[n - 1], row.errors.negative_bias[n - 1],
                   result.standard_errors.all[n - 1], result.standard_errors.negative_bias[n - 1],
                   row.climb.rate_seconds, row.climb.rate_seconds / result.transform_seconds,
                   row.climb.evaluations, row.climb.seconds, row.climb.setup_seconds);
}

void write_figure(const std::string& path, const std::vector<Result>& results) {
  const File file(std::fopen(path.c_str(), "w"), std::fclose);
  std::FILE* const script = file.get();
  fmt::print(script,
             "set terminal svg size 1300,720 font 'sans,18' background '#FFFFFF'\n"
             "set output 'ledger.svg'\nset encoding utf8\nset border 3\n"
             "set tics nomirror out\nset grid linecolor '#DDDDDD'\n");
  write_blocks(script, results);
  const std::vector<double>& time = results.front().reference.time;
  fmt::print(script,
             "set multiplot\nset tmargin at screen 0.93\nset bmargin at screen 0.38\n"
             "set logscale y\nset yrange [0.1:300]\n"
             "set ytics ('0.1' 0.1, '0.3' 0.3, '1' 1, '3' 3, '10' 10, '30' 30, '100' 100)\n"
             "set ylabel 'error of the receptive fields (%)'\n"
             "set lmargin at screen 0.08\nset rmargin at screen 0.48\nset logscale x\n"
             "set xrange [{}:{}]\nset key at screen 0.27, screen 0.13 center center vertical "
             "maxrows 5 Left reverse width 1\n"
             "set title 'reference experiment'\nset xlabel 'flow time tau'\n"
             "plot $band using 1:(0.1):2 with filledcurves linecolor '#CCCCCC' "
             "title 'orbit average, s.e.'",
             time[1], time.back());
  plot_rungs(script, results, "over_time", true);
  fmt::print(script,
             "set lmargin at screen 0.57\nset rmargin at screen 0.99\nunset logscale x\n"
             "unset key\nset title 'worst snapshot of every experiment'\n"
             "unset xlabel\nset xrange [0.4:{}]\nset xtics rotate by 40 right (",
             static_cast<double>(results.size()) + 0.6);
  for (std::size_t e = 0; e < results.size(); ++e)
    fmt::print(script, "{}'{}' {}", e > 0 ? ", " : "", results[e].entry.name, e + 1);
  fmt::print(script,
             ")\nplot $noise using 1:2 with boxes fillstyle solid 1 noborder linecolor '#CCCCCC' "
             "notitle");
  plot_rungs(script, results, "worst", false);
  fmt::print(script, "unset multiplot\n");
}

}  // namespace ledger

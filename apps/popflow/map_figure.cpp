#include "map_figure.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "popflow/results/results.hpp"

#include "gnuplot.hpp"

namespace popflow {

namespace {

// From white over the colours of localised fields to black; of one hue, so that it is read alike
// with any colour vision.
constexpr const char* map_figure_opening = R"(set encoding utf8
set border 3 linewidth 1 linecolor '#444444'
set tics nomirror out
set format x '%g'
set format y '%g'
set palette defined (0 '#FFFFFF', 0.25 '#A9CBE4', 0.55 '#3F8FC1', 0.8 '#00507A', 1 '#001B2E')
set cblabel 'inverse participation ratio'
)";

bool logarithmic(const SweepAxis& axis) {
  const std::vector<double>& x = axis.numbers;
  if (x.size() < 3 || *std::min_element(x.begin(), x.end()) <= 0.0) return false;
  const double first = std::log(x[1] / x[0]);
  for (std::size_t n = 1; n + 1 < x.size(); ++n)
    if (std::abs(std::log(x[n + 1] / x[n]) - first) > 1e-6 * std::abs(first)) return false;
  return true;
}

// The ends of the cells around the values of an axis: half-way to the next.
struct Cells {
  std::vector<double> low, high;

  explicit Cells(const SweepAxis& axis) {
    const bool by_ratio = logarithmic(axis);
    const auto to = [by_ratio](double x) { return by_ratio ? std::log(x) : x; };
    const auto back = [by_ratio](double x) { return by_ratio ? std::exp(x) : x; };
    const std::vector<double>& x = axis.numbers;
    const auto between = [&](std::size_t a, std::size_t b) { return 0.5 * (to(x[a]) + to(x[b])); };
    for (std::size_t n = 0; n < x.size(); ++n) {
      const double before = n > 0 ? between(n - 1, n) : 2.0 * to(x[0]) - between(0, 1);
      const double after =
          n + 1 < x.size() ? between(n, n + 1) : 2.0 * to(x[n]) - between(n - 1, n);
      low.push_back(back(std::min(before, after)));
      high.push_back(back(std::max(before, after)));
    }
  }

  std::string range() const {
    return fmt::format("[{}:{}]", *std::min_element(low.begin(), low.end()),
                       *std::max_element(high.begin(), high.end()));
  }
};

// Gnuplot leaves out what is not a number.
std::string number(double x) { return std::isfinite(x) ? fmt::format("{:.9g}", x) : "NaN"; }

std::string axis_command(const char* which, const SweepAxis& axis, const Cells& cells) {
  return fmt::format("set {0}label {1} noenhanced\nset {0}range {2}\n{3}", which,
                     gnuplot_string(axis.name), cells.range(),
                     logarithmic(axis) ? fmt::format("set logscale {}\n", which) : "");
}

std::string cells_block(const SweepMap& map, const Cells& across, const Cells& up) {
  const std::vector<double>&x = map.axes[0].numbers, &y = map.axes[1].numbers;
  std::string block = "$cells << EOD\n";
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < y.size(); ++j)
      block += fmt::format("{} {} {} {} {} {} {}\n", x[i], y[j], across.low[i], across.high[i],
                           up.low[j], up.high[j], number(map.largest_ipr[i * y.size() + j]));
  return block + "EOD\n";
}

std::string points_block(const char* name, const SweepMap& map, const std::vector<double>& values) {
  const std::vector<double>&x = map.axes[0].numbers, &y = map.axes[1].numbers;
  std::string block = fmt::format("${} << EOD\n", name);
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < y.size(); ++j)
      block += fmt::format("{} {} {}\n", x[i], y[j], number(values[i * y.size() + j]));
    block += "\n";
  }
  return block + "EOD\n";
}

bool any_failed(const SweepMap& map) {
  return std::find(map.failed.begin(), map.failed.end(), true) != map.failed.end();
}

// The cells of points that failed, or those points on an axis at 0.
std::string failed_block(const SweepMap& map, const Cells& across, const Cells& up) {
  const std::vector<double>&x = map.axes[0].numbers, &y = map.axes[1].numbers;
  std::string block = "$failed << EOD\n";
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < y.size(); ++j)
      if (map.failed[i * y.size() + j])
        block += fmt::format("{} {} {} {} {} {}\n", x[i], y[j], across.low[i], across.high[i],
                             up.low[j], up.high[j]);
  return block + "EOD\n";
}

std::string failed_block(const SweepMap& map) {
  std::string block = "$failed << EOD\n";
  for (std::size_t i = 0; i < map.axes[0].size(); ++i)
    if (map.failed[i]) block += fmt::format("{} 0\n", map.axes[0].numbers[i]);
  return block + "EOD\n";
}

bool changes_sign(const std::vector<double>& values) {
  const auto positive = [](double x) { return x > 0.0; };
  const auto negative = [](double x) { return x < 0.0; };
  return std::any_of(values.begin(), values.end(), positive) &&
         std::any_of(values.begin(), values.end(), negative);
}

void check_axes(const SweepMap& map, const std::string& name) {
  const auto drawable = [](const SweepAxis& axis) { return axis.numbers.size() >= 2; };
  if (map.axes.size() > 2 || !std::all_of(map.axes.begin(), map.axes.end(), drawable))
    throw InvalidResults(name + ": a figure needs one axis or two, of two numbers or more each");
}

void check_same_axes(const SweepMap& map, const SweepMap& dots, const std::string& name) {
  const auto same = [](const SweepAxis& a, const SweepAxis& b) { return a.name == b.name; };
  if (!std::equal(map.axes.begin(), map.axes.end(), dots.axes.begin(), dots.axes.end(), same))
    throw InvalidResults(name + ": must have the axes of the first sweep");
}

std::string map_script(const SweepMap& map, const SweepMap* dots) {
  const Cells across(map.axes[0]), up(map.axes[1]);
  std::string script = axis_command("x", map.axes[0], across) + axis_command("y", map.axes[1], up) +
                       "set cbrange [0:*]\n" + cells_block(map, across, up) +
                       points_block("growth", map, map.growth_rate) +
                       (any_failed(map) ? failed_block(map, across, up) : "");
  const bool threshold = changes_sign(map.growth_rate);
  if (threshold)
    script +=
        "set contour base\nset cntrparam levels discrete 0\nunset surface\n"
        "set table $threshold\nsplot $growth using 1:2:3\nunset table\nunset contour\n"
        "set surface\n";
  script +=
      "set key outside bottom center horizontal Left reverse\n"
      "plot $cells using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid 1.0 noborder "
      "linecolor palette notitle";
  if (any_failed(map))
    script +=
        ", $failed using 1:2:3:4:5:6 with boxxyerror fillstyle pattern 4 border "
        "linecolor '#888888' title 'failed'";
  if (threshold)
    script +=
        ", $threshold using 1:2 with lines linewidth 3 dashtype 2 linecolor '#D55E00' title "
        "'linear threshold'";
  if (dots)
    script += fmt::format(
        ", $dots using 1:2:3 with points pointtype 7 pointsize 2 linecolor palette notitle, "
        "$dots using 1:2 with points pointtype 6 pointsize 2 linewidth 1.5 linecolor '#E69F00' "
        "title '{}'",
        dots->run == "sgd" ? "SGD" : dots->run);
  return (dots ? points_block("dots", *dots, dots->largest_ipr) : "") + script + "\n";
}

std::string curve_script(const SweepMap& map, const SweepMap* dots) {
  const Cells across(map.axes[0]);
  const auto block = [](const char* name, const SweepMap& of) {
    std::string text = fmt::format("${} << EOD\n", name);
    for (std::size_t i = 0; i < of.axes[0].size(); ++i)
      text += fmt::format("{} {}\n", of.axes[0].numbers[i], number(of.largest_ipr[i]));
    return text + "EOD\n";
  };
  std::string script = block("curve", map) + (dots ? block("dots", *dots) : "") +
                       (any_failed(map) ? failed_block(map) : "") +
                       axis_command("x", map.axes[0], across) +
                       "set ylabel 'inverse participation ratio'\nset yrange [0:*]\n"
                       "set grid y linecolor '#DDDDDD'\nset key bottom right\n";
  script += fmt::format(
      "plot $curve using 1:2 with linespoints pointtype 7 linewidth 2.5 linecolor '#0072B2' title "
      "'{}'",
      map.run);
  if (any_failed(map))
    script +=
        ", $failed using 1:2 with points pointtype 2 pointsize 2 linewidth 2 linecolor '#888888' "
        "title 'failed'";
  if (dots)
    script += fmt::format(
        ", $dots using 1:2 with points pointtype 6 pointsize 2 linewidth 2 linecolor '#D55E00' "
        "title '{}'",
        dots->run == "sgd" ? "SGD" : dots->run);
  return script + "\n";
}

}  // namespace

std::string map_figure_script(const NamedMap& sweep, const NamedMap* dots,
                              const std::string& terminal, const std::string& file) {
  const SweepMap& map = sweep.map;
  check_axes(map, sweep.file);
  if (dots) {
    check_axes(dots->map, dots->file);
    check_same_axes(map, dots->map, dots->file);
  }
  const SweepMap* const dotted = dots ? &dots->map : nullptr;
  return fmt::format(
             "set terminal {} size 900,720 font 'sans,17' background '#FFFFFF'\n"
             "set output {}\n",
             terminal, gnuplot_string(file)) +
         map_figure_opening +
         (map.axes.size() == 2 ? map_script(map, dotted) : curve_script(map, dotted)) +
         "set output\n";
}

}  // namespace popflow

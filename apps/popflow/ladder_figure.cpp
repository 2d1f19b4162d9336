#include "ladder_figure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <fmt/core.h>

#include "gnuplot.hpp"

namespace popflow {

namespace {

constexpr const char* ladder_opening = R"(set encoding utf8
set border 3 linewidth 1 linecolor '#444444'
set tics nomirror out
set palette defined (-1 '#004C7A', -0.5 '#56A5D0', 0 '#FFFFFF', 0.5 '#F0A05A', 1 '#A33C00')
set multiplot
)";

/// How a row is drawn, alike in all its plots.
struct RowStyle {
  const char* colour;
  int dash, point;
};

// Colours that colour-blind readers can distinguish, with different points and dashes. Kinds of one
// family have one hue: latent directions from light to dark.
RowStyle style_of(const std::string& row) {
  static const std::map<std::string, RowStyle> styles{
      {"population", {"#000000", 1, 0}},  {"quartic", {"#E69F00", 1, 4}},
      {"gaussian", {"#8C6D31", 1, 6}},    {"edgeworth", {"#009E73", 1, 8}},
      {"conditional", {"#D55E00", 1, 2}}, {"kurtosis", {"#CC79A7", 1, 12}},
      {"latent 1", {"#8CC8EE", 1, 5}},    {"latent 2", {"#2F8FD0", 1, 7}},
      {"latent 3", {"#00457C", 1, 9}},    {"sgd", {"#555555", 2, 1}},
      {"sgd quartic", {"#B0A060", 3, 3}}};
  const auto found = styles.find(row);
  return found == styles.end() ? RowStyle{"#777777", 4, 10} : found->second;
}

bool is_closure(const LadderRow& row) {
  return row.name != "population" && !row.name.starts_with("sgd");
}

std::string title_of(const LadderRow& row) {
  if (row.name == "sgd") return "SGD";
  if (row.name == "sgd quartic") return "SGD, quartic loss";
  return row.name;
}

// The rows with something to draw: those that ran.
std::vector<const LadderRow*> drawn_rows(const Ladder& ladder) {
  std::vector<const LadderRow*> rows;
  for (const LadderRow& row : ladder.rows)
    if (!row.weights.empty() && row.name != "population") rows.push_back(&row);
  return rows;
}

// Whether snapshots are in equal ratios after the first, which is 0.
bool logarithmic_times(const std::vector<double>& time) {
  if (time.size() < 4) return false;
  const double first = time[2] / time[1], last = time.back() / time[time.size() - 2];
  return std::abs(first - last) < 1e-6 * first;
}

std::string in_per_cent(double share) {
  const double value = 100.0 * share;
  return fmt::format("{:.{}f}", value, value < 9.95 ? 1 : 0);
}

// The last error, or where it is below its standard error, that.
std::string known_error(const LadderErrors& errors) {
  const double error = errors.error.back(), noise = errors.standard_error.back();
  return error < noise ? fmt::format("< {} %", in_per_cent(noise)) : in_per_cent(error) + " %";
}

// Its error at the end, also without a shift of its runs where these drift, or where it stopped.
std::string outcome_of(const Ladder& ladder, const LadderRow& row) {
  if (row.weights.size() < ladder.time.size()) return fmt::format("stopped at {:.3g}", row.tau);
  const std::string all = known_error(row.population);
  return runs_drift(row) ? fmt::format("{} (shifted: {})", all, known_error(row.aligned)) : all;
}

// Pixels of the whole figure and its parts.
struct LadderLayout {
  static constexpr int width = 1160, left = 105, right = 25, errors_top = 45, errors_height = 360,
                       errors_width = 660, fields_top = 520, title = 58, gap = 16, below = 82;
  int columns, lines, line_gap, panel_width, panel_height, height;

  LadderLayout(int panels_a_neuron, int neurons, const Torus& torus) {
    const bool maps = torus.dimensions() == 2;
    const int most_a_line = neurons > 1 ? 12 : maps ? 6 : 4;
    columns = std::min(panels_a_neuron, most_a_line);
    lines = neurons > 1 ? neurons : (panels_a_neuron + columns - 1) / columns;
    const int colour_bar = maps ? 95 : 0;
    panel_width = (width - left - right - colour_bar - gap * (columns - 1)) / columns;
    panel_height = 130;
    if (maps) {
      panel_width = std::min(panel_width, 220);
      panel_height = std::clamp(panel_width * torus.rows() / torus.columns(), 60, 2 * panel_width);
    }
    line_gap = neurons > 1 ? 18 : title;  // of several neurons only the first line has titles
    height = fields_top + title + lines * (line_gap + panel_height) - line_gap + below;
  }

  static std::string across(int x) { return fmt::format("{:.5f}", static_cast<double>(x) / width); }
  std::string up(int y) const {
    return fmt::format("{:.5f}", 1.0 - static_cast<double>(y) / height);
  }

  // Puts the next plot into a box of pixels, counted from the top left.
  std::string box(int x, int y, int w, int h) const {
    return fmt::format(
        "set lmargin at screen {}\nset rmargin at screen {}\n"
        "set tmargin at screen {}\nset bmargin at screen {}\n",
        across(x), across(x + w), up(y), up(y + h));
  }

  std::string errors_box() const { return box(left, errors_top, errors_width, errors_height); }

  std::string panel_box(int line, int column) const {
    return box(left + column * (panel_width + gap),
               fields_top + title + line * (line_gap + panel_height), panel_width, panel_height);
  }
};

/// The range of the axis of errors, in per cent: from a factor of two below the least noise to the
/// largest error that is not far beyond the weights themselves.
struct ErrorRange {
  double low = std::numeric_limits<double>::infinity(), high = 0.0;

  explicit ErrorRange(const Ladder& ladder) {
    for (const LadderRow& row : ladder.rows)
      for (std::size_t n = 1; n < row.weights.size(); ++n) {
        const double noise = 100.0 * row.population.standard_error[n],
                     error = 100.0 * row.population.error[n];
        if (row.name == "population" && noise > 0.0) low = std::min(low, noise);
        if (std::isfinite(error)) high = std::max(high, error);
      }
    low = std::isfinite(low) ? std::max(1e-3, 0.5 * low) : 0.1;
    high = std::clamp(1.5 * high, 20.0 * low, std::max(300.0, 20.0 * low));
  }
};

// "tau error noise", in per cent. An error below its standard error is drawn there: it is not known
// to be larger.
std::string errors_block(const std::string& name, const Ladder& ladder, const LadderRow& row) {
  std::string block = fmt::format("${} << EOD\n", name);
  for (std::size_t n = 1; n < row.weights.size(); ++n) {
    const double error = 100.0 * row.population.error[n],
                 noise = 100.0 * row.population.standard_error[n];
    if (!std::isfinite(error)) break;
    block += fmt::format("{:.9g} {:.6g} {:.6g}\n", ladder.time[n], std::max(error, noise), noise);
  }
  return block + "EOD\n";
}

std::string time_axis(const Ladder& ladder) {
  const double first = ladder.time[std::min<std::size_t>(1, ladder.time.size() - 1)],
               last = ladder.time.back();
  const bool logarithmic = logarithmic_times(ladder.time);
  const double from = logarithmic ? first : 0.0;
  return fmt::format("{}set xrange [{}:{}]\n", logarithmic ? "set logscale x\n" : "", from,
                     last > from ? last : from + 1.0);
}

// Points on a line of S snapshots, about eight of them, at other places for every row.
std::string point_interval(std::size_t snapshots) {
  return fmt::format("{}", std::max<std::size_t>(1, snapshots / 8));
}

std::string errors_plot(const Ladder& ladder, const LadderLayout& layout) {
  const ErrorRange range(ladder);
  const std::vector<const LadderRow*> rows = drawn_rows(ladder);
  std::string data = errors_block("noise", ladder, ladder.rows.front()), curves;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const LadderRow& row = *rows[r];
    if (row.weights.size() < 2) continue;
    const RowStyle style = style_of(row.name);
    const std::string block = fmt::format("error{}", r);
    data += errors_block(block, ladder, row);
    curves += fmt::format(
        ", ${} using 1:2 with linespoints linecolor '{}' dashtype {} linewidth {} pointtype {} "
        "pointsize 0.9 pointinterval {} title {} noenhanced",
        block, style.colour, style.dash, is_closure(row) ? "2.5" : "2", style.point,
        point_interval(ladder.time.size()),
        gnuplot_string(title_of(row) + ":  " + outcome_of(ladder, row)));
  }
  return data + layout.errors_box() + time_axis(ladder) +
         fmt::format(
             "set logscale y\nset yrange [{:.6g}:{:.6g}]\nset format y '%g'\nset format x '%g'\n"
             "set xlabel 'flow time tau'\nset ylabel 'error of the receptive fields (%)'\n"
             "set grid linecolor '#E4E4E4'\nset title 'distance from the population'\n"
             "set key at screen {}, screen {} left top vertical Left reverse samplen 3 spacing "
             "1.15 "
             "maxrows 14\n",
             range.low, range.high, layout.across(layout.left + layout.errors_width + 25),
             layout.up(layout.errors_top)) +
         fmt::format(
             "plot $noise using 1:({:.6g}):3 with filledcurves fillstyle solid 1 noborder "
             "linecolor '#D5D5D5' title 'population: standard error'{}\n",
             range.low, curves) +
         "unset logscale\nunset grid\nunset key\nunset title\nset format y '%g'\n";
}

/// The range of the receptive fields: of the population, and of the others unless they are far
/// beyond it, so that a field that diverges does not flatten the rest.
struct FieldRange {
  double low = 0.0, high = 0.0;

  explicit FieldRange(const Ladder& ladder) {
    include(ladder.rows.front().weights.back());
    const double reach = std::max(high, -low);
    for (const LadderRow& row : ladder.rows)
      if (row.weights.size() == ladder.time.size())
        include(row.weights.back().cwiseMax(-1.5 * reach).cwiseMin(1.5 * reach));
    if (!(high - low > 0.0) || !std::isfinite(high - low)) low = -1.0, high = 1.0;
  }

  double margin() const { return 0.06 * (high - low); }
  double largest() const { return std::max(-low, high); }

 private:
  void include(const Weights& u) {
    low = std::min(low, u.minCoeff());
    high = std::max(high, u.maxCoeff());
  }
};

// 1, 2 or 5 times a power of ten, so that an axis of this length has `most` ticks at most.
double spaced_ticks(double length, double most) {
  const double least = length / most;
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least) return factor * power;
  return 10.0 * power;
}

std::string curve_block(const std::string& name, const Weights& u, int neuron) {
  std::string block = fmt::format("${} << EOD\n", name);
  for (Eigen::Index site = 0; site < u.cols(); ++site)
    block += fmt::format("{} {:.9g}\n", site, u(neuron, site));
  return block + "EOD\n";
}

std::string map_block(const std::string& name, const Weights& u, int neuron, const Torus& torus) {
  std::string block = fmt::format("${} << EOD\n", name);
  for (int site = 0; site < torus.sites(); ++site)
    block +=
        fmt::format("{:.9g}{}", u(neuron, site), (site + 1) % torus.columns() == 0 ? '\n' : ' ');
  return block + "EOD\n";
}

/// The place of a panel, and its contents.
struct LadderPanel {
  const LadderRow& row;
  int neuron, line, column;
  bool bottom;  ///< no panel is below
  bool titled;  ///< the row is named above
  bool rightmost;
};

std::string panel_frame(const Ladder& ladder, const LadderPanel& panel) {
  std::string commands = "unset title\n";
  if (panel.titled)
    commands = fmt::format(
        "set title {}.\"\\n\".{} noenhanced font 'sans,13' textcolor '{}' offset 0,-0.4\n",
        gnuplot_string(title_of(panel.row)),
        gnuplot_string(panel.row.name == "population" ? "" : outcome_of(ladder, panel.row)),
        style_of(panel.row.name).colour);
  commands += panel.bottom ? fmt::format("set format x '%g'\nset xlabel '{}'\n",
                                         ladder.torus.dimensions() == 2 ? "column" : "site")
                           : "set format x ''\nunset xlabel\n";
  if (panel.column > 0) return commands + "set format y ''\nunset ylabel\n";
  const std::string label = ladder.torus.dimensions() == 2 ? "row" : "u";
  return commands + "set format y '%g'\nset ylabel " +
         gnuplot_string(ladder.hidden > 1 ? fmt::format("{}, neuron {}", label, panel.neuron)
                                          : label) +
         " noenhanced\n";
}

std::string ring_panel(const Ladder& ladder, const LadderPanel& panel, const FieldRange& range,
                       const std::string& name) {
  const int sites = ladder.torus.sites();
  return curve_block("p" + name, ladder.rows.front().weights.back(), panel.neuron) +
         curve_block("f" + name, panel.row.weights.back(), panel.neuron) +
         fmt::format(
             "set xrange [0:{}]\nset xtics {}\nset yrange [{:.6g}:{:.6g}]\nset ytics {}\n"
             "plot $p{} using 1:2 with lines linecolor '#B5B5B5' linewidth 6 notitle, "
             "$f{} using 1:2 with lines linecolor '{}' linewidth 2 notitle\n",
             std::max(1, sites - 1), spaced_ticks(sites, 4.0), range.low - range.margin(),
             range.high + range.margin(), spaced_ticks(range.high - range.low, 4.0), name, name,
             style_of(panel.row.name).colour);
}

std::string torus_panel(const Ladder& ladder, const LadderPanel& panel, const FieldRange& range,
                        const std::string& name) {
  const Torus& torus = ladder.torus;
  return map_block("f" + name, panel.row.weights.back(), panel.neuron, torus) +
         fmt::format(
             "set xrange [-0.5:{}]\nset xtics {}\nset yrange [{}:-0.5]\nset ytics {}\n"
             "set cbrange [{:.6g}:{:.6g}]\nset cbtics {}\n{}"
             "plot $f{} matrix with image notitle\n",
             torus.columns() - 0.5, spaced_ticks(torus.columns(), 4.0), torus.rows() - 0.5,
             spaced_ticks(torus.rows(), 4.0), -range.largest(), range.largest(),
             spaced_ticks(2.0 * range.largest(), 5.0),
             panel.rightmost && panel.line == 0 ? "set colorbox\nset cblabel 'u'\n"
                                                : "unset colorbox\nunset cblabel\n",
             name);
}

// Panels: on rings one a row of the ladder, on tori the population's before them.
std::vector<const LadderRow*> panel_rows(const Ladder& ladder) {
  std::vector<const LadderRow*> rows = drawn_rows(ladder);
  if (ladder.torus.dimensions() == 2 || rows.empty())
    rows.insert(rows.begin(), &ladder.rows.front());
  return rows;
}

constexpr int most_neurons = 4;

std::string fields_plots(const Ladder& ladder, const LadderLayout& layout,
                         const std::vector<const LadderRow*>& rows) {
  const FieldRange range(ladder);
  const int neurons = std::min(ladder.hidden, most_neurons), count = static_cast<int>(rows.size());
  std::string script;
  for (int k = 0; k < neurons; ++k)
    for (int r = 0; r < count; ++r) {
      const int line = neurons > 1 ? k : r / layout.columns, column = r % layout.columns;
      const LadderPanel panel{
          .row = *rows[static_cast<std::size_t>(r)],
          .neuron = k,
          .line = line,
          .column = column,
          .bottom = neurons > 1 ? k + 1 == neurons : r + layout.columns >= count,
          .titled = k == 0,
          .rightmost = column + 1 == layout.columns};
      const std::string name = fmt::format("{}_{}", k, r);
      script += layout.panel_box(line, column) + panel_frame(ladder, panel) +
                (ladder.torus.dimensions() == 2 ? torus_panel(ladder, panel, range, name)
                                                : ring_panel(ladder, panel, range, name)) +
                "unset label 1\n";  // the heading is drawn once
    }
  return script;
}

std::string fields_heading(const Ladder& ladder, const LadderLayout& layout) {
  const std::string of_neurons =
      ladder.hidden > most_neurons ? fmt::format(", neurons 0 to {}", most_neurons - 1) : "";
  return fmt::format(
      "set label 1 {} at screen {}, screen {} left font 'sans,16'\n",
      gnuplot_string(fmt::format(
          "receptive fields at tau = {:.4g}{}{}", ladder.time.back(), of_neurons,
          ladder.torus.dimensions() == 1 ? ": in colour over the population in bold grey" : "")),
      layout.across(layout.left), layout.up(layout.fields_top - 12));
}

}  // namespace

bool runs_drift(const LadderRow& row) {
  return !row.aligned.standard_error.empty() && !row.population.standard_error.empty() &&
         row.aligned.standard_error.back() < 0.5 * row.population.standard_error.back();
}

std::string ladder_figure_script(const Ladder& ladder, const std::string& terminal,
                                 const std::string& file) {
  const std::vector<const LadderRow*> rows = panel_rows(ladder);
  const LadderLayout layout(static_cast<int>(rows.size()), std::min(ladder.hidden, most_neurons),
                            ladder.torus);
  return fmt::format(
             "set terminal {} size {},{} font 'sans,15' background '#FFFFFF'\nset output {}\n",
             terminal, LadderLayout::width, layout.height, gnuplot_string(file)) +
         ladder_opening + errors_plot(ladder, layout) + fields_heading(ladder, layout) +
         fields_plots(ladder, layout, rows) + "unset multiplot\nset output\n";
}

}  // namespace popflow

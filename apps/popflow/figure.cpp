#include "figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include <fmt/core.h>

#include "gnuplot.hpp"

namespace popflow {

namespace {

// Okabe & Ito's colours that are visible on white and that colour-blind readers can distinguish.
constexpr std::array<const char*, 7> colours{"#0072B2", "#D55E00", "#009E73", "#E69F00",
                                             "#CC79A7", "#56B4E9", "#000000"};
constexpr std::array<int, 5> dashes{1, 2, 4, 5, 3};

constexpr const char* figure_opening = R"(
set encoding utf8
set border 3 linewidth 1 linecolor '#444444'
set tics nomirror out
set palette defined (-1 '#004C7A', -0.5 '#56A5D0', 0 '#FFFFFF', 0.5 '#F0A05A', 1 '#A33C00')
set multiplot
)";

/// Pixels of the whole figure and its parts; everything is placed by hand so that panels align.
struct Layout {
  static constexpr int left = 135, right = 30, gap = 30, title = 80, below = 95;
  static constexpr int curve_height = 240, participation_height = 300, space = 25, colour_bar = 150,
                       key_columns = 2, key_row = 28;

  int panels_a_row, rows, panel_width, panel_height, width, height, key_height;
  int right_margin;

  explicit Layout(const std::vector<Panel>& panels) {
    const auto count = static_cast<int>(panels.size());
    const Torus& torus = panels.front().torus;
    const bool maps = torus.dimensions() == 2;
    panels_a_row = std::min(count, 4);
    rows = (count + panels_a_row - 1) / panels_a_row;
    panel_width = std::max(310, (770 - gap * (panels_a_row - 1)) / panels_a_row);
    panel_height = curve_height;
    right_margin = maps ? colour_bar : right;
    if (maps) {
      panel_width = std::max(310, 770 / (panels_a_row + 1));
      panel_height = std::clamp(panel_width * torus.rows() / torus.columns(), 80, 3 * panel_width);
    }
    const int used = left + panels_a_row * panel_width + (panels_a_row - 1) * gap + right_margin;
    width = std::max(used, 900);
    // The key has an entry a file and one for a uniform field, below the plot.
    key_height = key_row * (count / key_columns + 1);
    height =
        rows * (title + panel_height + below) + space + participation_height + below + key_height;
  }

  // Commands that put the next plot into a box of pixels, counted from the top left.
  std::string box(int x, int y, int w, int h) const {
    const auto across = [this](int value) { return static_cast<double>(value) / width; };
    const auto up = [this](int value) { return 1.0 - static_cast<double>(value) / height; };
    return fmt::format(
        "set lmargin at screen {:.5f}\nset rmargin at screen {:.5f}\n"
        "set tmargin at screen {:.5f}\nset bmargin at screen {:.5f}\n",
        across(x), across(x + w), up(y), up(y + h));
  }

  std::string panel_box(int panel) const {
    return box(left + panel % panels_a_row * (panel_width + gap),
               title + panel / panels_a_row * (title + panel_height + below), panel_width,
               panel_height);
  }

  // The plot below the panels; of two beside one another the first or the second.
  std::string lower_box(int which = 0, int of = 1) const {
    const int between = of > 1 ? left : 0;
    const int w = (width - left - right - between) / of;
    return box(left + which * (w + between), rows * (title + panel_height + below) + space, w,
               participation_height);
  }
};

// Curves that share a plot differ in their dashes too.
std::string style(std::size_t panel, bool alone) {
  return fmt::format("linecolor '{}' dashtype {} linewidth 2.5", colours[panel % colours.size()],
                     alone ? dashes.front() : dashes[panel % dashes.size()]);
}

// Rows "x y low high" as a named block.
std::string curve_data(const std::string& name, const std::vector<double>& x,
                       const std::vector<double>& y, const std::vector<double>& error) {
  std::string block = fmt::format("${} << EOD\n", name);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double spread = error.empty() ? 0.0 : error[i];
    block += fmt::format("{:.9g} {:.9g} {:.9g} {:.9g}\n", x[i], y[i], y[i] - spread, y[i] + spread);
  }
  return block + "EOD\n";
}

std::string map_data(const std::string& name, const Panel& panel) {
  std::string block = fmt::format("${} << EOD\n", name);
  for (int site = 0; site < panel.torus.sites(); ++site)
    block += fmt::format("{:.9g}{}", panel.field[static_cast<std::size_t>(site)],
                         (site + 1) % panel.torus.columns() == 0 ? '\n' : ' ');
  return block + "EOD\n";
}

// Without a title the curve is alone in its plot.
std::string curve_command(const std::string& data, std::size_t panel, bool band,
                          const std::string& title = {}) {
  std::string command;
  if (band)
    command = fmt::format(
        "${} using 1:3:4 with filledcurves fillstyle transparent solid 0.25 noborder "
        "linecolor '{}' notitle, ",
        data, colours[panel % colours.size()]);
  return command + fmt::format("${} using 1:2 with lines {} {}", data, style(panel, title.empty()),
                               title.empty() ? "notitle" : "title " + title);
}

/// The values that all receptive fields have in common, bands and 0 included.
struct Range {
  double low = 0.0;
  double high = 0.0;

  explicit Range(const std::vector<Panel>& panels) {
    for (const Panel& panel : panels)
      for (std::size_t i = 0; i < panel.field.size(); ++i) {
        const double spread = panel.error.empty() ? 0.0 : panel.error[i];
        low = std::min(low, panel.field[i] - spread);
        high = std::max(high, panel.field[i] + spread);
      }
    if (!(high - low > 0.0) || !std::isfinite(high - low)) low = -1.0, high = 1.0;
  }

  double margin() const { return 0.06 * (high - low); }
  double largest() const { return std::max(-low, high); }
};

// 1, 2 or 5 times a power of ten, so that an axis of this length has five ticks at most.
double tick_step(double length) {
  const double least = length / 5.0;
  const double decade = std::pow(10.0, std::floor(std::log10(least)));
  for (const double step : {1.0, 2.0, 5.0})
    if (step * decade >= least) return step * decade;
  return 10.0 * decade;
}

std::string panel_title(const Panel& panel) {
  return fmt::format("set title {}.\"\\n\".{} noenhanced\n", gnuplot_string(panel.caption),
                     gnuplot_string(panel.subtitle));
}

std::string curve_panel(const Panel& panel, std::size_t number, const Range& range, bool leftmost) {
  const std::string data = fmt::format("field{}", number);
  std::vector<double> sites(panel.field.size());
  std::iota(sites.begin(), sites.end(), 0.0);
  return curve_data(data, sites, panel.field, panel.error) +
         fmt::format(
             "set xlabel 'site'\nset xrange [0:{}]\nset xtics {}\nset yrange [{}:{}]\nset ytics "
             "{}\n",
             panel.torus.sites() - 1, tick_step(panel.torus.sites()), range.low - range.margin(),
             range.high + range.margin(), tick_step(range.high - range.low)) +
         (leftmost ? fmt::format("set ylabel '{}'\nset format y '%g'\n", panel.quantity)
                   : std::string("unset ylabel\nset format y ''\n")) +
         "set key off\nset grid y linecolor '#DDDDDD'\nplot " +
         curve_command(data, number, !panel.error.empty()) + "\n";
}

std::string map_panel(const Panel& panel, std::size_t number, const Range& range, bool leftmost,
                      bool with_scale) {
  const std::string data = fmt::format("field{}", number);
  return map_data(data, panel) +
         fmt::format(
             "set xlabel 'column'\nset xrange [-0.5:{}]\nset xtics {}\nset yrange [{}:-0.5]\n"
             "set ytics {}\nset cbrange [{}:{}]\nset cbtics {}\n",
             panel.torus.columns() - 0.5, tick_step(panel.torus.columns()),
             panel.torus.rows() - 0.5, tick_step(panel.torus.rows()), -range.largest(),
             range.largest(), tick_step(2.0 * range.largest())) +
         (leftmost ? "set ylabel 'row'\nset format y '%g'\n" : "unset ylabel\nset format y ''\n") +
         (with_scale ? fmt::format("set colorbox\nset cblabel '{}'\n", panel.quantity)
                     : std::string("unset colorbox\nunset cblabel\n")) +
         fmt::format("set key off\nunset grid\nplot ${} matrix with image\n", data);
}

/// The times of all panels.
struct TimeAxis {
  double first = std::numeric_limits<double>::infinity();
  double first_positive = first;
  double last = 0.0;

  explicit TimeAxis(const std::vector<Panel>& panels) {
    for (const Panel& panel : panels)
      for (const double tau : panel.time) {
        first = std::min(first, tau);
        if (tau > 0.0) first_positive = std::min(first_positive, tau);
        last = std::max(last, tau);
      }
  }

  // Within less than a decade a logarithmic axis may have no number on it.
  bool logarithmic() const { return last >= 10.0 * first_positive; }

  // tau = 0 has no place on a logarithmic axis.
  std::string commands() const {
    if (logarithmic())
      return fmt::format("set logscale x\nset xrange [{}:{}]\n", first_positive, last);
    if (first < last) return fmt::format("set xrange [{}:{}]\n", first, last);
    return fmt::format("set xrange [0:{}]\n", last > 0.0 ? 2.0 * last : 1.0);
  }
};

std::string participation(const std::vector<Panel>& panels) {
  std::string data, curves;
  std::set<int> sizes;
  for (std::size_t n = 0; n < panels.size(); ++n) {
    const Panel& panel = panels[n];
    const std::string name = fmt::format("ipr{}", n);
    data += curve_data(name, panel.time, panel.ipr, panel.ipr_error);
    curves += (n > 0 ? ", " : "") + curve_command(name, n, !panel.ipr_error.empty(),
                                                  gnuplot_string(panel.caption) + " noenhanced");
    sizes.insert(panel.torus.sites());
  }
  for (const int sites : sizes)
    curves += fmt::format(
        ", 1.0/{0} with lines linecolor '#777777' dashtype 3 linewidth 1.5 "
        "title 'uniform, 1/{0}'",
        sites);
  return data +
         "set xlabel 'flow time tau'\nset ylabel 'inverse participation ratio'\n"
         "set format y '%g'\nset format x '%g'\n" +
         TimeAxis(panels).commands() +
         "set yrange [0:*]\nunset colorbox\nset grid y linecolor '#DDDDDD'\n"
         "set key bmargin center horizontal Left reverse maxcols 2\nplot " +
         curves + "\nunset logscale x\n";
}

// Weights by factor, as lines from zero. Positive and negative weights differ in colour and side.
std::string weights_plot(const std::vector<double>& lambda) {
  std::string data = "$lambda << EOD\n";
  for (std::size_t r = 0; r < lambda.size(); ++r) data += fmt::format("{} {:.9g}\n", r, lambda[r]);
  return data +
         fmt::format(
             "EOD\nunset title\nset xlabel 'factor'\nset ylabel 'weight lambda'\n"
             "set xrange [-0.5:{}]\nset xtics {}\nset yrange [*:*]\nset ytics autofreq\nset format "
             "x "
             "'%g'\nset format y '%g'\n"
             "set xzeroaxis linewidth 1 linecolor '#777777'\nset grid y linecolor '#DDDDDD'\n"
             "set key bmargin center horizontal Left reverse\nplot $lambda using 1:($2 > 0 ? $2 : "
             "1/0) "
             "with impulses linewidth 5 linecolor '{}' title 'positive', $lambda using "
             "1:($2 > 0 ? 1/0 : $2) with impulses linewidth 5 linecolor '{}' title 'negative'\n"
             "unset xzeroaxis\n",
             static_cast<double>(lambda.size()) - 0.5,
             std::max(1.0, tick_step(static_cast<double>(lambda.size()))), colours[1], colours[0]);
}

std::string rank_error_plot(const std::vector<double>& rank_error) {
  std::string data = "$rank_error << EOD\n";
  for (std::size_t r = 0; r < rank_error.size(); ++r)
    data += fmt::format("{} {:.9g}\n", r + 1, rank_error[r]);
  return data +
         fmt::format(
             "EOD\nset xlabel 'rank'\nset ylabel 'relative error'\nset xrange [0.5:{}]\n"
             "set xtics {}\nset logscale y\nset yrange [*:*]\nset format y '%g'\nset key off\n"
             "plot $rank_error using 1:2 with linespoints pointtype 7 linewidth 2.5 linecolor '{}' "
             "notitle\nunset logscale y\n",
             static_cast<double>(rank_error.size()) + 0.5,
             std::max(1.0, tick_step(static_cast<double>(rank_error.size()))), colours[0]);
}

// The whole figure, given the commands of its lower part.
std::string assemble(const Layout& layout, const std::string& lower,
                     const std::vector<Panel>& panels, const std::string& terminal,
                     const std::string& file) {
  const Range range(panels);
  const auto a_row = static_cast<std::size_t>(layout.panels_a_row);
  std::string script =
      fmt::format("set terminal {} size {},{} font 'sans,17' background '#FFFFFF'\nset output {}\n",
                  terminal, layout.width, layout.height, gnuplot_string(file));
  script += figure_opening + lower;
  for (std::size_t n = 0; n < panels.size(); ++n) {
    const bool leftmost = n % a_row == 0, with_scale = n + 1 == a_row;
    script += layout.panel_box(static_cast<int>(n)) + panel_title(panels[n]);
    script += panels[n].torus.dimensions() == 1
                  ? curve_panel(panels[n], n, range, leftmost)
                  : map_panel(panels[n], n, range, leftmost, with_scale);
  }
  return script + "unset multiplot\nset output\n";
}

}  // namespace

std::string figure_script(const std::vector<Panel>& panels, const std::string& terminal,
                          const std::string& file) {
  const Layout layout(panels);
  return assemble(layout, layout.lower_box() + participation(panels), panels, terminal, file);
}

std::string factor_figure_script(const std::vector<Panel>& panels,
                                 const std::vector<double>& lambda,
                                 const std::vector<double>& rank_error, const std::string& terminal,
                                 const std::string& file) {
  const Layout layout(panels);
  const bool both = rank_error.size() > 1;
  std::string lower = layout.lower_box(0, both ? 2 : 1) + weights_plot(lambda);
  if (both) lower += layout.lower_box(1, 2) + rank_error_plot(rank_error);
  return assemble(layout, lower, panels, terminal, file);
}

}  // namespace popflow

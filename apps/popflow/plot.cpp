#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/printable.hpp"
#include "popflow/measure/alignment.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/decomposition.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/results/results.hpp"
#include "popflow/results/sweep_results.hpp"

#include "arguments.hpp"
#include "figure.hpp"
#include "gnuplot.hpp"
#include "interrupt.hpp"
#include "ladder_figure.hpp"
#include "map_figure.hpp"
#include "message.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct PlotArguments {
  std::vector<std::string> files;
  std::string output;
  PrintArguments print;
};

std::string terminal_of(const std::string& output) {
  const std::string extension = std::filesystem::path(output).extension();
  if (extension == ".svg") return "svg";
  if (extension == ".png") return "pngcairo";
  throw UnwritableOutput(output + ": cannot be written: a figure's name must end in .svg or .png");
}

/// Mean over the columns, and the standard error of each entry's mean; none for one column.
struct MeanAndError {
  Field mean, error;

  explicit MeanAndError(const Eigen::MatrixXd& values) : mean(values.rowwise().mean()) {
    const auto count = static_cast<double>(values.cols());
    if (values.cols() > 1)
      error =
          ((values.colwise() - mean).rowwise().squaredNorm() / (count - 1.0) / count).cwiseSqrt();
  }
};

std::vector<double> as_vector(const Field& field) { return {field.begin(), field.end()}; }

// Runs that localise at different places have a mean that is none of them: they are aligned with
// the first one where the mean has less than 0.8 of their mean power. Returns whether.
bool align_runs(const Torus& torus, Eigen::MatrixXd& fields) {
  const double mean_power = fields.colwise().squaredNorm().mean();
  if (fields.rowwise().mean().squaredNorm() >= 0.8 * mean_power) return false;
  FourierTransform fourier(torus);
  for (Eigen::Index r = 1; r < fields.cols(); ++r)
    fields.col(r) = align(fourier, fields.col(r), fields.col(0)).aligned;
  return true;
}

Panel panel_of(const Results& results, int neuron, const std::string& caption) {
  const auto runs = static_cast<Eigen::Index>(results.runs.size());
  const auto snapshots = static_cast<Eigen::Index>(results.time.size());
  Eigen::MatrixXd fields(results.torus.sites(), runs), iprs(snapshots, runs);
  for (Eigen::Index r = 0; r < runs; ++r) {
    const std::vector<Weights>& run = results.runs[static_cast<std::size_t>(r)];
    fields.col(r) = run.back().row(neuron).transpose();
    for (Eigen::Index n = 0; n < snapshots; ++n)
      iprs(n, r) =
          inverse_participation_ratio(run[static_cast<std::size_t>(n)].row(neuron).transpose());
  }
  const bool aligned = align_runs(results.torus, fields);
  const MeanAndError field(fields), ipr(iprs);
  return {caption,
          fmt::format("tau = {:.4g}{}{}", results.time.back(), aligned ? ", runs aligned" : "",
                      succeeded(results.stop_reason) ? "" : ", " + results.stop_reason),
          "u",
          results.torus,
          as_vector(field.mean),
          as_vector(field.error),
          results.time,
          as_vector(ipr.mean),
          as_vector(ipr.error)};
}

// The file's stem, or all of its name where another file has the same stem.
std::string caption_of(const std::string& file, const std::vector<std::string>& files) {
  const std::string stem = std::filesystem::path(file).stem();
  const auto same = std::count_if(files.begin(), files.end(), [&stem](const std::string& other) {
    return std::filesystem::path(other).stem() == stem;
  });
  return same == 1 ? stem : file;
}

std::vector<Panel> read_panels(const std::vector<std::string>& files) {
  std::vector<Panel> panels;
  for (const std::string& file : files) {
    const Results results = read_results(file);
    const std::string runs =
        results.runs.size() > 1 ? fmt::format(" ({} runs)", results.runs.size()) : "";
    for (int k = 0; k < results.neurons(); ++k) {
      const std::string neuron = results.neurons() > 1 ? fmt::format(", neuron {}", k) : "";
      const std::string caption = fmt::format("{}{}{}", caption_of(file, files), neuron, runs);
      panels.push_back(panel_of(results, k, caption));
    }
    if (panels.back().torus.dimensions() != panels.front().torus.dimensions())
      throw InvalidResults(fmt::format("{} and {}: lattices must have one dimension or all two",
                                       files.front(), file));
  }
  return panels;
}

// One panel for each factor, for at most as many as can be distinguished in one figure.
std::vector<Panel> factor_panels(const Decomposition& d) {
  constexpr Eigen::Index most = 12;
  std::vector<Panel> panels;
  for (Eigen::Index r = 0; r < std::min(most, d.factors.rows()); ++r) {
    const Field field =
        shifted(d.torus, d.factors.row(r).transpose(),
                d.tiled ? d.torus.site(d.torus.rows() / 2, d.torus.columns() / 2) : 0);
    panels.push_back({fmt::format("factor {}, lambda = {:.4g}", r, d.lambda[r]),
                      fmt::format("IPR {:.3f}", inverse_participation_ratio(field)),
                      "factor",
                      d.torus,
                      as_vector(field),
                      {},
                      {},
                      {},
                      {}});
  }
  return panels;
}

std::string script_of(const std::vector<std::string>& files, const std::vector<Panel>& panels,
                      const std::string& terminal, const std::string& output) {
  if (!holds_factors(files.front())) return figure_script(panels, terminal, output);
  const Decomposition d = read_decomposition(files.front());
  const bool drawable = std::all_of(d.rank_error.begin(), d.rank_error.end(),
                                    [](double e) { return e > 0.0 && std::isfinite(e); });
  return factor_figure_script(panels, {d.lambda.begin(), d.lambda.end()},
                              drawable ? d.rank_error : std::vector<double>{}, terminal, output);
}

std::vector<Panel> panels_of(const std::vector<std::string>& files) {
  const auto factors = std::find_if(files.begin(), files.end(), holds_factors);
  if (factors == files.end()) return read_panels(files);
  if (files.size() > 1) throw InvalidResults(*factors + ": holds factors: must be drawn alone");
  return factor_panels(read_decomposition(*factors));
}

// Draws what `script_to` makes of the name of a file: that of gnuplot's standard output, since
// gnuplot does not notice that a disk is full.
template <class ScriptTo>
void draw(const std::string& output, const ScriptTo& script_to) {
  catch_interrupts();  // or the temporary file would stay behind
  OutputFile figure(output);
  figure.write(run_gnuplot(script_to("/dev/stdout")));
  if (interrupted()) throw std::runtime_error("interrupted");
  figure.commit();
}

// Draws one sweep, or two: the second as dots on the first.
void draw_sweeps(const PlotArguments& arguments, const std::string& terminal) {
  const std::vector<std::string>& files = arguments.files;
  if (files.size() > 2) throw InvalidResults(files[2] + ": at most two sweeps make a figure");
  const NamedMap sweep{read_sweep_map(files.front()), files.front()};
  std::optional<NamedMap> dots;
  if (files.size() == 2) dots = {read_sweep_map(files.back()), files.back()};
  draw(arguments.output, [&](const std::string& file) {
    return map_figure_script(sweep, dots ? &*dots : nullptr, terminal, file);
  });
}

// A ladder is a figure by itself.
void draw_ladder_file(const PlotArguments& arguments) {
  const std::vector<std::string>& files = arguments.files;
  if (files.size() > 1)
    throw InvalidResults(files.front() + ": holds a ladder: must be drawn alone");
  draw_ladder(read_ladder(files.front()), arguments.output);
}

std::size_t draw_panels(const PlotArguments& arguments, const std::string& terminal) {
  const std::vector<Panel> panels = panels_of(arguments.files);
  draw(arguments.output,
       [&](const std::string& file) { return script_of(arguments.files, panels, terminal, file); });
  return panels.size();
}

int plot_verb(const PlotArguments& arguments) {
  const std::string terminal = terminal_of(arguments.output);
  std::size_t panels = 1;
  if (holds_sweep(arguments.files.front()))
    draw_sweeps(arguments, terminal);
  else if (holds_ladder(arguments.files.front()))
    draw_ladder_file(arguments);
  else
    panels = draw_panels(arguments, terminal);
  if (arguments.print.json)
    print_line(nlohmann::json{{"figure", arguments.output}, {"panels", panels}});
  if (arguments.print.human()) fmt::print("{}\n", printable(arguments.output));
  return 0;
}

}  // namespace

void check_figure(const std::string& output) { terminal_of(output); }

void draw_ladder(const Ladder& ladder, const std::string& output) {
  const std::string terminal = terminal_of(output);
  draw(output,
       [&](const std::string& file) { return ladder_figure_script(ladder, terminal, file); });
}

void add_plot(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<PlotArguments>();
  CLI::App& verb = *app.add_subcommand(
      "plot",
      "Draw receptive fields and their inverse participation ratio over time, the factors and\n"
      "weights of a decomposition, the map of a sweep, or the errors of a ladder (gnuplot)");
  verb.add_option("FILE", arguments->files, "Results files")->required()->type_name("FILE.nc");
  verb.add_option("-o,--output", arguments->output, "Figure")
      ->required()
      ->check(named)
      ->type_name("FIGURE.svg|.png");
  arguments->print.add_to(verb);
  verb.footer("Example: popflow plot flow.nc sgd.nc -o figure.svg");
  verb.callback(
      [arguments, &invocation] { invocation.run = [arguments] { return plot_verb(*arguments); }; });
}

}  // namespace popflow

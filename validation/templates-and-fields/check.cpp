// The link between receptive fields and the decomposition of the fourth cumulant [IG22], as numbers
// over gains and correlation lengths. The receptive field at the end of the quartic flow, and that
// of the erf neuron trained by SGD, are compared with the one template that best tiles the cumulant
// of class 0: their similarity (cosine, up to shift, sign and reflection), and the widths of all
// three.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/train.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/measure/matching.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/run/decompose.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

// A receptive field counts as localised above the IPR of a Gaussian vector, 3/N.
constexpr double localised = 0.03;
constexpr double least_similarity = 0.9;
constexpr double clear_gain = 3.0;

struct Shape {
  double ipr, width, similarity;
};

struct Row {
  double gain, length;
  Shape flow, sgd;
  double template_ipr, template_width;
  double random;  // similarity of random fields with the flow's power spectrum
};

Weights end_of_flow(const Experiment& experiment) {
  const QuarticFlow flow(experiment.task, single_neuron(experiment), experiment.network.loss);
  const auto run =
      integrate(flow, flow.state(initial_weights(experiment)), {0.0, flow_spec(experiment).t_end});
  return flow.weights(run.last);
}

Weights end_of_sgd(const Experiment& experiment) {
  Parameters parameters = initial_parameters(experiment);
  train({experiment.task, network_of(experiment), training_options(experiment)}, parameters,
        std::vector<double>{0.0, sgd_spec(experiment).t_end}, [](const Parameters&, double) {});
  return parameters.first();
}

double width_of(const Torus& torus, const Weights& u) {
  return width(torus, Field(u.row(0).transpose()))[1];
}

Shape shape_of(const FourierTransform& fourier, const Weights& u, const Weights& pattern) {
  return {inverse_participation_ratio(Field(u.row(0).transpose())), width_of(fourier.torus(), u),
          nearest(fourier, u, pattern, {.shift = true, .reflection = true}).mean_similarity};
}

Row measured(const std::string& file, double gain, double length) {
  std::vector<std::string> overrides{fmt::format("class.0.input.gain={}", gain),
                                     fmt::format("class.1.input.gain={}", gain),
                                     fmt::format("class.0.input.correlation_length={}", length)};
  const Experiment experiment = read_experiment(file, overrides);
  const Decomposition d = decompose(experiment, [](const std::string&) {});
  FourierTransform fourier(d.torus);
  const Weights of_flow = end_of_flow(experiment), of_sgd = end_of_sgd(experiment);
  return {gain,
          length,
          shape_of(fourier, of_flow, d.factors),
          shape_of(fourier, of_sgd, d.factors),
          inverse_participation_ratio(Field(d.factors.row(0).transpose())),
          width_of(d.torus, d.factors),
          random_baseline(fourier, of_flow, d.factors, {.shift = true, .reflection = true},
                          {.partners = Partners::shared, .trials = 200})
              .mean};
}

void print(const std::vector<Row>& rows) {
  fmt::print("{:>5} {:>4} | {:>9} {:>7} | {:>9} {:>7} {:>10} {:>8} | {:>9} {:>7} {:>10}\n", "gain",
             "xi", "template", "width", "flow IPR", "width", "similarity", "random", "SGD IPR",
             "width", "similarity");
  for (const Row& row : rows)
    fmt::print(
        "{:>5} {:>4} | {:>9.4f} {:>7.2f} | {:>9.4f} {:>7.2f} {:>10.4f} {:>8.4f} | {:>9.4f} "
        "{:>7.2f} {:>10.4f}\n",
        row.gain, row.length, row.template_ipr, row.template_width, row.flow.ipr, row.flow.width,
        row.flow.similarity, row.random, row.sgd.ipr, row.sgd.width, row.sgd.similarity);
}

// From clear_gain on every receptive field must be localised; below, the flow's count where they
// are (SGD's are still moving).
void check(Claim& claim, const Row& row) {
  const std::string at = fmt::format("gain {}, xi = {}: ", row.gain, row.length);
  const bool clear = row.gain >= clear_gain;
  if (clear)
    claim.require(
        row.flow.ipr > localised && row.sgd.ipr > localised,
        fmt::format("{}localised, IPR {:.4f} (flow), {:.4f} (SGD)", at, row.flow.ipr, row.sgd.ipr));
  if (clear || row.flow.ipr > localised)
    claim.require(row.flow.similarity >= least_similarity,
                  fmt::format("{}flow: similarity {:.4f}, required at least {}", at,
                              row.flow.similarity, least_similarity));
  if (clear)
    claim.require(row.sgd.similarity >= least_similarity,
                  fmt::format("{}SGD: similarity {:.4f}, required at least {}", at,
                              row.sgd.similarity, least_similarity));
  claim.require(row.flow.similarity > row.random + 0.1,
                fmt::format("{}flow: similarity {:.4f}, random fields {:.4f}, required 0.1 above",
                            at, row.flow.similarity, row.random));
}

void check_widths(Claim& claim, const Row& narrow, const Row& wide) {
  claim.require(wide.template_width > narrow.template_width &&
                    wide.flow.width > narrow.flow.width && wide.sgd.width > narrow.sgd.width,
                fmt::format("gain {}: widths grow from xi = {} to {}", wide.gain, narrow.length,
                            wide.length));
}

// Widths against the correlation length, and similarity against the gain.
void draw(Claim& claim, const std::vector<Row>& rows) {
  std::FILE* script = std::fopen("templates-and-fields.gp", "w");
  fmt::print(script,
             "set terminal svg size 1100,620 font 'sans,17' background '#FFFFFF'\n"
             "set output 'templates-and-fields.svg'\nset encoding utf8\nset border 3\n"
             "set tics nomirror out\nset grid linecolor '#DDDDDD'\n$widths << EOD\n");
  for (const Row& r : rows)
    if (r.gain == 3.0)
      fmt::print(script, "{} {} {} {}\n", r.length, r.template_width, r.flow.width, r.sgd.width);
  fmt::print(script, "EOD\n$similarities << EOD\n");
  for (const Row& r : rows)
    if (r.length == 8.0)
      fmt::print(script, "{} {} {} {}\n", r.gain, r.flow.similarity, r.sgd.similarity, r.random);
  fmt::print(
      script,
      "EOD\nset multiplot layout 1,2\nset bmargin 9\nset key bmargin center horizontal maxcols 1 "
      "Left reverse\n"
      "set title 'widths at gain 3'\nset xlabel 'correlation length (sites)'\n"
      "set ylabel 'width (sites)'\nset xrange [3:13]\nset yrange [0:*]\n"
      "plot $widths using 1:2 with linespoints linewidth 2.5 pointtype 7 linecolor "
      "'#0072B2' title 'template of the cumulant', '' using 1:3 with linespoints "
      "linewidth 2.5 pointtype 5 dashtype 2 linecolor '#D55E00' title 'quartic flow', '' using "
      "1:4 with linespoints linewidth 2.5 pointtype 9 dashtype 4 linecolor '#009E73' "
      "title 'erf neuron, SGD'\n"
      "set title 'similarity to the template, xi = 8'\nset xlabel 'gain'\n"
      "set ylabel 'cosine up to shift and sign'\nset logscale x\nset xrange [0.4:12]\n"
      "set xtics (0.5,1,2,3,5,10)\nset yrange [0:1.05]\n"
      "plot $similarities using 1:2 with linespoints linewidth 2.5 pointtype 5 dashtype 2 "
      "linecolor '#D55E00' title 'quartic flow', '' using 1:3 with linespoints "
      "linewidth 2.5 pointtype 9 dashtype 4 linecolor '#009E73' title 'erf neuron, SGD', '' using "
      "1:4 with linespoints linewidth 1.5 pointtype 1 dashtype 3 linecolor '#777777' "
      "title 'random, spectrum of the flow'\nunset multiplot\n");
  std::fclose(script);
  claim.require(std::system("gnuplot templates-and-fields.gp") == 0, "figure drawn");
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  const std::vector<double> gains =
      claim.smoke() ? std::vector{3.0} : std::vector{0.5, 1.0, 2.0, 3.0, 5.0, 10.0};
  const std::vector<double> lengths =
      claim.smoke() ? std::vector{4.0, 8.0} : std::vector{4.0, 6.0, 8.0, 10.0, 12.0};
  std::vector<Row> rows;
  for (const double gain : gains)
    for (const double length : lengths) rows.push_back(measured(claim.experiment(), gain, length));
  print(rows);
  for (const Row& row : rows) check(claim, row);
  for (std::size_t k = 1; k < rows.size(); ++k)
    if (rows[k].gain == rows[k - 1].gain && rows[k].gain >= clear_gain)
      check_widths(claim, rows[k - 1], rows[k]);
  draw(claim, rows);
  return claim.status();
}

#include "popflow/experiment/read.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include "popflow/experiment/flow_kinds.hpp"
#include "popflow/network/checks.hpp"

#include "experiment/data_files.hpp"
#include "experiment/read_input.hpp"
#include "experiment/section.hpp"
#include "experiment/toml.hpp"
#include "experiment/value.hpp"

namespace popflow {

namespace {

constexpr NumberRange positive_share{[](double x) { return x > 0.0 && x <= 1.0; },
                                     "must be a number above 0, at most 1"};
constexpr NumberRange not_negative{[](double x) { return x >= 0.0 && std::isfinite(x); },
                                   "must be a finite number of at least 0"};
constexpr NumberRange tolerance{[](double x) { return x > 0.0 && x < 1.0; },
                                "must be a number above 0, below 1"};
constexpr NumberRange truncation{[](double x) { return x >= 0.0 && x < 1.0; },
                                 "must be a number of at least 0, below 1"};
constexpr NumberRange duration{[](double x) { return x >= 1e-9 && x <= 1e9; },
                               "must be a number from 1e-9 to 1e9"};
// With the longest duration, the number of steps still fits 64 bits.
constexpr NumberRange rate{[](double x) { return x >= 1e-9 && x <= 1e9; },
                           "must be a number from 1e-9 to 1e9"};

constexpr IntegerRange snapshot_range{2, 1'000'000};
// Largest number of sites of the inputs of all classes together. Each site takes some 40 bytes.
constexpr std::size_t most_input_sites = std::size_t{1} << 25;
constexpr std::int64_t most_weights = std::int64_t{1} << 28;  // 2 GiB of them
constexpr double probability_rounding = 1e-9;

Torus read_lattice(const Section& section) {
  section.allow({"shape"});
  const std::string allowed = fmt::format(
      "must be a list of 1 or 2 integers, each at least 2, with at most {} sites in all",
      most_lattice_sites);
  const auto extents = section.integers("shape", {2, most_lattice_sites}, allowed);
  if (extents.empty() || extents.size() > 2) throw section.error("shape", allowed);
  if (extents.front() * (extents.size() == 2 ? extents.back() : 1) > most_lattice_sites)
    throw section.error("shape", allowed);
  return Torus({extents.begin(), extents.end()});
}

void read_probabilities(const std::vector<Section>& sections, Task& task) {
  const bool given = sections.front().has("probability");
  double total = 0.0;
  for (std::size_t c = 0; c < task.size(); ++c) {
    if (sections[c].has("probability") != given)
      throw sections[c].error("probability", "must be given for all classes or for none");
    task[c].probability = given ? sections[c].number("probability", positive_share)
                                : 1.0 / static_cast<double>(task.size());
    total += task[c].probability;
  }
  if (std::abs(total - 1.0) > probability_rounding)
    throw sections.back().error(
        "probability",
        fmt::format("the probabilities of all classes must sum to 1, not {}", total));
}

Task read_task(const std::vector<Section>& sections, const Torus& torus,
               const std::filesystem::path& folder, const std::function<bool()>& interrupted) {
  const std::size_t most_classes = most_input_sites / static_cast<std::size_t>(torus.sites());
  if (sections.size() > most_classes)
    throw sections[most_classes].error(
        "input", fmt::format("on this lattice at most {} classes are allowed", most_classes));
  Task task;
  for (const Section& section : sections) {
    section.allow({"label", "probability", "input"});
    task.push_back({section.number("label", finite), 0.0,
                    read_input(section.section("input"), torus, folder, interrupted)});
  }
  read_probabilities(sections, task);
  return task;
}

Activation read_activation(const Section& section) {
  const std::string name = section.word(
      "activation",
      {"erf", "tanh", "logistic", "relu", "linear", "cubic", "erf-series", "polynomial"}, "erf");
  if (name == "polynomial") {
    Polynomial polynomial{section.numbers("coefficients", finite)};
    try {
      check_activation(polynomial);
    } catch (const std::invalid_argument& refused) {
      throw section.error("coefficients", allowed_by(refused));
    }
    return polynomial;
  }
  if (section.has("coefficients"))
    throw section.error("coefficients", "allowed only with activation = \"polynomial\"");
  if (name == "tanh") return Tanh{};
  if (name == "logistic") return Logistic{};
  if (name == "relu") return Relu{};
  if (name == "linear") return linear();
  if (name == "cubic") return cubic();
  if (name == "erf-series") return erf_series();
  return Erf{};
}

// One number for all neurons, or one each; `halves`: or, for an even number of neurons, one for
// each half.
std::vector<double> read_per_neuron(const Section& section, std::string_view key, int hidden,
                                    double fallback, bool halves) {
  std::vector<double> given = section.numbers(key, finite, fallback);
  const auto K = static_cast<std::size_t>(hidden);
  halves = halves && K % 2 == 0;
  if (given.size() == K) return given;
  if (given.size() != 1 && !(halves && given.size() == 2))
    throw section.error(key, fmt::format("must be a number or a list of 1{} or {} numbers, as many "
                                         "as network.hidden",
                                         halves && K != 2 ? ", 2 (one for each half)" : "", K));
  std::vector<double> values(K, given.front());
  std::fill(values.begin() + hidden / 2, values.end(), given.back());
  return values;
}

std::vector<double> read_second_layer(const Section& section, int hidden, std::uint64_t seed) {
  if (!section.has_word("second_layer"))
    return read_per_neuron(section, "second_layer", hidden, 1.0, false);
  const std::string word = section.word("second_layer", {"1/K", "1/sqrt(K)", "random"});
  std::vector<double> values(static_cast<std::size_t>(hidden),
                             word == "1/K" ? 1.0 / hidden : 1.0 / std::sqrt(hidden));
  if (word != "random") return values;
  // Neuron k's first-layer weights are stream k.
  RandomStream(seed, Purpose::initial_weights, static_cast<std::uint64_t>(hidden))
      .fill_normal(Eigen::Map<Eigen::VectorXd>(values.data(), hidden));
  for (double& value : values) value /= std::sqrt(hidden);
  return values;
}

std::optional<Convolution> read_convolution(const Section& section, const Torus& torus) {
  if (!section.has("kernel")) {
    if (section.has("pooling")) throw section.error("pooling", "allowed only with a kernel");
    return {};
  }
  const std::string allowed = fmt::format(
      "must be a list of {} integers, from 1 to the lattice's extents", torus.dimensions());
  const auto kernel = section.integers("kernel", {1, most_lattice_sites}, allowed);
  Convolution convolution{{kernel.begin(), kernel.end()}};
  if (section.word("pooling", {"average", "maximum"}, "average") == "maximum")
    convolution.pooling = Pooling::maximum;
  try {
    receptive_sites(torus, Network{.convolution = convolution});
  } catch (const std::invalid_argument&) {
    throw section.error("kernel", allowed);
  }
  return convolution;
}

// Weights are made for every neuron at every site that it sees.
void check_weights(const Section& section, const Torus& torus, const NetworkSpec& network) {
  const Eigen::Index most =
      most_weights / receptive_sites(torus, Network{.convolution = network.convolution});
  if (network.hidden > most)
    throw section.error("hidden", fmt::format("must be at most {} with so many sites each", most));
}

NetworkSpec read_network(const Section& section, const Torus& torus, std::uint64_t seed) {
  section.allow({"hidden", "activation", "coefficients", "loss", "kernel", "pooling", "bias",
                 "second_layer", "initial_scale", "bias_rate", "second_layer_rate", "l1", "l2"});
  NetworkSpec network;
  network.hidden = static_cast<int>(section.integer("hidden", {1, 100'000}, network.hidden));
  network.activation = read_activation(section);
  const std::string loss = section.word("loss", {"squared", "correlation", "logistic"}, "squared");
  if (loss == "correlation") network.loss = Loss::correlation;
  if (loss == "logistic") network.loss = Loss::logistic;
  network.convolution = read_convolution(section, torus);
  check_weights(section, torus, network);
  network.bias = read_per_neuron(section, "bias", network.hidden, 0.0, true);
  network.second_layer = read_second_layer(section, network.hidden, seed);
  network.initial_scale = section.number("initial_scale", positive, network.initial_scale);
  network.learning = {section.number("bias_rate", not_negative, 0.0),
                      section.number("second_layer_rate", not_negative, 0.0),
                      section.number("l1", not_negative, 0.0),
                      section.number("l2", not_negative, 0.0)};
  return network;
}

void check_labels_of(const std::vector<Section>& sections, const Task& task, Loss loss) {
  for (std::size_t c = 0; c < task.size(); ++c) try {
      check_label(loss, task[c].label);
    } catch (const std::invalid_argument& refused) {
      throw sections[c].error("label", allowed_by(refused));
    }
}

// The first time after 0 of snapshots in equal ratios, or 0.
double read_first_time(const Section& section, double t_end, int snapshots) {
  if (!section.has("t_first")) return 0.0;
  const double t_first = section.number("t_first", duration);
  if (t_first >= t_end) throw section.error("t_first", "must be below t_end");
  if (snapshots < 3) throw section.error("t_first", "allowed only with at least 3 snapshots");
  return t_first;
}

// The keys of all kinds of flow.
std::vector<std::string_view> flow_keys() {
  std::vector<std::string_view> keys{"kind", "t_end", "snapshots", "t_first"};
  for (const FlowKind& kind : flow_kinds())
    for (const std::string_view key : kind.keys)
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  return keys;
}

std::vector<std::string_view> flow_names() {
  std::vector<std::string_view> names;
  for (const FlowKind& kind : flow_kinds()) names.push_back(kind.name);
  return names;
}

void read_error_control(const Section& section, FlowSpec& flow) {
  if (section.has("relative_tolerance"))
    flow.relative_tolerance = section.number("relative_tolerance", tolerance);
  if (section.has("absolute_tolerance"))
    flow.absolute_tolerance = section.number("absolute_tolerance", tolerance);
  flow.stationary_rate = section.number("stationary_rate", not_negative, flow.stationary_rate);
  flow.step_limit =
      static_cast<int>(section.integer("step_limit", {1, 1'000'000'000}, flow.step_limit));
}

void read_cumulants(const Section& section, FlowSpec& flow) {
  flow.truncation = section.number("truncation", truncation, flow.truncation);
  flow.cumulant = section.word("cumulant", {"exact", "tiled"}, flow.cumulant);
  flow.rank = static_cast<int>(section.integer("rank", {1, 64}, flow.rank));
}

void read_orbit(const Section& section, FlowSpec& flow) {
  flow.samples = static_cast<int>(section.integer("samples", {1, 100'000'000}, flow.samples));
  flow.step = section.number("step", positive, flow.step);
  flow.runs = static_cast<int>(section.integer("runs", {1, 1'000'000}, flow.runs));
}

// Keys of other kinds are read and checked too, so that one file serves every kind.
FlowSpec read_flow(const Section& section) {
  section.allow(flow_keys());
  FlowSpec flow;
  flow.kind = section.word("kind", flow_names(), flow.kind);
  read_error_control(section, flow);
  read_cumulants(section, flow);
  flow.latents = static_cast<int>(section.integer("latents", {1, 4}, flow.latents));
  read_orbit(section, flow);
  flow.t_end = section.number("t_end", duration);
  flow.snapshots = static_cast<int>(section.integer("snapshots", snapshot_range, flow.snapshots));
  flow.t_first = read_first_time(section, flow.t_end, flow.snapshots);
  return flow;
}

SgdSpec read_sgd(const Section& section) {
  section.allow({"learning_rate", "batch", "samples", "shuffle", "t_end", "snapshots", "t_first",
                 "gradient", "runs", "precision", "test_samples"});
  SgdSpec sgd;
  sgd.batch = static_cast<int>(section.integer("batch", {1, 100'000'000}, sgd.batch));
  sgd.samples = section.integer("samples", {0, 4'000'000'000}, sgd.samples);
  sgd.shuffle = section.flag("shuffle", sgd.shuffle);
  sgd.t_end = section.number("t_end", duration);
  sgd.snapshots = static_cast<int>(section.integer("snapshots", snapshot_range, sgd.snapshots));
  sgd.t_first = read_first_time(section, sgd.t_end, sgd.snapshots);
  const std::vector<double> times = snapshot_times(sgd);
  sgd.learning_rate =
      section.number("learning_rate", rate, std::min(sgd.learning_rate, shortest_interval(times)));
  if (sgd.learning_rate > largest_learning_rate(times))
    throw section.error(
        "learning_rate",
        fmt::format("must be at most {:.9g}, the shortest time between two snapshots",
                    shortest_interval(times)));
  sgd.gradient = section.word("gradient", {"network", "quartic"}, "network") == "network"
                     ? SampleGradient::network
                     : SampleGradient::quartic;
  sgd.runs = static_cast<int>(section.integer("runs", {1, 1'000'000}, sgd.runs));
  if (section.word("precision", {"double", "single"}, "double") == "single")
    sgd.precision = Precision::single_precision;
  sgd.test_samples =
      static_cast<int>(section.integer("test_samples", {0, 100'000'000}, sgd.test_samples));
  return sgd;
}

FixedPointSpec read_fixed_point(const Section& section) {
  section.allow({"tolerance", "stable", "first_step", "null_rate", "step_limit"});
  FixedPointSpec spec;
  if (section.has("tolerance")) spec.tolerance = section.number("tolerance", positive);
  spec.stable = section.flag("stable", spec.stable);
  spec.first_step = section.number("first_step", positive, spec.first_step);
  spec.null_rate = section.number("null_rate", positive, spec.null_rate);
  spec.step_limit =
      static_cast<int>(section.integer("step_limit", {1, 1'000'000}, spec.step_limit));
  return spec;
}

std::vector<double> read_classes(const Section& section, std::size_t classes) {
  std::vector<double> weights(classes, 0.0);
  if (section.has_list("class")) {
    weights = section.numbers("class", finite);
    const bool all_zero =
        std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0.0; });
    if (weights.size() != classes || all_zero)
      throw section.error("class",
                          fmt::format("must have {} weights, one a class, not all 0", classes));
    return weights;
  }
  const auto last = static_cast<std::int64_t>(classes) - 1;
  weights[static_cast<std::size_t>(section.integer("class", {0, last}, 0))] = 1.0;
  return weights;
}

// Method "samples" has no closed form to fall back on.
std::int64_t read_decomposed_samples(const Section& section, const std::string& method) {
  constexpr std::int64_t least_streamed = 1000, usually_streamed = 100'000;
  const std::int64_t samples = section.integer("samples", {0, 1'000'000'000}, 0);
  if (samples == 1) throw section.error("samples", "must be 0, or at least 2");
  if (samples > 0 && method == "subspace")
    throw section.error("samples", "must be 0 with method = \"subspace\"");
  if (method != "samples") return samples;
  if (samples > 0 && samples < least_streamed)
    throw section.error("samples", fmt::format("must be 0 ({} of them) or at least {} with method "
                                               "= \"samples\"",
                                               usually_streamed, least_streamed));
  return samples == 0 ? usually_streamed : samples;
}

// Keys of other methods are read like its own.
DecomposeSpec read_decompose(const Section& section, std::size_t classes) {
  section.allow({"class", "method", "rank", "starts", "samples", "entries", "symmetric_templates"});
  DecomposeSpec spec;
  spec.classes = read_classes(section, classes);
  spec.method =
      section.word("method", {"tiled", "symmetric", "power", "subspace", "samples"}, spec.method);
  spec.rank = static_cast<int>(section.integer("rank", {1, 1000}, spec.rank));
  spec.starts = static_cast<int>(section.integer("starts", {2, 10'000}, spec.starts));
  spec.samples = read_decomposed_samples(section, spec.method);
  spec.entries = section.integer("entries", {0, 100'000'000}, 0);
  if (section.has("symmetric_templates"))
    spec.symmetric_templates = section.flag("symmetric_templates");

  if (spec.entries == 1) throw section.error("entries", "must be 0, or at least 2");
  const auto zeros = std::count(spec.classes.begin(), spec.classes.end(), 0.0),
             ones = std::count(spec.classes.begin(), spec.classes.end(), 1.0);
  if (spec.samples > 0 && (ones != 1 || zeros + 1 != static_cast<std::ptrdiff_t>(classes)))
    throw section.error("class", "must be a single class where samples are used");
  if (spec.method == "tiled" && spec.entries > 0 && spec.samples > 0)
    throw section.error("entries", "must be 0 where samples are used");
  return spec;
}

}  // namespace

ExperimentSource source_of(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  return {file, read_text(file), std::filesystem::absolute(folder.empty() ? "." : folder).string()};
}

Experiment read_experiment(const std::string& file, const std::vector<std::string>& overrides,
                           const std::function<bool()>& interrupted) {
  return read_experiment(source_of(file), overrides, interrupted);
}

Experiment read_experiment(const ExperimentSource& source,
                           const std::vector<std::string>& overrides,
                           const std::function<bool()>& interrupted) {
  Experiment experiment;
  experiment.file = source.file;
  experiment.text = source.text;
  experiment.folder = source.folder;
  experiment.overrides = overrides;

  Value document = parse_document(source.file, source.text);
  for (const std::string& assignment : overrides) apply_override(document, source.file, assignment);
  experiment.origins = origins(document);

  const Section root(document, "");
  if (root.has("experiment") && (root.has("axis") || root.has("point")))
    throw root.error("experiment", "this is a sweep (popflow sweep): must be an experiment");
  root.allow({"seed", "lattice", "class", "network", "flow", "sgd", "decompose", "fixed_point"});
  experiment.seed = static_cast<std::uint64_t>(root.integer("seed", {0}, 1));
  const Torus torus = read_lattice(root.section("lattice"));
  const std::vector<Section> classes = root.sections("class");
  experiment.data = checked_data(data_file_names(document), source);
  experiment.task = read_task(classes, torus, source.folder, interrupted);
  if (root.has("network"))
    experiment.network = read_network(root.section("network"), torus, experiment.seed);
  check_labels_of(classes, experiment.task, experiment.network.loss);
  if (root.has("flow")) experiment.flow = read_flow(root.section("flow"));
  if (root.has("sgd")) experiment.sgd = read_sgd(root.section("sgd"));
  if (root.has("decompose"))
    experiment.decompose = read_decompose(root.section("decompose"), experiment.task.size());
  if (root.has("fixed_point"))
    experiment.fixed_point = read_fixed_point(root.section("fixed_point"));
  return experiment;
}

}  // namespace popflow

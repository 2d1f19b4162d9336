#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "popflow/dynamics/integration_options.hpp"
#include "popflow/dynamics/train.hpp"
#include "popflow/experiment/printable.hpp"
#include "popflow/experiment/source.hpp"
#include "popflow/input/task.hpp"
#include "popflow/network/network.hpp"
#include "popflow/network/neuron.hpp"

namespace popflow {

/// A bad experiment file. The message is one line: file and line (or the override), key and value,
/// and what is allowed.
struct InvalidExperiment : std::runtime_error {
  explicit InvalidExperiment(const std::string& message) : std::runtime_error(printable(message)) {}
};

/// Section [network]: K hidden neurons, or channels of a convolution. `bias` and `second_layer` are
/// the values at tau = 0, K entries each.
struct NetworkSpec {
  int hidden = 1;
  Activation activation = Erf{};
  Loss loss = Loss::squared;
  std::optional<Convolution> convolution = {};
  std::vector<double> bias = {0.0};
  std::vector<double> second_layer = {1.0};
  double initial_scale = 0.1;  ///< u ~ N(0, initial_scale^2 / M) at tau = 0
  Learning learning = {};
};

/// Section [flow].
struct FlowSpec {
  /// The name of one of flow_kinds(). Each kind reads some of the members below (FlowKind::keys).
  std::string kind = "quartic";
  double t_end = 0.0;   ///< in tau
  int snapshots = 101;  ///< at snapshot_times
  double t_first = 0.0;
  std::optional<double> relative_tolerance;  ///< by default that of FlowKind::tolerances
  std::optional<double> absolute_tolerance;  ///< the same
  /// The flow stops once |du/dtau| (Euclidean, over all parameters that learn) is at most this; 0
  /// means never.
  double stationary_rate = 0.0;
  int step_limit = 1'000'000;
  // For kinds that take the inputs' fourth cumulants.
  double truncation = 1e-9;  ///< relative error allowed in band-limiting the fourth cumulant
  /// Form of the fourth cumulants: "exact" (in Fourier space, at most 512 sites), or "tiled" (CP,
  /// fitted by `rank` templates a class, also on lattices too large for a table).
  std::string cumulant = "exact";
  int rank = 4;
  int latents = 3;  ///< of kind "latent": directions of the latent field, as in LatentOptions
  // For kind "orbit".
  int samples = 4000;  ///< in every evaluation of the gradient
  double step = 0.1;   ///< of the integration, at most
  int runs = 4;        ///< with other samples, for standard errors
};

/// Section [sgd].
struct SgdSpec {
  /// Advance of tau in one step. The last step before a snapshot is shortened to meet it. At most
  /// the shortest time between two snapshots.
  double learning_rate = 0.05;
  int batch = 1000;
  std::int64_t samples = 0;  ///< P of a finite sample, taken in epochs; 0: fresh ones every step
  bool shuffle = true;       ///< the finite sample, anew every epoch
  double t_end = 0.0;        ///< in tau
  int snapshots = 101;       ///< at snapshot_times
  double t_first = 0.0;
  SampleGradient gradient = SampleGradient::network;
  int runs = 1;  ///< from the same initial weights, with other samples
  Precision precision = Precision::double_precision;
  int test_samples = 10'000;  ///< fresh ones for losses and the like; 0: none of these
};

/// Section [decompose]: which fourth cumulant is decomposed, and how.
struct DecomposeSpec {
  std::vector<double> classes;   ///< weight of every class's cumulant: (1, 0, ...) by default
  std::string method = "tiled";  ///< "tiled", "symmetric", "power", "subspace" or "samples"
  int rank = 1;                  ///< R; for "power" the number of eigenvectors kept, at most
  int starts = 6;                ///< random starts
  std::int64_t samples = 0;      ///< estimate the cumulant from so many samples; 0: closed form
  std::int64_t entries = 0;      ///< "tiled": fit so many sampled entries; 0: the whole table, and
                                 ///< 30000 entries on lattices too large for one
  /// "tiled": templates have the symmetries of the law. By default only if they are fitted to
  /// entries.
  std::optional<bool> symmetric_templates;
};

/// Section [fixed_point]: how a fixed point of the flow is searched (FixedPointOptions).
struct FixedPointSpec {
  std::optional<double> tolerance;  ///< by default Tolerances::residual of the kind of flow
  bool stable = true;
  double first_step = 1.0;
  double null_rate = 1e-8;
  int step_limit = 500;
};

/// An experiment, ready to run. Theory and simulation of one file share everything except their own
/// section.
struct Experiment {
  std::uint64_t seed = 1;
  Task task;
  NetworkSpec network;
  std::optional<FlowSpec> flow;  ///< where the file has the section, as has sgd
  std::optional<SgdSpec> sgd;
  std::optional<DecomposeSpec> decompose;
  FixedPointSpec fixed_point = {};  ///< its defaults where the file has no such section

  std::string file;                    ///< as it was named
  std::string text;                    ///< the file as it stands, before overrides
  std::string folder;                  ///< of the file; absolute
  std::string data;                    ///< the data files that it read, as in ExperimentFiles
  std::vector<std::string> overrides;  ///< KEY=VALUE
  /// For the full name of each key ("network.hidden"), where it was set and to which value, as
  /// messages show it.
  std::map<std::string, std::string> origins;

  const Torus& torus() const { return lattice_of(task); }
};

/// The overrides, one in each line, as results files have them.
std::string joined_overrides(const Experiment& experiment);

/// Paths of the files from which the experiment was read: its own file, and its data files.
std::vector<std::string> files_read(const Experiment& experiment);

/// The parts of results that name the experiment's files.
ExperimentFiles files_of(const Experiment& experiment);

/// The error that the value of `key` is not what is `allowed`, for checks that are made after
/// reading.
InvalidExperiment invalid(const Experiment& experiment, const std::string& key,
                          const std::string& allowed);

/// The experiment's only neuron, for the quartic expansion. Throws InvalidExperiment if there are
/// several neurons, or if the network's loss cannot be expanded.
Neuron single_neuron(const Experiment& experiment);

Network network_of(const Experiment& experiment);

/// Sections that a run needs. They throw InvalidExperiment if the file has no such section, since
/// its t_end has no default.
const FlowSpec& flow_spec(const Experiment& experiment);
const SgdSpec& sgd_spec(const Experiment& experiment);

/// Section [decompose], or if there is none, its defaults: class 0, one template.
DecomposeSpec decompose_spec(const Experiment& experiment);

/// The weights at tau = 0, K x M: independent entries N(0, initial_scale^2 / M), where M is N or
/// the number of the kernel's sites. The flow and every run of SGD start from the same weights.
/// The weights of neuron k are drawn from RandomStream(seed, initial_weights, k).
Weights initial_weights(const Experiment& experiment);

/// The initial weights, and the biases and second layer at tau = 0.
Parameters initial_parameters(const Experiment& experiment);

/// Times of the snapshots: evenly spaced from 0 to t_end, both included. If t_first > 0: 0, and
/// then times in equal ratios from t_first to t_end.
std::vector<double> snapshot_times(const FlowSpec& spec);
std::vector<double> snapshot_times(const SgdSpec& spec);

/// The options of an integration with error control: the tolerances of section [flow], or else
/// those of the kind of flow, and limits.
IntegrationOptions integration_options(const FlowSpec& spec);

/// The options of a training run, from section [sgd] and the learning rates of [network].
TrainingOptions training_options(const Experiment& experiment);

}  // namespace popflow

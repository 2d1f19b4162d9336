#pragma once

#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "good_experiment.hpp"

/// One way to break the good experiment, and what the message must say.
struct BrokenExperiment {
  std::string from, to;                ///< the first `from` becomes `to`
  std::vector<std::string> overrides;  ///< KEY=VALUE
  int line;                            ///< that the message names; 0: the last override instead
  std::vector<std::string> words;      ///< that the message holds

  std::string text() const {
    const std::string good = good_experiment;
    const std::size_t position = good.find(from);
    if (position == std::string::npos)
      throw std::logic_error(fmt::format("no \"{}\" to break", from));
    return good.substr(0, position) + to + good.substr(position + from.size());
  }

  /// How the message begins.
  std::string origin(const std::string& file) const {
    if (line > 0) return fmt::format("{}:{}: ", file, line);
    // A line break of an override is shown.
    std::string shown = overrides.back();
    if (const std::size_t at = shown.find('\n'); at != std::string::npos)
      shown.replace(at, 1, "\\x0a");
    return fmt::format("{}: --set {}: ", file, shown);
  }
};

inline std::ostream& operator<<(std::ostream& out, const BrokenExperiment& broken) {
  if (!broken.from.empty()) out << '"' << broken.from << "\" -> \"" << broken.to << '"';
  for (const std::string& assignment : broken.overrides) out << " --set " << assignment;
  return out;
}

/// The override that makes the first input another model, of these keys.
inline std::string first_input(const std::string& model, const std::string& keys) {
  return fmt::format("class.0.input={{model=\"{}\"{}{}}}", model, keys.empty() ? "" : ", ", keys);
}

inline std::string elliptical(const std::string& keys) {
  return first_input("elliptical", "correlation_length=2" + (keys.empty() ? "" : ", " + keys));
}

inline std::string copula(const std::string& keys) {
  return first_input("copula", "correlation_length=2" + (keys.empty() ? "" : ", " + keys));
}

/// Experiments that no verb takes.
inline const std::vector<BrokenExperiment> broken_experiments{
    // Not TOML.
    {"seed = 7", "seed = = 7", {}, 1, {"not TOML"}},
    {"seed = 7", "seed = 7\nseed = 8", {}, 2, {"not TOML", "seed"}},
    {"[lattice]", "[lattice", {}, 3, {"not TOML"}},
    {"[lattice]", "[=]", {}, 3, {"not TOML"}},
    {"\"erf\"", "\"erf", {}, 18, {"not TOML"}},
    {"seed = 7", "seed = 7", {"seed=1\n2"}, 0, {"must be in one line"}},
    // Unknown and missing.
    {"seed = 7",
     "sed = 7",
     {},
     1,
     {"sed: unknown key", "seed, lattice, class, network, flow, sgd, decompose"}},
    {"[flow]", "[flwo]", {}, 24, {"flwo: unknown key", "flow"}},
    {"bias =",
     "bais =",
     {},
     20,
     {"network.bais: unknown key (did you mean bias?); allowed", "bias, second_layer"}},
    {"gain =", "gian =", {}, 9, {"class.0.input.gian: unknown key", "gain"}},
    {"label = -1", "label = -1\nweight = 2", {}, 13, {"class.1.weight: unknown key", "label"}},
    {"snapshots = 3", "steps = 3", {}, 27, {"flow.steps: unknown key", "snapshots"}},
    {"batch = 10", "batchsize = 10", {}, 31, {"sgd.batchsize: unknown key", "batch"}},
    {"shape = [12]", "", {}, 3, {"lattice.shape is missing", "1 or 2 integers"}},
    {"label = 1", "", {}, 6, {"class.0.label is missing", "finite number"}},
    {"gain = 3.0, ", "", {}, 9, {"class.0.input.gain is missing", "positive", "inf"}},
    {"model = \"nlgp\", ", "", {}, 9, {"class.0.input.model is missing", "\"gp-clone\""}},
    {"t_end = 1.0", "", {}, 24, {"flow.t_end is missing", "from 1e-9 to 1e9"}},
    // Wrong types.
    {"seed = 7", "seed = 1.5", {}, 1, {"seed = 1.5", "integer from 0 to 9223372036854775807"}},
    {"[12]", "12", {}, 4, {"lattice.shape = 12", "list of 1 or 2 integers"}},
    {"[12]", "[12.0]", {}, 4, {"lattice.shape = [ 12.0 ]", "integers"}},
    {"label = 1", "label = \"plus\"", {}, 7, {"class.0.label = \"plus\"", "finite number"}},
    {"bias = [-1.0]", "bias = true", {}, 20, {"network.bias = true", "number"}},
    {"bias = [-1.0]", "bias = [[1]]", {}, 20, {"network.bias.0 = [ 1 ]", "number"}},
    {"activation = \"erf\"", "activation = 3", {}, 18, {"network.activation = 3", "\"tanh\""}},
    {"t_end = 1.0", "t_end = 2024-01-01", {}, 26, {"flow.t_end = 2024-01-01", "number"}},
    {"snapshots = 3", "snapshots = 3.0", {}, 27, {"flow.snapshots = 3.0", "integer from 2 to"}},
    {"[lattice]", "[[lattice]]", {}, 3, {"lattice = ", "section"}},
    // Out of range.
    {"seed = 7", "seed = -1", {}, 1, {"seed = -1", "integer from 0 to 9223372036854775807"}},
    {"[12]", "[0]", {}, 4, {"lattice.shape = [ 0 ]", "at least 2"}},
    {"[12]", "[-12]", {}, 4, {"lattice.shape = [ -12 ]", "at least 2"}},
    {"[12]", "[]", {}, 4, {"lattice.shape = []", "1 or 2 integers"}},
    {"[12]", "[3, 3, 3]", {}, 4, {"lattice.shape = [ 3, 3, 3 ]", "1 or 2 integers"}},
    {"[12]", "[100000, 100000]", {}, 4, {"lattice.shape", "at most 16777216 sites"}},
    {"label = 1", "label = nan", {}, 7, {"class.0.label = nan", "finite number"}},
    {"label = -1", "label = inf", {}, 12, {"class.1.label = inf", "finite number"}},
    {"= 0.5", "= 0.6", {}, 13, {"class.1.probability = 0.5", "sum to 1, not 1.1"}},
    {"= 0.5", "= 0.0", {}, 8, {"class.0.probability = 0.0", "above 0, at most 1"}},
    {"probability = 0.5", "", {}, 13, {"class.1.probability = 0.5", "all classes or for none"}},
    {"gain = 3.0", "gain = 0", {}, 9, {"class.0.input.gain = 0", "positive", "inf"}},
    {"gain = 3.0", "gain = -1", {}, 9, {"class.0.input.gain = -1", "positive", "inf"}},
    {"gain = 3.0", "gain = nan", {}, 9, {"class.0.input.gain = nan", "positive", "inf"}},
    {"probability = 0.5", "probability = 1.4", {}, 8, {"class.0.probability = 1.4: must"}},
    {"length = 2.0", "length = 0.0", {}, 9, {"class.0.input.correlation_length = 0.0", "positive"}},
    {"length = 2.0", "length = inf", {}, 9, {"class.0.input.correlation_length = inf", "finite"}},
    {"length = 1.0", "length = 4.0", {}, 14, {"class.1.input.correlation_length = 4.0", "nearest"}},
    {"\"nearest\"", "\"open\"", {}, 14, {"class.1.input.wrapping = \"open\"", "\"periodised\""}},
    {"\"nlgp\"", "\"nlpg\"", {}, 9, {"class.0.input.model = \"nlpg\"", "\"nlgp\""}},
    {"\"nlgp\"", "\"gp\"", {}, 9, {"class.0.input.gain: unknown key", "correlation_length"}},
    {"hidden = 1", "\"hid\\n\\u0001\" = 1", {}, 17, {"network.hid\\x0a\\x01: unknown key"}},
    {"hidden = 1", "hidden = 0", {}, 17, {"network.hidden = 0", "integer from 1 to"}},
    {"\"erf\"", "\"softplus\"", {}, 18, {"network.activation = \"softplus\"", "\"logistic\""}},
    {"\"erf\"", "\"polynomial\"", {}, 16, {"network.coefficients is missing", "finite"}},
    {"\"erf\"", "\"erf\"\ncoefficients = [1]", {}, 19, {"network.coefficients", "\"polynomial\""}},
    {"\"squared\"", "\"hinge\"", {}, 19, {"network.loss = \"hinge\"", "\"correlation\""}},
    {"[-1.0]", "[-1.0, 1.0]", {}, 20, {"network.bias = [ -1.0, 1.0 ]", "list of 1 or 1 numbers"}},
    {"[-1.0]", "[nan]", {}, 20, {"network.bias.0 = nan", "finite number"}},
    {"second_layer = 1.0", "second_layer = []", {}, 21, {"network.second_layer = []", "number"}},
    {"scale = 0.1", "scale = 0", {}, 22, {"network.initial_scale = 0", "positive"}},
    {"\"quartic\"", "\"octic\"", {}, 25, {"flow.kind = \"octic\"", "\"quartic\""}},
    {"t_end = 1.0", "t_end = -1.0", {}, 26, {"flow.t_end = -1.0", "from 1e-9 to 1e9"}},
    {"t_end = 1.0", "t_end = inf", {}, 26, {"flow.t_end = inf", "from 1e-9 to 1e9"}},
    {"t_end = 1.0", "t_end = 1e-12", {}, 26, {"flow.t_end", "from 1e-9 to 1e9"}},
    {"snapshots = 3", "snapshots = 1", {}, 27, {"flow.snapshots = 1", "integer from 2 to"}},
    {"rate = 0.05", "rate = 0.0", {}, 30, {"sgd.learning_rate = 0.0", "from 1e-9 to 1e9"}},
    {"rate = 0.05",
     "rate = 0.75",
     {},
     30,
     {"sgd.learning_rate = 0.75", "at most 0.5, the shortest"}},
    {"batch = 10", "batch = 0", {}, 31, {"sgd.batch = 0", "integer from 1 to"}},
    {"\"network\"", "\"octic\"", {}, 34, {"sgd.gradient = \"octic\"", "\"quartic\""}},
    {"runs = 1", "runs = 0", {}, 35, {"sgd.runs = 0", "integer from 1 to"}},
    {"\"double\"", "\"half\"", {}, 36, {"sgd.precision = \"half\"", "\"double\""}},
    // Overrides.
    {"", "", {"network.bias"}, 0, {"must have the form KEY=VALUE"}},
    {"", "", {"=3"}, 0, {"must have the form KEY=VALUE"}},
    {"", "", {"network.bias=left"}, 0, {"number"}},
    {"", "", {"network.bais=1"}, 0, {"network.bais: unknown key", "bias"}},
    {"", "", {"networks.bias=1"}, 0, {"networks: unknown key", "network"}},
    {"", "", {"seed.x=1"}, 0, {"seed is neither a section nor a list"}},
    {"", "", {"class.2.label=1"}, 0, {"no entry 2", "the list has 2"}},
    {"", "", {"class.first.label=1"}, 0, {"no entry first"}},
    {"", "", {"class.0.input.gain=0"}, 0, {"positive", "inf"}},
    {"", "", {"seed=1", "class.1.input.model=nlpg"}, 0, {"\"nlgp\""}},
    {"", "", {"class.0.input={model=\"gp\"}"}, 0, {"correlation_length is missing", "positive"}},
    {"", "", {first_input("elliptical", "")}, 0, {"length is missing", "positive"}},
    {"", "", {elliptical("")}, 0, {"kurtosis is missing", "-6 / (N + 2) = -0.428571", "\"least\""}},
    {"", "", {elliptical("kurtosis=-0.5")}, 0, {"at least -6 / (N + 2) = -0.428571"}},
    {"", "", {elliptical("kurtosis=inf")}, 0, {"finite number of at least"}},
    {"", "", {elliptical("kurtosis=\"most\"")}, 0, {"\"least\""}},
    {"", "", {elliptical("gain=3")}, 0, {"gain: unknown key", "kurtosis"}},
    {"", "", {elliptical("kurtosis=1, clone=3")}, 0, {"true or false"}},
    {"", "", {copula("")}, 0, {"marginal is missing", "\"student-t\""}},
    {"", "", {copula("marginal=\"cauchy\"")}, 0, {"\"uniform\", \"laplace\""}},
    {"", "", {copula("marginal=\"laplace\", shape=2")}, 0, {"not allowed with marginal"}},
    {"", "", {copula("marginal=\"beta\"")}, 0, {"shape is missing", "from 0.5 to 10000"}},
    {"", "", {copula("marginal=\"student-t\", shape=4")}, 0, {"from 4.1 to 10000"}},
    {"", "", {copula("marginal=\"generalised-normal\", shape=101")}, 0, {"from 1 to 100"}},
    {"", "", {first_input("ising", "")}, 0, {"correlation_length is missing", "positive"}},
    {"", "", {first_input("ising", "correlation_length=0")}, 0, {"positive, finite"}},
    {"", "", {first_input("ising", "gain=1")}, 0, {"gain: unknown key", "correlation_length"}},
    {"",
     "",
     {"lattice.shape=[3, 4]", first_input("ising", "correlation_length=2")},
     0,
     {"model = \"ising\"", "ring", "one extent"}},
    {"", "", {first_input("phi4", "coupling=1")}, 0, {"hopping is missing", "from 0 to 1e6"}},
    {"", "", {first_input("phi4", "hopping=0.1, coupling=-1")}, 0, {"from 0 to 1e6"}},
    {"", "", {first_input("phi4", "hopping=0.5, coupling=0")}, 0, {"hopping = ", "below 0.5"}},
    {"", "", {first_input("phi4", "hopping=1e3, coupling=1e-6")}, 0, {"hopping = ", "at most"}},
    {"", "", {first_input("phi4", "hopping=0, coupling=1, samples=0")}, 0, {"integer from 1 to"}},
    {"",
     "",
     {first_input("phi4", "hopping=0.4999, coupling=0")},
     0,
     {"hopping = ", "faster chain"}},
    {"", "", {first_input("phi4", "gain=1")}, 0, {"gain: unknown key", "chain_seed"}},
    {"", "", {first_input("samples", "clone=true")}, 0, {"file is missing", ".npy or NetCDF"}},
    {"", "", {first_input("samples", "file=\"x.npy\"")}, 0, {"x.npy", "cannot be opened"}},
    {"", "", {"flow.relative_tolerance=1"}, 0, {"above 0, below 1"}},
    {"", "", {"flow.absolute_tolerance=0"}, 0, {"above 0, below 1"}},
    {"", "", {"flow.stationary_rate=-1"}, 0, {"at least 0"}},
    {"", "", {"flow.step_limit=0"}, 0, {"integer from 1 to"}},
    {"", "", {"flow.truncation=1.5"}, 0, {"at least 0, below 1"}},
    {"", "", {"flow.cumulant=sparse"}, 0, {"\"exact\" or \"tiled\""}},
    {"", "", {"flow.rank=0"}, 0, {"integer from 1 to 64"}},
    {"", "", {"flow.cumulant=tiled", "flow.rank=65"}, 0, {"integer from 1 to 64"}},
    {"", "", {"flow.t_first=2"}, 0, {"below t_end"}},
    {"", "", {"flow.kind=octic"}, 0, {"\"quartic\", \"gaussian\"", "\"latent\" or \"orbit\""}},
    {"", "", {"flow.latent=3"}, 0, {"flow.latent: unknown key", "rank, latents, samples, step"}},
    {"", "", {"flow.samples=0"}, 0, {"integer from 1 to"}},
    {"", "", {"flow.latents=three"}, 0, {"integer from 1 to 4"}},
    {"", "", {"flow.runs=0.5"}, 0, {"integer from 1 to"}},
    {"", "", {"flow.kind=gaussian", "flow.step=-1"}, 0, {"positive"}},
    {"", "", {"flow.kind=conditional", "flow.truncation=1"}, 0, {"at least 0, below 1"}},
    {"", "", {"flow.kind=kurtosis", "flow.latents=5"}, 0, {"integer from 1 to 4"}},
    {"", "", {"flow.kind=latent", "flow.cumulant=exacto"}, 0, {"\"exact\" or \"tiled\""}},
    {"", "", {"flow.kind=orbit", "flow.relative_tolerance=2"}, 0, {"above 0, below 1"}},
    {"", "", {"flow.kind=orbit", "flow.step_limit=0"}, 0, {"integer from 1 to"}},
    {"", "", {"flow.kind=latent", "flow.latents=0"}, 0, {"integer from 1 to 4"}},
    {"", "", {"flow.kind=latent", "flow.latents=5"}, 0, {"integer from 1 to 4"}},
    {"", "", {"flow.kind=orbit", "flow.step=0"}, 0, {"positive"}},
    {"", "", {"flow.kind=orbit", "flow.samples=0"}, 0, {"integer from 1 to"}},
    {"", "", {"flow.kind=orbit", "flow.runs=0"}, 0, {"integer from 1 to"}},
    {"", "", {"sgd.t_first=0"}, 0, {"from 1e-9 to 1e9"}},
    {"", "", {"sgd.snapshots=2", "sgd.t_first=0.1"}, 0, {"at least 3 snapshots"}},
    {"", "", {"sgd.samples=-1"}, 0, {"integer from 0 to"}},
    {"", "", {"sgd.shuffle=1"}, 0, {"true or false"}},
    {"", "", {"sgd.test_samples=-1"}, 0, {"integer from 0 to"}},
    {"",
     "",
     {"network.hidden=4", "network.bias=[1, 2, 3]"},
     0,
     {"1, 2 (one for each half) or 4 numbers"}},
    {"", "", {"network.hidden=3", "network.bias=[1, 2]"}, 0, {"1 or 3 numbers"}},
    {"label = 1", "label = 0", {"network.loss=logistic"}, 7, {"class.0.label = 0", "1 or -1"}},
    {"", "", {"network.second_layer=K"}, 0, {"\"1/K\"", "\"random\""}},
    {"", "", {"network.kernel=[13]"}, 0, {"list of 1 integers, from 1 to the lattice's extents"}},
    {"", "", {"network.kernel=[2, 2]"}, 0, {"list of 1 integers"}},
    {"", "", {"network.pooling=average"}, 0, {"only with a kernel"}},
    {"", "", {"network.kernel=[3]", "network.pooling=median"}, 0, {"\"average\" or \"maximum\""}},
    {"", "", {"network.bias_rate=-1"}, 0, {"at least 0"}},
    {"", "", {"network.second_layer_rate=inf"}, 0, {"at least 0"}},
    {"", "", {"network.l1=-1"}, 0, {"at least 0"}},
    {"", "", {"network.l2=-1"}, 0, {"at least 0"}},
    {"", "", {"fixed_point.tolerances=1"}, 0, {"fixed_point.tolerances: unknown key", "null_rate"}},
    {"", "", {"fixed_point.tolerance=0"}, 0, {"positive, finite number"}},
    {"", "", {"fixed_point.tolerance=inf"}, 0, {"positive, finite number"}},
    {"", "", {"fixed_point.first_step=-1"}, 0, {"positive, finite number"}},
    {"", "", {"fixed_point.null_rate=0"}, 0, {"positive, finite number"}},
    {"", "", {"fixed_point.step_limit=0"}, 0, {"integer from 1 to 1000000"}},
    {"", "", {"fixed_point.stable=1"}, 0, {"true or false"}},
    {"", "", {"decompose.ranks=2"}, 0, {"decompose.ranks: unknown key", "rank, starts"}},
    {"", "", {"decompose.class=2"}, 0, {"integer from 0 to 1"}},
    {"", "", {"decompose.class=[1, 2, 3]"}, 0, {"2 weights, one a class"}},
    {"", "", {"decompose.class=[0, 0]"}, 0, {"not all 0"}},
    {"", "", {"decompose.class=[1, nan]"}, 0, {"finite number"}},
    {"", "", {"decompose.method=als"}, 0, {"\"tiled\", \"symmetric\"", "\"samples\""}},
    {"", "", {"decompose.rank=0"}, 0, {"integer from 1 to 1000"}},
    {"", "", {"decompose.starts=1"}, 0, {"integer from 2 to 10000"}},
    {"", "", {"decompose.samples=-1"}, 0, {"integer from 0 to"}},
    {"", "", {"decompose.samples=1"}, 0, {"0, or at least 2"}},
    {"", "", {"decompose.method=samples", "decompose.samples=10"}, 0, {"0 (100000", "1000"}},
    {"", "", {"decompose.method=subspace", "decompose.samples=10"}, 0, {"must be 0"}},
    {"", "", {"decompose.samples=10", "decompose.class=[1, -1]"}, 0, {"single class"}},
    {"", "", {"decompose.samples=10", "decompose.entries=10"}, 0, {"0 where samples are used"}},
    {"", "", {"decompose.method=power", "decompose.entries=1"}, 0, {"0, or at least 2"}},
    {"",
     "",
     {"decompose.method=symmetric", "decompose.symmetric_templates=yes"},
     0,
     {"true or false"}},
    {"", "", {"decompose.symmetric_templates=1"}, 0, {"true or false"}},
};

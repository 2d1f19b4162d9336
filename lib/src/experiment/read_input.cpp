#include "experiment/read_input.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fmt/core.h>

#include "popflow/input/copula_field.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/elliptical_field.hpp"
#include "popflow/input/empirical_field.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/input/phi4_chain.hpp"

#include "experiment/read_npy.hpp"
#include "experiment/read_samples.hpp"

namespace popflow {

namespace {

constexpr NumberRange gain_range{[](double x) { return x > 0.0; },
                                 "must be a positive number, or inf for the sign limit"};

GaussianField read_gaussian(const Section& section, const Torus& torus) {
  const double length = section.number("correlation_length", positive);
  const std::string wrapping = section.word("wrapping", {"periodised", "nearest"}, "periodised");
  try {
    return {torus,
            gaussian_correlation(torus, length,
                                 wrapping == "nearest" ? Wrapping::nearest : Wrapping::periodised)};
  } catch (const std::invalid_argument& refused) {
    throw section.error("correlation_length", allowed_by(refused));
  }
}

NonlinearGaussianField read_nlgp(const Section& section, const Torus& torus) {
  section.allow({"model", "gain", "correlation_length", "wrapping"});
  const double gain = section.number("gain", gain_range);
  return {read_gaussian(section, torus), gain};
}

Input read_elliptical(const Section& section, const Torus& torus) {
  section.allow({"model", "clone", "kurtosis", "correlation_length", "wrapping"});
  const double least = least_elliptical_kurtosis(torus.sites());
  GaussianField gaussian = read_gaussian(section, torus);
  if (section.has_word("kurtosis")) {
    section.word("kurtosis", {"least"});
    return EllipticalField(std::move(gaussian), least);
  }
  const std::string allowed = fmt::format(
      "must be a finite number of at least -6 / (N + 2) = {:.6g} on this lattice, or "
      "\"least\" for that",
      least);
  const double kurtosis =
      section.number("kurtosis", {[](double x) { return std::isfinite(x); }, allowed.c_str()});
  if (kurtosis < least) throw section.error("kurtosis", allowed);
  if (kurtosis == 0.0) return gaussian;
  return EllipticalField(std::move(gaussian), kurtosis);
}

Marginal read_marginal(const Section& section) {
  const std::string name =
      section.word("marginal", {"uniform", "laplace", "generalised-normal", "beta", "student-t"});
  const MarginalFamily family = name == "uniform"              ? MarginalFamily::uniform
                                : name == "laplace"            ? MarginalFamily::laplace
                                : name == "generalised-normal" ? MarginalFamily::generalised_normal
                                : name == "beta"               ? MarginalFamily::beta
                                                               : MarginalFamily::student_t;
  if (family == MarginalFamily::uniform || family == MarginalFamily::laplace) {
    if (section.has("shape"))
      throw section.error("shape", fmt::format("not allowed with marginal = \"{}\"", name));
    return {family};
  }
  const ShapeRange range = shape_range(family);
  const std::string allowed = fmt::format(
      "must be a number from {:g} to {:g} with marginal = \"{}\"", range.least, range.most, name);
  const double shape =
      section.number("shape", {[](double x) { return std::isfinite(x); }, allowed.c_str()});
  if (shape < range.least || shape > range.most) throw section.error("shape", allowed);
  return {family, shape};
}

Input read_copula(const Section& section, const Torus& torus) {
  section.allow({"model", "clone", "marginal", "shape", "correlation_length", "wrapping"});
  const Marginal marginal = read_marginal(section);
  return CopulaField(read_gaussian(section, torus), marginal);
}

Input read_ising(const Section& section, const Torus& torus) {
  section.allow({"model", "clone", "correlation_length"});
  if (torus.dimensions() != 1)
    throw section.error("model", "takes a ring: lattice.shape must have one extent");
  return IsingRing(torus, section.number("correlation_length", positive));
}

Eigen::MatrixXd read_fields(const Section& section, const Torus& torus,
                            const std::filesystem::path& folder) {
  const std::string name = section.text("file", "must be the name of a .npy or NetCDF file"),
                    variable_allowed = "must be the name of the file's variable";
  const std::filesystem::path file = folder / name;
  std::string extension = file.extension();
  for (char& letter : extension) letter = static_cast<char>(std::tolower(letter));
  if (extension == ".npz")
    throw section.error("file",
                        "is an archive of NumPy arrays: must be one array (.npy, numpy.save), or "
                        "NetCDF with `variable`");
  const bool is_npy = extension == ".npy";
  if (is_npy && section.has("variable"))
    throw section.error("variable", "not allowed with a .npy file");
  std::error_code not_there;
  const bool is_strange = std::filesystem::exists(file, not_there) &&
                          !std::filesystem::is_regular_file(file, not_there);
  if (is_strange) throw section.error("file", "cannot be read: is no regular file");
  try {
    return is_npy ? read_npy(file, torus)
                  : read_netcdf_samples(file, section.text("variable", variable_allowed), torus);
  } catch (const InvalidSamples& refused) {
    throw section.error("file", refused.what());
  }
}

Input read_samples(const Section& section, const Torus& torus,
                   const std::filesystem::path& folder) {
  section.allow({"model", "clone", "file", "variable"});
  Eigen::MatrixXd fields = read_fields(section, torus, folder);
  try {
    return EmpiricalField(torus, std::move(fields));
  } catch (const std::invalid_argument& refused) {
    throw section.error("file", std::string("has ") + refused.what());
  }
}

// The chain that `run` makes, which the section's hopping must make fast enough.
FieldChain checked_chain(const Section& section, const std::function<FieldChain()>& run) {
  FieldChain chain;
  try {
    chain = run();
  } catch (const std::invalid_argument& refused) {
    throw section.error("hopping", allowed_by(refused));
  }
  if (chain.slow)
    throw section.error(
        "hopping", fmt::format("must make a faster chain: this one has an autocorrelation time of "
                               "{:.0f} sweeps",
                               chain.sweep_time));
  return chain;
}

Input read_phi4(const Section& section, const Torus& torus,
                const std::function<bool()>& interrupted) {
  section.allow({"model", "clone", "hopping", "coupling", "samples", "chain_seed"});
  constexpr NumberRange parameter{[](double x) { return x >= 0.0 && x <= 1e6; },
                                  "must be a number from 0 to 1e6"};
  const Phi4Action action{section.number("hopping", parameter),
                          section.number("coupling", parameter)};
  const auto most = static_cast<std::int64_t>(most_sample_numbers) / torus.sites();
  const auto samples =
      static_cast<int>(section.integer("samples", {1, most}, std::min<std::int64_t>(10'000, most)));
  const auto seed = static_cast<std::uint64_t>(section.integer("chain_seed", {0}, 1));
  FieldChain chain =
      checked_chain(section, [&] { return phi4_chain(torus, action, samples, seed, interrupted); });
  return EmpiricalField(torus, std::move(chain.fields), chain.autocorrelation_time);
}

Input read_model(const Section& section, const Torus& torus, const std::filesystem::path& folder,
                 const std::function<bool()>& interrupted) {
  const std::string model = section.word(
      "model", {"nlgp", "gp-clone", "gp", "elliptical", "copula", "ising", "phi4", "samples"});
  if (model == "phi4") return read_phi4(section, torus, interrupted);
  if (model == "samples") return read_samples(section, torus, folder);
  if (model == "nlgp") return read_nlgp(section, torus);
  if (model == "gp-clone") return gaussian_clone(read_nlgp(section, torus));
  if (model == "elliptical") return read_elliptical(section, torus);
  if (model == "copula") return read_copula(section, torus);
  if (model == "ising") return read_ising(section, torus);
  section.allow({"model", "correlation_length", "wrapping"});
  return read_gaussian(section, torus);
}

}  // namespace

Input read_input(const Section& section, const Torus& torus, const std::filesystem::path& folder,
                 const std::function<bool()>& interrupted) {
  Input input = read_model(section, torus, folder, interrupted);
  if (section.has("clone") && section.flag("clone")) return gaussian_clone(input);
  return input;
}

}  // namespace popflow

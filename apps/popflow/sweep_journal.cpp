#include "sweep_journal.hpp"

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/results/results.hpp"
#include "popflow/results/version.hpp"

#include "message.hpp"

namespace popflow {

namespace {

nlohmann::json list_json(const std::vector<double>& values) {
  nlohmann::json list = nlohmann::json::array();
  for (const double value : values) list.push_back(json_of(value));
  return list;
}

[[noreturn]] void refuse_entry(const std::string& key, const std::string& allowed) {
  throw std::invalid_argument(fmt::format("{}: must be {}", key, allowed));
}

const nlohmann::json& entry(const nlohmann::json& object, const char* key) {
  if (!object.contains(key)) refuse_entry(key, "given");
  return object[key];
}

std::string text(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = entry(object, key);
  if (!value.is_string()) refuse_entry(key, "text");
  return value;
}

std::string stop_reason(const nlohmann::json& object) {
  std::string found = text(object, "stop_reason");
  for (const StopReason known : {StopReason::reached_end, StopReason::stationary,
                                 StopReason::step_limit, StopReason::not_finite})
    if (found == name(known)) return found;
  for (const SolveReason known :
       {SolveReason::converged, SolveReason::drifting, SolveReason::stalled})
    if (found == name(known)) return found;
  if (found != "done" && found != "failed") refuse_entry("stop_reason", "that of a finished point");
  return found;
}

double number(const nlohmann::json& value, const char* key) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf" || value == "-inf") return value == "inf" ? infinity : -infinity;
  if (!value.is_number()) refuse_entry(key, R"(a number, null, "inf" or "-inf")");
  return value;
}

std::vector<double> numbers(const nlohmann::json& object, const char* key) {
  const nlohmann::json& list = entry(object, key);
  if (!list.is_array()) refuse_entry(key, "a list of numbers");
  std::vector<double> values;
  for (const nlohmann::json& value : list) values.push_back(number(value, key));
  return values;
}

// Numbers that only fixed points have; empty for other points.
std::vector<double> numbers_if_any(const nlohmann::json& object, const char* key) {
  return object.contains(key) ? numbers(object, key) : std::vector<double>{};
}

std::size_t count(const nlohmann::json& value, const char* key) {
  if (!value.is_number_unsigned()) refuse_entry(key, "an integer of at least 0");
  return value;
}

// None, one or two extents.
std::vector<int> shape_in(const nlohmann::json& object) {
  const nlohmann::json& list = entry(object, "shape");
  const std::string allowed = "a list of at most two extents of a lattice";
  if (!list.is_array() || list.size() > 2) refuse_entry("shape", allowed);
  std::vector<int> shape;
  for (const nlohmann::json& value : list) {
    if (!value.is_number_unsigned() || value < 2 || value > most_lattice_sites)
      refuse_entry("shape", allowed);
    shape.push_back(value);
  }
  return shape;
}

// Whether the lengths are those of one point of such a sweep.
void check(const Sweep& sweep, const SweepPoint& point) {
  const std::size_t neurons = point.ipr.size();
  std::size_t sites = 1;
  for (const int extent : point.shape) sites *= static_cast<std::size_t>(extent);
  if (sites > most_lattice_sites)
    refuse_entry("shape", fmt::format("of at most {} sites", most_lattice_sites));
  if (point.shape.empty() && neurons > 0) refuse_entry("shape", "given where there are neurons");
  if (point.norm.size() != neurons) refuse_entry("norm", "of as many neurons as ipr");
  if (point.weights.size() != (sweep.weights ? neurons * sites : 0))
    refuse_entry("weights", sweep.weights ? "of all neurons and sites" : "empty");
  const bool rests = sweep.run == SweepRun::fixed_point && neurons > 0;
  if (point.fixed_point.size() != (rests ? fixed_point_quantities().size() : 0))
    refuse_entry("fixed_point", "of all quantities of a fixed point, or empty");
  if (point.spectrum.size() > (rests ? neurons * (sites + 2) : 0))
    refuse_entry("spectrum", "of as many rates as a state has entries");
}

std::string identity_of(const Sweep& sweep) {
  return nlohmann::json{{"sweep", sweep.text},
                        {"experiment", sweep.experiment.text},
                        {"data_files", sweep.experiment.known_data.value_or("")},
                        {"popflow_version", version()},
                        {"git_revision", git_revision()}}
      .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string line_of(std::size_t n, const SweepPoint& point) {
  nlohmann::json object{{"point", n},
                        {"stop_reason", point.stop_reason},
                        {"failure", point.failure},
                        {"tau", json_of(point.tau)},
                        {"growth_rate", json_of(point.growth_rate)},
                        {"norm", list_json(point.norm)},
                        {"ipr", list_json(point.ipr)},
                        {"shape", point.shape},
                        {"weights", list_json(point.weights)}};
  if (!std::isnan(point.neglected_terms))
    object["neglected_terms"] = json_of(point.neglected_terms);
  if (!point.fixed_point.empty()) object["fixed_point"] = list_json(point.fixed_point);
  if (!point.spectrum.empty()) object["spectrum"] = list_json(point.spectrum);
  return object.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::pair<std::size_t, SweepPoint> point_of(const std::string& line) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) refuse_entry("line", "a JSON object");
  const SweepPoint point{
      stop_reason(object),
      text(object, "failure"),
      number(entry(object, "tau"), "tau"),
      number(entry(object, "growth_rate"), "growth_rate"),
      numbers(object, "norm"),
      numbers(object, "ipr"),
      shape_in(object),
      numbers(object, "weights"),
      number(object.value("neglected_terms", nlohmann::json()), "neglected_terms"),
      numbers_if_any(object, "fixed_point"),
      numbers_if_any(object, "spectrum")};
  return {count(entry(object, "point"), "point"), point};
}

SweepJournal::SweepJournal(const std::string& output, const Sweep& sweep)
    : path_(output + ".journal") {
  const std::string identity = identity_of(sweep);
  read(identity, sweep);
  // Written anew, because a line may have been cut off when the program was killed.
  OutputFile whole(path_);
  std::string copy = identity + '\n';
  for (const auto& [n, point] : finished_) copy += line_of(n, point) + '\n';
  whole.write(copy);
  whole.commit();
  file_.open(path_, std::ios::binary | std::ios::app);
  if (!file_) throw UnwritableOutput(unwritable());
}

// Streams leave the system's own error where it was.
std::string SweepJournal::unwritable() const {
  return fmt::format("{}: cannot be written: {}", path_, std::generic_category().message(errno));
}

void SweepJournal::read(const std::string& identity, const Sweep& sweep) {
  std::error_code not_there;
  if (!std::filesystem::exists(path_, not_there)) return;
  std::ifstream file;
  if (std::filesystem::is_regular_file(path_)) file.open(path_, std::ios::binary);
  if (!file.is_open())
    throw InvalidResults(path_ + ": cannot be read: must be a file that was left by a sweep");
  std::string line;
  std::getline(file, line);
  const bool cut_off = file.eof();
  if (cut_off ? !identity.starts_with(line) : line != identity)
    throw InvalidResults(path_ +
                         ": holds points of another sweep, experiment, file of samples or version "
                         "of popflow: remove it, or choose another output");
  for (std::size_t number = 2; std::getline(file, line) && !file.eof(); ++number)
    take(line, number, sweep);
  if (file.bad()) throw InvalidResults(path_ + ": cannot be read");
}

void SweepJournal::take(const std::string& line, std::size_t number, const Sweep& sweep) try {
  auto [n, point] = point_of(line);
  if (n >= sweep.points())
    throw std::invalid_argument(
        fmt::format("point {}: must be from 0 to {}", n, sweep.points() - 1));
  check(sweep, point);
  if (!finished_.emplace(n, std::move(point)).second)
    throw std::invalid_argument(fmt::format("point {}: is there already", n));
} catch (const std::invalid_argument& wrong) {
  throw InvalidResults(fmt::format("{}:{}: {}: remove the file", path_, number, wrong.what()));
}

void SweepJournal::add(std::size_t n, SweepPoint point) {
  file_ << line_of(n, point) << '\n' << std::flush;
  if (!file_) throw std::runtime_error(unwritable());
  finished_.emplace(n, std::move(point));
}

void SweepJournal::remove() {
  file_.close();
  std::filesystem::remove(path_);
}

}  // namespace popflow

#include "sweep_journal.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/output_file.hpp"
#include "popflow/experiment/results.hpp"
#include "popflow/experiment/version.hpp"

namespace popflow {

namespace {

// JSON has neither NaN nor infinities: null stands for the first, strings for the others. All else
// is written so that the same bits are read.
nlohmann::json json_of(double value) {
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  return value;
}

nlohmann::json numbers(const std::vector<double>& values) {
  nlohmann::json list = nlohmann::json::array();
  for (const double value : values) list.push_back(json_of(value));
  return list;
}

double number(const nlohmann::json& value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value.is_string()) return value == "inf" ? infinity : -infinity;
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

std::vector<double> numbers_of(const nlohmann::json& list) {
  std::vector<double> values;
  for (const nlohmann::json& value : list) values.push_back(number(value));
  return values;
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
  return nlohmann::json{{"point", n},
                        {"stop_reason", point.stop_reason},
                        {"failure", point.failure},
                        {"tau", json_of(point.tau)},
                        {"growth_rate", json_of(point.growth_rate)},
                        {"norm", numbers(point.norm)},
                        {"ipr", numbers(point.ipr)},
                        {"shape", point.shape},
                        {"weights", numbers(point.weights)}}
      .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::pair<std::size_t, SweepPoint> point_of(const std::string& line) {
  const nlohmann::json object = nlohmann::json::parse(line);
  return {object.at("point"),
          {object.at("stop_reason"), object.at("failure"), number(object.at("tau")),
           number(object.at("growth_rate")), numbers_of(object.at("norm")),
           numbers_of(object.at("ipr")), object.at("shape"), numbers_of(object.at("weights"))}};
}

SweepJournal::SweepJournal(const std::string& output, const Sweep& sweep)
    : path_(output + ".journal") {
  const std::string identity = identity_of(sweep);
  read(identity, sweep.points());
  // Written anew, because a line may have been cut off when the program was killed.
  OutputFile whole(path_);
  std::ofstream copy(whole.temporary(), std::ios::binary);
  copy << identity << '\n';
  for (const auto& [n, point] : finished_) copy << line_of(n, point) << '\n';
  copy.close();
  if (!copy) throw UnwritableOutput(path_ + ": cannot be written");
  whole.commit();
  file_.open(path_, std::ios::binary | std::ios::app);
  if (!file_) throw UnwritableOutput(path_ + ": cannot be written");
}

void SweepJournal::read(const std::string& identity, std::size_t points) {
  std::ifstream file(path_, std::ios::binary);
  std::string line;
  if (!file || !std::getline(file, line) || file.eof()) return;
  if (line != identity)
    throw InvalidResults(path_ +
                         ": holds points of another sweep, experiment, file of samples or version "
                         "of popflow: remove it, or choose another output");
  const auto refuse = [&](std::size_t number, const std::string& why) {
    throw InvalidResults(
        fmt::format("{}:{}: no point of this sweep: {}: remove the file", path_, number, why));
  };
  for (std::size_t number = 2; std::getline(file, line) && !file.eof(); ++number) try {
      auto point = point_of(line);
      if (point.first >= points) refuse(number, fmt::format("there are {} of them", points));
      finished_.insert(std::move(point));
    } catch (const nlohmann::json::exception& failure) {
      refuse(number, failure.what());
    }
}

void SweepJournal::add(std::size_t n, SweepPoint point) {
  file_ << line_of(n, point) << '\n' << std::flush;
  if (!file_) throw std::runtime_error(path_ + ": cannot be written");
  finished_.emplace(n, std::move(point));
}

void SweepJournal::remove() {
  file_.close();
  std::filesystem::remove(path_);
}

}  // namespace popflow

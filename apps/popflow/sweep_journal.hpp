#pragma once

#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "popflow/experiment/sweep.hpp"
#include "popflow/results/sweep_results.hpp"

namespace popflow {

/// A point and its number as one line of JSON, and back, bit for bit. Throws std::invalid_argument
/// for a line that is none.
std::string line_of(std::size_t number, const SweepPoint& point);
std::pair<std::size_t, SweepPoint> point_of(const std::string& line);

/// The finished points of a sweep, in a file beside its results file. A first line says of which
/// sweep they are; each point is one line of JSON. A line is written whole or not at all, however
/// the program ends.
class SweepJournal {
 public:
  /// Opens the journal of the results file `output`, and reads what is finished. Throws
  /// InvalidResults when it is of another sweep, experiment, file of samples or version of popflow,
  /// or holds what is no point of it, and UnwritableOutput.
  SweepJournal(const std::string& output, const Sweep& sweep);

  const std::string& path() const { return path_; }
  const std::map<std::size_t, SweepPoint>& finished() const { return finished_; }

  /// Adds a point, and makes sure that it is on its way to the disk.
  void add(std::size_t number, SweepPoint point);

  /// Removes the file.
  void remove();

 private:
  void read(const std::string& identity, const Sweep& sweep);
  void take(const std::string& line, std::size_t number, const Sweep& sweep);
  std::string unwritable() const;

  std::string path_;
  std::map<std::size_t, SweepPoint> finished_;
  std::ofstream file_;
};

}  // namespace popflow

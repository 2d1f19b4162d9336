#include "popflow/results/record.hpp"

#include <filesystem>
#include <sstream>

#include "popflow/results/decomposition.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/results/sweep_results.hpp"

#include "results/results_file.hpp"

namespace popflow {

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

RunRecord read(const ResultsFile& file, const std::string& path) {
  file.require_kind({"flow", "sgd", "fixed_point", decomposition_kind, sweep_kind, ladder_kind});
  RunRecord record;
  record.kind = file.text("kind");
  const std::filesystem::path own = std::filesystem::canonical(path).parent_path();
  record.experiment = {file.text("experiment_file"), file.text("experiment"),
                       (own / file.text("experiment_folder")).lexically_normal().string(),
                       file.text("data_files")};
  if (record.kind == sweep_kind) {
    record.sweep = file.text("sweep");
    return record;
  }
  record.overrides = lines_of(file.text("overrides"));
  if (record.kind != decomposition_kind) record.stop_reason = file.text("stop_reason");
  return record;
}

}  // namespace

RunRecord read_record(const std::string& path) {
  RunRecord record;
  read_results_file(path, [&](const ResultsFile& file) { record = read(file, path); });
  return record;
}

}  // namespace popflow

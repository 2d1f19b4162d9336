#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <variant>

#include "popflow/experiment/experiment.hpp"

#include "experiment/toml.hpp"
#include "experiment/value.hpp"

namespace popflow::fuzz {

/// The largest integer anywhere in a value.
inline std::int64_t largest_integer(const Value& value) {
  std::int64_t largest = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) largest = *integer;
  if (const auto* list = std::get_if<List>(&value.data))
    for (const Value& entry : list->values) largest = std::max(largest, largest_integer(entry));
  if (const auto* table = std::get_if<Table>(&value.data))
    for (const Entry& entry : table->entries)
      largest = std::max(largest, largest_integer(entry.value));
  return largest;
}

/// Whether reading it is long by design. A reader makes the inputs too: of a large lattice that
/// takes its time, and a phi^4 chain is run. No limit of the lattice hides behind this: it is met
/// above 2^24 sites.
inline bool costly(std::string_view text) {
  Value document;
  try {
    document = parse_document("x.toml", std::string(text));
  } catch (const InvalidExperiment&) {
    return false;
  }
  const auto* root = std::get_if<Table>(&document.data);
  const Value* lattice = root ? root->find("lattice") : nullptr;
  const std::int64_t extent = lattice ? largest_integer(*lattice) : 0;
  const Value* classes = root ? root->find("class") : nullptr;
  const bool chain = text.find("phi4") != std::string_view::npos;
  if (chain) return extent > 4 || (classes && largest_integer(*classes) > 1000);
  return extent > 64 && extent <= std::int64_t{1} << 24;
}

}  // namespace popflow::fuzz

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "popflow/experiment/experiment.hpp"

namespace popflow {

struct Value;
struct Entry;

struct List {
  std::vector<Value> values;
};

struct Table {
  std::vector<Entry> entries;

  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
};

/// A TOML value that knows where it was written; monostate stands for dates and times, which no key
/// takes.
struct Value {
  std::string where;  ///< "ring.toml:12" or "ring.toml: --set network.bias=-1.2"
  std::string text;   ///< as messages show it; empty where `where` already does
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Table> data;

  /// The place, the full name `key`, and the value: the beginning of every message about it.
  std::string describe(const std::string& key) const;
};

/// A key of a table and its value.
struct Entry {
  std::string key;
  Value value;
};

/// The whole of a file. Throws InvalidExperiment when it cannot be read.
std::string read_text(const std::string& file);

/// Sets what an override "KEY=VALUE" says, adding sections that are not there.
void apply_override(Value& document, const std::string& file, const std::string& assignment);

/// `describe` of everything in the document, by full name.
std::map<std::string, std::string> origins(const Value& document);

}  // namespace popflow

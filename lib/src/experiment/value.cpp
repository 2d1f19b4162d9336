#include "experiment/value.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "popflow/experiment/printable.hpp"

#include "experiment/toml.hpp"

namespace popflow {

namespace {

std::string child_name(const std::string& parent, const std::string& key) {
  return parent.empty() ? key : fmt::format("{}.{}", parent, key);
}

Value& entry_of(Table& table, const std::string& key, const std::string& where) {
  if (Value* found = table.find(key)) return *found;
  table.entries.push_back({key, Value{where, {}, Table{}}});
  return table.entries.back().value;
}

Value& entry_of(List& list, const std::string& key, const std::string& where) {
  std::size_t index = 0;
  const char* end = key.data() + key.size();
  const auto [stop, failure] = std::from_chars(key.data(), end, index);
  // A key has one spelling: 00 is none.
  if (failure != std::errc{} || stop != end || index >= list.values.size() ||
      key != std::to_string(index))
    throw InvalidExperiment(fmt::format("{}: there is no entry {}: the list has {}, counted from 0",
                                        where, key, list.values.size()));
  return list.values[index];
}

// The entry that an override reaches from a value; `name` is that value's.
Value& entry_of(Value& value, const std::string& name, const std::string& key,
                const std::string& where) {
  if (auto* table = std::get_if<Table>(&value.data)) return entry_of(*table, key, where);
  if (auto* list = std::get_if<List>(&value.data)) return entry_of(*list, key, where);
  throw InvalidExperiment(fmt::format("{}: {} is neither a section nor a list", where, name));
}

void collect_origins(const Value& value, const std::string& name,
                     std::map<std::string, std::string>& found) {
  if (!name.empty()) found[name] = value.describe(name);
  if (const auto* table = std::get_if<Table>(&value.data))
    for (const auto& [key, entry] : table->entries)
      collect_origins(entry, child_name(name, key), found);
  if (const auto* list = std::get_if<List>(&value.data))
    for (std::size_t i = 0; i < list->values.size(); ++i)
      collect_origins(list->values[i], child_name(name, std::to_string(i)), found);
}

}  // namespace

std::string read_text(const std::string& file) {
  const auto refuse = [&file](int error) {
    throw InvalidExperiment(
        fmt::format("{}: cannot be read: {}", file, std::generic_category().message(error)));
  };
  std::error_code none;  // other faults of the name show when the file is opened
  if (std::filesystem::is_directory(file, none)) refuse(EISDIR);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) refuse(errno);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) refuse(EIO);
  return text;
}

const Value* Table::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const auto& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Value* Table::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

std::string Value::describe(const std::string& key) const {
  return text.empty() ? where : fmt::format("{}: {} = {}", where, key, text);
}

void apply_override(Value& document, const std::string& file, const std::string& assignment) {
  const std::string where = fmt::format("{}: --set {}", file, printable(assignment));
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InvalidExperiment(where + ": must have the form KEY=VALUE");
  // Files carry overrides one a line.
  if (assignment.find('\n') != std::string::npos)
    throw InvalidExperiment(where + ": must be in one line");

  Value* target = &document;
  std::string name;
  for (std::size_t begin = 0; begin <= equals;) {
    const std::size_t end = std::min(assignment.find('.', begin), equals);
    const std::string key = printable(assignment.substr(begin, end - begin));
    target = &entry_of(*target, name, key, where);
    name = child_name(name, key);
    begin = end + 1;
  }
  *target = parse_override(where, assignment.substr(equals + 1));
}

std::map<std::string, std::string> origins(const Value& document) {
  std::map<std::string, std::string> found;
  collect_origins(document, "", found);
  return found;
}

}  // namespace popflow

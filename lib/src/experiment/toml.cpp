// The only file that compiles toml++.

#include <sstream>

#include <fmt/core.h>

// An assertion of toml++ 3.3 fails for a header such as "[=]". It is not needed: the lines after it
// refuse the header.
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>

#include "popflow/experiment/printable.hpp"

#include "experiment/toml.hpp"
#include "experiment/value.hpp"

namespace popflow {

namespace {

constexpr std::size_t longest_shown = 60;

std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  return line;
}

// The number as a user would write it: 0.4, and not 0.40000000000000002 as toml++ prints it.
std::string shown(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

std::string shown(const toml::node& node) {
  if (node.is_table()) return "{...}";
  if (const auto* number = node.as_floating_point()) return shown(number->get());
  std::ostringstream out;
  out << toml::toml_formatter{node, toml::format_flags::allow_unicode_strings};
  const std::string line = one_line(out.str());
  return line.size() <= longest_shown ? line : line.substr(0, longest_shown - 3) + "...";
}

// `file` alone where the value is not in a file but in an override.
std::string place(const std::string& file, const toml::node& node, bool in_file) {
  return in_file ? fmt::format("{}:{}", file, node.source().begin.line) : file;
}

Value convert(const toml::node& node, const std::string& file, bool in_file) {
  Value value{place(file, node, in_file), shown(node), {}};
  if (const auto* table = node.as_table()) {
    Table entries;
    for (const auto& [key, entry] : *table)
      entries.entries.push_back({printable(key.str()), convert(entry, file, in_file)});
    value.data = std::move(entries);
  } else if (const auto* array = node.as_array()) {
    List list;
    for (const toml::node& entry : *array) list.values.push_back(convert(entry, file, in_file));
    value.data = std::move(list);
  } else if (const auto* boolean = node.as_boolean()) {
    value.data = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.data = number->get();
  } else if (const auto* text = node.as_string()) {
    value.data = text->get();
  }
  return value;
}

// HDF5's mark, of NetCDF-4 too.
bool is_results(const std::string& text) { return text.starts_with("\x89HDF\r\n"); }

}  // namespace

Value parse_document(const std::string& file, const std::string& text) {
  if (is_results(text))
    throw InvalidExperiment(file +
                            ": is a results file: must be a file that popflow init writes, "
                            "or a sweep of one (TOML)");
  try {
    return convert(toml::parse(std::string_view(text), std::string_view(file)), file, true);
  } catch (const toml::parse_error& error) {
    throw InvalidExperiment(fmt::format("{}:{}: not TOML: {}", file, error.source().begin.line,
                                        one_line(std::string(error.description()))));
  }
}

Value parse_override(const std::string& where, const std::string& text) {
  Value value{where, {}, text};
  try {
    const toml::table parsed = toml::parse("value = " + text);
    if (parsed.size() == 1) value = convert(*parsed.get("value"), where, false);
  } catch (const toml::parse_error&) {
    // A bare word: the text itself.
  }
  value.text.clear();
  return value;
}

}  // namespace popflow

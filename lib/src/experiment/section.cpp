#include "experiment/section.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/experiment/nearest.hpp"
#include "popflow/experiment/printable.hpp"

namespace popflow {

namespace {

std::optional<double> as_number(const Value& value) {
  if (const auto* number = std::get_if<double>(&value.data)) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&value.data))
    return static_cast<double>(*integer);
  return {};
}

std::optional<std::int64_t> as_integer(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) return *integer;
  return {};
}

bool contains(IntegerRange range, std::int64_t value) {
  return value >= range.least && value <= range.most;
}

std::string allowed_integers(IntegerRange range) {
  return fmt::format("must be an integer from {} to {}", range.least, range.most);
}

std::string allowed_words(const std::vector<std::string_view>& choices) {
  std::string list;
  for (auto choice = choices.begin(); choice != choices.end(); ++choice) {
    if (choice != choices.begin()) list += choice + 1 == choices.end() ? " or " : ", ";
    list += fmt::format("\"{}\"", *choice);
  }
  return "must be " + list;
}

}  // namespace

std::string allowed_by(const std::invalid_argument& refused) {
  const std::string reason = refused.what();
  return reason.substr(reason.find(": ") + 2);
}

Section::Section(const Value& value, std::string name)
    : value_(&value), table_(std::get_if<Table>(&value.data)), name_(std::move(name)) {
  if (!table_)
    throw InvalidExperiment(value.describe(name_) + ": must be a section (a table of keys)");
}

void Section::allow(const std::vector<std::string_view>& keys) const {
  for (const auto& [key, entry] : table_->entries)
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw InvalidExperiment(fmt::format("{}: {}: unknown key{}; allowed here are {}", entry.where,
                                          name_of(key), did_you_mean(key, keys),
                                          fmt::join(keys, ", ")));
}

bool Section::has_list(std::string_view key) const {
  const Value* value = table_->find(key);
  return value && std::holds_alternative<List>(value->data);
}

bool Section::has_word(std::string_view key) const {
  const Value* value = table_->find(key);
  return value && std::holds_alternative<std::string>(value->data);
}

double Section::number(std::string_view key, const NumberRange& range,
                       std::optional<double> fallback) const {
  if (fallback && !has(key)) return *fallback;
  const auto number = as_number(required(key, range.allowed));
  if (!number || !range.holds(*number)) throw error(key, range.allowed);
  return *number;
}

std::int64_t Section::integer(std::string_view key, IntegerRange range,
                              std::optional<std::int64_t> fallback) const {
  if (fallback && !has(key)) return *fallback;
  const auto integer = as_integer(required(key, allowed_integers(range)));
  if (!integer || !contains(range, *integer)) throw error(key, allowed_integers(range));
  return *integer;
}

std::vector<double> Section::numbers(std::string_view key, const NumberRange& range,
                                     std::optional<double> fallback) const {
  if (fallback && !has(key)) return {*fallback};
  const auto* list = std::get_if<List>(&required(key, range.allowed).data);
  if (!list) return {number(key, range)};
  std::vector<double> result;
  for (const Value& entry : list->values) {
    const auto number = as_number(entry);
    if (!number || !range.holds(*number))
      throw InvalidExperiment(
          fmt::format("{}: {}", entry.describe(fmt::format("{}.{}", name_of(key), result.size())),
                      range.allowed));
    result.push_back(*number);
  }
  return result;
}

std::vector<std::int64_t> Section::integers(std::string_view key, IntegerRange range,
                                            const std::string& allowed) const {
  std::vector<std::int64_t> result;
  for (const Value& entry : list(key, allowed).values) {
    const auto integer = as_integer(entry);
    if (!integer || !contains(range, *integer)) throw error(key, allowed);
    result.push_back(*integer);
  }
  return result;
}

std::string Section::word(std::string_view key, const std::vector<std::string_view>& choices,
                          std::optional<std::string> fallback) const {
  if (fallback && !has(key)) return *fallback;
  const auto* word = std::get_if<std::string>(&required(key, allowed_words(choices)).data);
  if (!word || std::find(choices.begin(), choices.end(), *word) == choices.end())
    throw error(key, allowed_words(choices));
  return *word;
}

std::string Section::text(std::string_view key, const std::string& allowed) const {
  const auto* text = std::get_if<std::string>(&required(key, allowed).data);
  if (!text || text->empty()) throw error(key, allowed);
  return *text;
}

std::vector<std::string> Section::texts(std::string_view key, const std::string& allowed) const {
  if (has_word(key)) return {std::get<std::string>(required(key, allowed).data)};
  std::vector<std::string> result;
  for (const Value& entry : list(key, allowed).values) {
    const auto* text = std::get_if<std::string>(&entry.data);
    if (!text) throw error(key, allowed);
    result.push_back(*text);
  }
  return result;
}

std::vector<std::string> Section::assigned(std::string_view key, const std::string& allowed) const {
  std::vector<std::string> result;
  for (const Value& entry : list(key, allowed).values) {
    const auto* text = std::get_if<std::string>(&entry.data);
    const auto number = as_number(entry);
    const auto integer = as_integer(entry);
    if (text && text->find_first_of("\"\\") == std::string::npos && printable(*text) == *text)
      result.push_back(fmt::format("\"{}\"", *text));
    else if (integer)
      result.push_back(fmt::format("{}", *integer));
    else if (number)
      result.push_back(fmt::format("{}", *number));
    else
      throw error(key, allowed);
  }
  return result;
}

bool Section::flag(std::string_view key, std::optional<bool> fallback) const {
  constexpr const char* allowed = "must be true or false";
  if (fallback && !has(key)) return *fallback;
  const auto* flag = std::get_if<bool>(&required(key, allowed).data);
  if (!flag) throw error(key, allowed);
  return *flag;
}

Section Section::section(std::string_view key) const {
  return {required(key, "must be a section (a table of keys)"), name_of(key)};
}

std::vector<Section> Section::sections(std::string_view key) const {
  const std::string allowed = fmt::format("must be one [[{}]] section or more", key);
  const auto* list = std::get_if<List>(&required(key, allowed).data);
  if (!list || list->values.empty()) throw error(key, allowed);
  std::vector<Section> result;
  for (const Value& entry : list->values)
    result.emplace_back(entry, fmt::format("{}.{}", name_of(key), result.size()));
  return result;
}

InvalidExperiment Section::error(std::string_view key, const std::string& allowed) const {
  const Value* value = table_->find(key);
  const std::string what = value ? value->describe(name_of(key))
                                 : fmt::format("{}: {} is missing", value_->where, name_of(key));
  return InvalidExperiment(fmt::format("{}: {}", what, allowed));
}

const Value& Section::required(std::string_view key, const std::string& allowed) const {
  const Value* value = table_->find(key);
  if (!value) throw error(key, allowed);
  return *value;
}

const List& Section::list(std::string_view key, const std::string& allowed) const {
  const auto* list = std::get_if<List>(&required(key, allowed).data);
  if (!list) throw error(key, allowed);
  return *list;
}

std::string Section::name_of(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

}  // namespace popflow

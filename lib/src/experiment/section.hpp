#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/value.hpp"

namespace popflow {

/// Numbers that a key takes, and how its messages say so.
struct NumberRange {
  bool (*holds)(double);
  const char* allowed;
};

inline constexpr NumberRange finite{[](double x) { return std::isfinite(x); },
                                    "must be a finite number"};
inline constexpr NumberRange positive{[](double x) { return x > 0.0 && std::isfinite(x); },
                                      "must be a positive, finite number"};

/// The second part of a message "what and value: what is allowed" of the library's own checks.
std::string allowed_by(const std::invalid_argument& refused);

/// Integers from `least` to `most`.
struct IntegerRange {
  std::int64_t least;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// One section of an experiment file, read key by key. Everything that is not allowed throws
/// InvalidExperiment; a key without fallback is required.
class Section {
 public:
  /// Throws unless `value` is a section. `name` is its full name; empty for the whole file.
  Section(const Value& value, std::string name);

  /// Throws when there are other keys.
  void allow(const std::vector<std::string_view>& keys) const;

  bool has(std::string_view key) const { return table_->find(key) != nullptr; }
  bool has_list(std::string_view key) const;
  bool has_word(std::string_view key) const;

  double number(std::string_view key, const NumberRange& range,
                std::optional<double> fallback = {}) const;
  std::int64_t integer(std::string_view key, IntegerRange range,
                       std::optional<std::int64_t> fallback = {}) const;

  /// A number, or a list of numbers.
  std::vector<double> numbers(std::string_view key, const NumberRange& range,
                              std::optional<double> fallback = {}) const;

  /// A list of integers.
  std::vector<std::int64_t> integers(std::string_view key, IntegerRange range,
                                     const std::string& allowed) const;

  /// One of a few words.
  std::string word(std::string_view key, const std::vector<std::string_view>& choices,
                   std::optional<std::string> fallback = {}) const;

  /// A string that is not empty.
  std::string text(std::string_view key, const std::string& allowed) const;

  /// A string, or a list of strings.
  std::vector<std::string> texts(std::string_view key, const std::string& allowed) const;

  /// A list of numbers or strings, written as the value of an override.
  std::vector<std::string> assigned(std::string_view key, const std::string& allowed) const;

  bool flag(std::string_view key, std::optional<bool> fallback = {}) const;

  Section section(std::string_view key) const;

  /// A list of sections, at least one.
  std::vector<Section> sections(std::string_view key) const;

  /// The error that the value of `key` is not what is allowed, or is missing.
  InvalidExperiment error(std::string_view key, const std::string& allowed) const;

 private:
  const Value& required(std::string_view key, const std::string& allowed) const;
  const List& list(std::string_view key, const std::string& allowed) const;
  std::string name_of(std::string_view key) const;

  const Value* value_;
  const Table* table_;
  std::string name_;
};

}  // namespace popflow

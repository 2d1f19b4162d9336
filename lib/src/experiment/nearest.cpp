#include "popflow/experiment/nearest.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

namespace popflow {

namespace {

// Number of letters to add, leave out, replace, or exchange with their neighbour (the restricted
// distance of Damerau and Levenshtein). Row i of the table is for the first i letters of `a`.
std::size_t distance_of(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  return table[a.size()][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& words) {
  constexpr std::size_t shortest = 3, longest = 64;  // that may have a slip
  if (word.size() < shortest || word.size() > longest) return {};
  std::string_view found;
  std::size_t least = (word.size() + 2) / 3 + 1;
  for (const std::string_view candidate : words) {
    const std::size_t distance = distance_of(word, candidate);
    if (distance >= least || distance >= candidate.size()) continue;
    least = distance;
    found = candidate;
  }
  return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& words) {
  const std::string_view meant = nearest(word, words);
  return meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant);
}

}  // namespace popflow

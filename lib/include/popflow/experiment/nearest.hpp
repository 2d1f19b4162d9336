#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace popflow {

/// The word among `words` that `word` was probably meant to be. At most a third of its letters,
/// rounded up, were added, left out, replaced, or exchanged with their neighbour. If several words
/// are equally near, the first of them; empty if none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& words);

/// " (did you mean WORD?)", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& words);

}  // namespace popflow

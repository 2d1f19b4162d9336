#pragma once

#include <functional>

#include "popflow/input/input.hpp"
#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// The fourth cumulant of an input, as its exact operator: zero for a Gaussian input, the model's
/// own where it states one (Input::cumulant_operator), and otherwise in Fourier space, band-limited
/// to a relative truncation error of at most `truncation`.
/// The last starts from a table of N^3 numbers, up to 1 GiB (N = 512), and takes up to 2.3 times
/// that much memory on the way. Throws std::length_error for larger lattices, and Interrupted soon
/// after `interrupted`, asked by any thread, says true.
CumulantOperator exact_cumulant(const Input& input, double truncation = 0.0,
                                const std::function<bool()>& interrupted = {});

}  // namespace popflow

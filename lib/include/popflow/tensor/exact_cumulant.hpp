#pragma once

#include <functional>

#include "popflow/input/input.hpp"
#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// The largest number of sites of a table in exact_cumulant: N^3 numbers take 1 GiB.
inline constexpr int most_exact_sites = 512;

/// The fourth cumulant of an input as an exact operator. It is zero for a Gaussian input. If the
/// model states an operator (Input::cumulant_operator), the result is that operator. Otherwise the
/// result is a table in Fourier space, band-limited with a relative truncation error of at most
/// `truncation`.
///
/// The table has N^3 numbers, N at most most_exact_sites; building it takes up to 2.3 times as much
/// memory. Throws std::length_error for larger lattices. Any thread may ask `interrupted`; soon
/// after it returns true, Interrupted is thrown.
CumulantOperator exact_cumulant(const Input& input, double truncation = 0.0,
                                const std::function<bool()>& interrupted = {});

}  // namespace popflow

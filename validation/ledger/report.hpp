#pragma once

#include <string>
#include <vector>

#include "result.hpp"

namespace ledger {

/// Prints one experiment: a line a closure, its error at every snapshot in percent and what it
/// cost.
void print(std::size_t number, const Result& result);

/// Prints a line an experiment: of every closure the error of its worst snapshot in percent, of
/// several neurons that of the half with negative biases, beside the largest standard error of the
/// reference.
void print_summary(const std::vector<Result>& results);

/// The whole ledger as a table of tab-separated values: a line a closure, experiment and snapshot.
void write_table(const std::string& path, const std::vector<Result>& results);

/// The script of the figure, ledger.svg: the error of every closure over time on the first
/// experiment, with the reference's standard error as a band, and the worst error on every
/// experiment.
void write_figure(const std::string& path, const std::vector<Result>& results);

}  // namespace ledger

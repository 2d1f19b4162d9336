#pragma once

#include <string>
#include <vector>

#include "result.hpp"

namespace ledger {

/// Prints one experiment: a line a rung, its error at every snapshot in percent and what it cost.
void print(std::size_t number, const Result& result);

/// The whole ledger as a table of tab-separated values: a line a rung, experiment and snapshot.
void write_table(const std::string& path, const std::vector<Result>& results);

/// The script of the figure, ledger.svg: the error of every rung over time on the first experiment,
/// with the reference's standard error as a band, and the worst error on every experiment.
void write_figure(const std::string& path, const std::vector<Result>& results);

}  // namespace ledger

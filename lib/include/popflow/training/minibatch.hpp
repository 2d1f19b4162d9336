#pragma once

#include <vector>

#include <Eigen/Core>

#include "popflow/input/task.hpp"

namespace popflow {

/// Samples of a task: one row of N values a sample, and which class each is from.
struct Minibatch {
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x;
  std::vector<int> label_class;
};

/// Draws the samples first, first + 1, ... of a run, x.rows() of them, into `batch` (sized). Sample
/// n is drawn from RandomStream(seed, purpose, n, run), class first, so it never depends on which
/// others are drawn with it. `task` lends its samplers' scratch memory: one copy a thread.
void draw_samples(Task& task, std::uint64_t seed, Purpose purpose, std::uint32_t run,
                  std::uint64_t first, Minibatch& batch);

}  // namespace popflow

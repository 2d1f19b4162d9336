#include "popflow/training/minibatch.hpp"

namespace popflow {

namespace {

int class_at(const Task& task, double uniform) {
  const int last = static_cast<int>(task.size()) - 1;
  for (int c = 0; c < last; ++c) {
    uniform -= task[c].probability;
    if (uniform <= 0.0) return c;
  }
  return last;
}

}  // namespace

void draw_samples(Task& task, std::uint64_t seed, Purpose purpose, std::uint32_t run,
                  std::uint64_t first, Minibatch& batch) {
  for (Eigen::Index b = 0; b < batch.x.rows(); ++b) {
    RandomStream stream(seed, purpose, first + static_cast<std::uint64_t>(b), run);
    const int c = class_at(task, stream.uniform());
    batch.label_class[static_cast<std::size_t>(b)] = c;
    task[c].input.sample(stream, batch.x.row(b).transpose());
  }
}

}  // namespace popflow

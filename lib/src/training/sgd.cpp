#include "popflow/training/sgd.hpp"

#include <algorithm>

#include "popflow/network/checks.hpp"
#include "popflow/threads/parallel_for.hpp"

namespace popflow {

namespace {

// Fields of so many samples at a time stay in the second-level cache, and few lanes are left empty.
constexpr int block = 256;

// Every piece has its own sum: no more of them than keep most machines' threads busy.
constexpr int most_pieces = 64;

int rounded_up(int number, int multiple) { return (number + multiple - 1) / multiple * multiple; }

int size_of_pieces(int batch) { return rounded_up((batch - 1) / most_pieces + 1, block); }

}  // namespace

template <class Real>
Sgd<Real>::Sgd(const Task& task, const Network& network, const Parameters& parameters,
               const Options& options)
    : schedule_(options.schedule),
      key_{options.schedule.seed, Purpose::training, options.schedule.run},
      piece_size_(size_of_pieces(schedule_.size())),
      gradient_(parameters.hidden(), parameters.sites()) {
  const Torus& torus = check_task(task);
  check_labels(task, network.loss);
  check_parameters(torus, network, parameters);
  const auto gradient = [&]() -> Gradient {
    if (options.gradient == SampleGradient::quartic)
      return QuarticGradient<Real>(task, network, parameters);
    return NetworkGradient<Real>(torus, network, parameters.hidden());
  };
  const int pieces = (schedule_.size() - 1) / piece_size_ + 1;
  const Worker worker{task, LaneBatch<Real>(task, block), gradient(),
                      std::vector<std::uint64_t>(block)};
  workers_.assign(static_cast<std::size_t>(std::min(pieces, thread_count())), worker);
  piece_sums_.assign(static_cast<std::size_t>(pieces), gradient_);
}

template <class Real>
const Parameters& Sgd<Real>::gradient(const Parameters& parameters, std::uint64_t step) {
  schedule_.begin(step);
  const int size = schedule_.size();
  const int pieces = (size - 1) / piece_size_ + 1;
  for (Worker& worker : workers_)
    std::visit([&parameters](auto& gradient) { gradient.set(parameters); }, worker.gradient);
  const auto sum_piece = [&](int piece, int worker) {
    Parameters& sum = piece_sums_[static_cast<std::size_t>(piece)];
    sum.values.setZero();
    const int first = piece * piece_size_;
    add_piece(workers_[static_cast<std::size_t>(worker)], first,
              std::min(first + piece_size_, size), sum);
  };
  parallel_for(pieces, sum_piece, {.threads = static_cast<int>(workers_.size())});
  gradient_.values.setZero();
  for (int piece = 0; piece < pieces; ++piece)
    gradient_.values += piece_sums_[static_cast<std::size_t>(piece)].values;
  gradient_.values /= size;
  return gradient_;
}

template <class Real>
void Sgd<Real>::add_piece(Worker& worker, int first, int last, Parameters& sum) {
  for (; first < last; first += block) {
    const std::span numbers(worker.numbers.data(),
                            static_cast<std::size_t>(std::min(block, last - first)));
    schedule_.fill(first, numbers);
    draw_samples(worker.task, key_, numbers, worker.batch);
    std::visit([&](auto& gradient) { gradient.add(worker.batch, sum); }, worker.gradient);
  }
}

template class Sgd<float>;
template class Sgd<double>;

}  // namespace popflow

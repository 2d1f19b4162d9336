#include "popflow/dynamics/orbit_flow.hpp"

#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace popflow {

struct OrbitFlow::Sampling {
  Sampling(OrbitGradient of, const Parameters& start)
      : gradient(std::move(of)), at(start), rate(start) {}

  OrbitGradient gradient;
  Parameters at, rate;
  std::uint64_t evaluations = 0;
  std::mutex mutex = {};
};

OrbitFlow::OrbitFlow(const Task& task, const Network& network, const Parameters& start,
                     const Learning& learning, const OrbitGradient::Options& options)
    : learning_((check_learning(learning), learning)),
      sampling_(
          std::make_shared<Sampling>(OrbitGradient(task, network, start.hidden(), options), start)),
      space_(lattice_of(task), start, learning.bias_rate > 0.0, learning.second_layer_rate > 0.0) {
  check_parameters(lattice_of(task), network, start);
}

void OrbitFlow::evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) const {
  if (!sampling_) throw std::logic_error("orbit flow: was moved from");
  Sampling& own = *sampling_;
  const std::lock_guard guard(own.mutex);
  space_.load(w, own.at);
  parameter_rate(learning_, own.at, own.gradient.gradient(own.at, own.evaluations++), own.rate);
  space_.store(own.rate, dwdt);
}

Parameters OrbitFlow::standard_error() const {
  const std::lock_guard guard(sampling_->mutex);
  Parameters error = space_.fixed();
  error.values = sampling_->gradient.standard_error();
  error.bias() *= learning_.bias_rate;
  error.second() *= learning_.second_layer_rate;
  return error;
}

}  // namespace popflow

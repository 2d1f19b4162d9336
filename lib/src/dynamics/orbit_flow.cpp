#include "popflow/dynamics/orbit_flow.hpp"

namespace popflow {

OrbitFlow::OrbitFlow(const Task& task, const Network& network, const Parameters& shape,
                     const Learning& learning, const OrbitGradient::Options& options)
    : gradient_(task, network, shape.hidden(), options),
      learning_(learning),
      parameters_(shape),
      rate_(shape) {
  check_learning(learning);
  check_parameters(lattice_of(task), network, shape);
}

void OrbitFlow::operator()(const Eigen::VectorXd& state, Eigen::VectorXd& rate, double) {
  parameters_.values = state;
  parameter_rate(learning_, parameters_, gradient_.gradient(parameters_, evaluations_++), rate_);
  rate = rate_.values;
}

Eigen::VectorXd OrbitFlow::standard_error() const {
  Parameters error = parameters_;
  error.values = gradient_.standard_error();
  error.bias() *= learning_.bias_rate;
  error.second() *= learning_.second_layer_rate;
  return error.values;
}

}  // namespace popflow

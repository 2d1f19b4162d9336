#include "popflow/tensor/least_squares.hpp"

#include <Eigen/Cholesky>

namespace popflow {

Eigen::MatrixXd damped_step(const Eigen::MatrixXd& normal, const Eigen::MatrixXd& gradient,
                            double damping) {
  Eigen::MatrixXd damped = normal.selfadjointView<Eigen::Upper>();
  damped.diagonal().array() += damping * normal.diagonal().maxCoeff();
  const Eigen::VectorXd step = damped.llt().solve(-gradient.reshaped());
  return step.reshaped(gradient.rows(), gradient.cols());
}

}  // namespace popflow

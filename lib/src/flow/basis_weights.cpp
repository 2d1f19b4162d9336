#include "popflow/flow/basis_weights.hpp"

#include "popflow/lattice/scratch.hpp"

namespace popflow {

void load_weights(const FourierBasis& basis, const Parameters& at, Eigen::MatrixXd& w) {
  check_shape(at, w.cols(), w.rows());
  for (Eigen::Index k = 0; k < w.cols(); ++k)
    basis.from_sites(at.values.segment(k * w.rows(), w.rows()), w.col(k));
}

void add_to_first_layer(const FourierBasis& basis, const Eigen::MatrixXd& fields, Parameters& out) {
  Scratch scratch;
  Field& field = scratch.field(fields.rows());
  for (Eigen::Index k = 0; k < fields.cols(); ++k) {
    basis.to_sites(fields.col(k), field);
    out.values.segment(k * field.size(), field.size()) += field;
  }
}

}  // namespace popflow

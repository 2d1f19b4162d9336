#include <cstdlib>
#include <iostream>

#include <Eigen/Core>

#include <popflow/lattice/fourier.hpp>
#include <popflow/lattice/torus.hpp>

int main() {
  const popflow::Torus torus({6, 8});
  popflow::FourierTransform fourier(torus);
  const popflow::Field field = popflow::Field::LinSpaced(torus.sites(), -1.0, 2.0);
  const double error = (fourier.backward(fourier.forward(field)) - field).norm();
  std::cout << "round trip error " << error << '\n';
  return error < 1e-12 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include <cstdlib>
#include <iostream>

#include <Eigen/LU>

#include <popflow/input/gaussian_field.hpp>
#include <popflow/lattice/fourier.hpp>
#include <popflow/lattice/torus.hpp>

// Compiled with other flags than the library, too: then Eigen must take and give back memory alike.
int main() {
  const popflow::Torus torus({6, 8});

  // The library takes memory, and the program gives it back.
  popflow::FourierTransform fourier(torus);
  const popflow::Field field = popflow::Field::LinSpaced(torus.sites(), -1.0, 2.0);
  const double round_trip = (fourier.backward(fourier.forward(field)) - field).norm();

  // The program takes memory, and the library reads it.
  popflow::Field covariance = popflow::Field::Zero(torus.sites());
  covariance[0] = 2.0;
  const popflow::GaussianField white(torus, covariance);
  const double variance = white.covariance().sum() - 2.0;

  // The program alone takes this memory. Eigen reads the blocks of a large product aligned as it
  // believes to have taken them.
  const Eigen::MatrixXd a = Eigen::MatrixXd::Random(300, 300),
                        b = Eigen::MatrixXd::Random(300, 300);
  const double equation = (a * a.partialPivLu().solve(b) - b).norm();

  std::cout << "errors: round trip " << round_trip << ", variance " << variance << ", equation "
            << equation << '\n';
  const bool right = round_trip < 1e-12 && variance == 0.0 && equation < 1e-6;
  return right ? EXIT_SUCCESS : EXIT_FAILURE;
}

// A flow of one's own: a vector on the sphere that follows the fourth cumulant of the inputs along
// itself to its extremum. It comes to rest at an eigenvector of the cumulant tensor, and localised.
#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/tensor/exact_cumulant.hpp"
using namespace popflow;

// du/dtau = -(kappa[u,u,u] - (u . kappa[u,u,u]) u), over sites: a flow has these two members.
struct SphericalFlow {
  CumulantOperator kappa;
  FourierTransform fourier{kappa.torus()};

  Eigen::Index dimension() const { return kappa.torus().sites(); }
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double) const {
    Spectrum cube(kappa.torus().half_modes());
    kappa.contract(fourier.forward(u), cube);
    const Field force = fourier.backward(cube);
    dudt = u.dot(force) * u - force;
  }
};

int main() {
  const Torus ring({100});
  const NonlinearGaussianField smooth({ring, gaussian_correlation(ring, 8.0)}, 3.0);
  const SphericalFlow flow{exact_cumulant(smooth)};
  const Field start = Field::Random(ring.sites()).normalized();
  integrate(flow, start, {0.0, 10.0, 20.0, 40.0}, [](const Field& u, double tau) {
    fmt::print("tau = {:2}: IPR = {:.4f}\n", tau, inverse_participation_ratio(u));
  });
}

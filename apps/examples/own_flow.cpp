// A flow of one's own: a vector on the sphere that follows the fourth cumulant of the inputs along
// itself to its extremum. It comes to rest at an eigenvector of the cumulant tensor, and localised.
#include <array>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/measure/receptive_field.hpp"
using namespace popflow;

// du/dtau = -(kappa[u,u,u] - (u . kappa[u,u,u]) u), over sites: a flow has these two members.
struct SphericalFlow {
  CumulantOperator kappa;
  FourierTransform fourier{kappa.torus()};
  Spectrum spectrum = Spectrum::Zero(kappa.torus().half_modes()), cube = spectrum;

  Eigen::Index dimension() const { return kappa.torus().sites(); }
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double) {
    fourier.forward(u, spectrum);
    kappa.contract(spectrum, cube);
    fourier.backward(cube, dudt);
    dudt = u.dot(dudt) * u - dudt;
  }
};

int main() {
  const Torus ring({100});
  const NonlinearGaussianField smooth({ring, gaussian_correlation(ring, 8.0)}, 3.0);
  SphericalFlow flow{exact_cumulant(smooth)};
  Eigen::VectorXd u = Field::Random(ring.sites()).normalized();
  integrate(flow, u, std::array{0.0, 10.0, 20.0, 40.0}, [](const Eigen::VectorXd& v, double tau) {
    fmt::print("tau = {:2}: IPR = {:.4f}\n", tau, inverse_participation_ratio(v));
  });
}

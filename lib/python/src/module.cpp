#include "popflow/results/version.hpp"

#include "bindings.hpp"

PYBIND11_MODULE(_core, m) {
  using namespace popflow::python;
  m.doc() = "popflow's C++ library; import popflow instead";
  m.attr("__version__") = popflow::version();
  m.attr("git_revision") = popflow::git_revision();
  define_lattice(m);
  define_input(m);
  define_moments(m);
  define_network(m);
  define_flow(m);
  define_integration(m);
  define_dynamics(m);
  define_training(m);
  define_tensor(m);
  define_measure(m);
  define_experiment(m);
}

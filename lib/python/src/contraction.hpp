#pragma once

#include <optional>
#include <stdexcept>

#include "popflow/lattice/fourier.hpp"

#include "bindings.hpp"

namespace popflow::python {

/// The methods that every form of a fourth cumulant has in Python: contract(u), and contract(u, v,
/// w).
template <class Operator>
void define_contraction(py::class_<Operator>& type) {
  type.def_property_readonly("torus", &Operator::torus)
      .def(
          "contract",
          [](const Operator& self, const Spectrum& u, const std::optional<Spectrum>& v,
             const std::optional<Spectrum>& w) {
            const Eigen::Index modes = self.torus().half_modes();
            if (u.size() != modes || (v && v->size() != modes) || (w && w->size() != modes))
              throw std::invalid_argument("half-spectra: must have half_modes entries");
            if (v.has_value() != w.has_value())
              throw std::invalid_argument("contract: takes one half-spectrum or three");
            Spectrum out(modes);
            if (v)
              self.contract(u, *v, *w, out);
            else
              self.contract(u, out);
            return out;
          },
          py::arg("u"), py::arg("v") = py::none(), py::arg("w") = py::none(),
          "Half-spectrum of kappa_i[u, v, w], of three half-spectra; v = w = u by default (Eq. "
          "14).");
}

}  // namespace popflow::python

#include "popflow/flow/cumulant_term.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

namespace popflow {

void CumulantTerm::contract(const FourierBasis& basis, const Eigen::Ref<const Field>& u,
                            Eigen::Ref<Field> out) const {
  Scratch scratch;
  const Eigen::Index modes = basis.torus().half_modes();
  Spectrum &u_hat = scratch.spectrum(modes), &kappa = scratch.spectrum(modes);
  basis.to_spectrum(u, u_hat);
  cumulant.contract(u_hat, kappa);
  basis.from_spectrum(kappa, out);
}

void CumulantTerm::contract(const FourierBasis& basis, const Eigen::Ref<const Field>& u,
                            const Eigen::Ref<const Field>& v, const Eigen::Ref<const Field>& w,
                            Eigen::Ref<Field> out) const {
  Scratch scratch;
  const Eigen::Index modes = basis.torus().half_modes();
  Spectrum &u_hat = scratch.spectrum(modes), &v_hat = scratch.spectrum(modes),
           &w_hat = scratch.spectrum(modes), &kappa = scratch.spectrum(modes);
  basis.to_spectrum(u, u_hat);
  basis.to_spectrum(v, v_hat);
  basis.to_spectrum(w, w_hat);
  cumulant.contract(u_hat, v_hat, w_hat, kappa);
  basis.from_spectrum(kappa, out);
}

std::vector<CumulantTerm> cumulant_terms(const Task& task,
                                         std::vector<CumulantOperator> cumulants) {
  const Torus& torus = lattice_of(task);
  if (cumulants.size() != task.size())
    throw std::invalid_argument(fmt::format("{} cumulant operators for {} classes: must be as many",
                                            cumulants.size(), task.size()));
  const FourierBasis basis(torus);
  std::vector<CumulantTerm> terms;
  for (std::size_t c = 0; c < task.size(); ++c) {
    if (!(cumulants[c].torus() == torus))
      throw std::invalid_argument("cumulant operator: must live on the task's lattice");
    terms.push_back({task[c].label, task[c].probability, basis.diagonal(task[c].input.spectrum()),
                     std::move(cumulants[c])});
  }
  return terms;
}

}  // namespace popflow

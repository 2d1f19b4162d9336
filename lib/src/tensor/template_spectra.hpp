#pragma once

#include <vector>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The spectra of templates, N x R.
inline std::vector<Spectrum> template_spectra(const FourierTransform& fourier,
                                              const Eigen::MatrixXd& templates) {
  std::vector<Spectrum> spectra;
  for (Eigen::Index r = 0; r < templates.cols(); ++r)
    spectra.push_back(fourier.forward(templates.col(r)));
  return spectra;
}

/// The correlation c(k) = sum_i a(i) b(i + k) of two fields, from their spectra.
inline Field correlation(const FourierTransform& fourier, const Spectrum& a, const Spectrum& b) {
  return fourier.backward(a.conjugate().cwiseProduct(b));
}

}  // namespace popflow

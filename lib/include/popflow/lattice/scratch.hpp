#pragma once

#include <cstddef>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// Vectors for intermediate results, which the calling thread lends as long as this object lives.
/// An evaluation then needs no memory of its own, is const, and may run in any number of threads.
///
///     Scratch scratch;
///     Spectrum& product = scratch.spectrum(torus.half_modes());
///
/// The vectors have any content and Eigen's alignment, and must not be resized. The thread keeps
/// them, so that only the first use of a size allocates. Objects of one thread must be destroyed in
/// the reverse order of their construction, and only the innermost object may lend.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  Field& field(Eigen::Index size);
  Spectrum& spectrum(Eigen::Index size);
  Eigen::MatrixXd& matrix(Eigen::Index rows, Eigen::Index columns);

 private:
  std::size_t fields_, spectra_, matrices_;  // lent when this object was made
};

}  // namespace popflow

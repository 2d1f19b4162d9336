#include "popflow/lattice/scratch.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace popflow {

namespace {

// Vectors or matrices of one thread: the first `lent` are in use.
template <class T>
struct Store {
  std::vector<std::unique_ptr<T>> all = {};
  std::size_t lent = 0;

  T& lend(Eigen::Index rows, Eigen::Index columns) {
    const auto free = all.begin() + static_cast<std::ptrdiff_t>(lent);
    auto found = std::find_if(free, all.end(), [=](const std::unique_ptr<T>& held) {
      return held->rows() == rows && held->cols() == columns;
    });
    if (found == all.end()) {
      all.push_back(std::make_unique<T>(rows, columns));
      found = all.end() - 1;
    }
    std::swap(*found, all[lent]);
    return *all[lent++];
  }
};

struct Stores {
  Store<Field> fields;
  Store<Spectrum> spectra;
  Store<Eigen::MatrixXd> matrices;
};

Stores& stores() {
  thread_local Stores own;
  return own;
}

}  // namespace

Scratch::Scratch()
    : fields_(stores().fields.lent),
      spectra_(stores().spectra.lent),
      matrices_(stores().matrices.lent) {}

Scratch::~Scratch() {
  Stores& own = stores();
  own.fields.lent = fields_;
  own.spectra.lent = spectra_;
  own.matrices.lent = matrices_;
}

Field& Scratch::field(Eigen::Index size) { return stores().fields.lend(size, 1); }
Spectrum& Scratch::spectrum(Eigen::Index size) { return stores().spectra.lend(size, 1); }
Eigen::MatrixXd& Scratch::matrix(Eigen::Index rows, Eigen::Index columns) {
  return stores().matrices.lend(rows, columns);
}

}  // namespace popflow

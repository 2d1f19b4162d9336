#pragma once

#include <string>
#include <vector>

#include "popflow/experiment/experiment.hpp"

namespace ledger {

/// One experiment of the ledger.
struct Entry {
  std::string name;
  popflow::Experiment experiment;
  int most_latents;  ///< directions of the latent closures: a third costs twenty times the second

  bool one_neuron() const { return experiment.network.hidden == 1; }
  bool gaussian() const;        ///< whether every class's inputs are
  double gain() const;          ///< the largest of the classes'
  std::string setting() const;  ///< what distinguishes it, on one line
};

/// The reference experiment first; all of them, or the few of a smoke test, with few samples.
std::vector<Entry> entries(const std::string& file, bool smoke);

}  // namespace ledger

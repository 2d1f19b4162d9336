#pragma once

#include <cstddef>
#include <cstdint>

namespace popflow {

// Sixteen values s of the latent directions at once, side by side in lanes: an array "n x lanes"
// has its sixteen values of each entry contiguously. Active sites are those whose weights are not
// negligible.
struct LatentBlock {
  static constexpr int rows = 4;  // of a group of sites

  std::ptrdiff_t sites, active, latents, neurons, terms, diagonal_nodes;

  const double* node;             // latents x lanes: s
  const double* slope;            // latents x sites: h = slope . s
  const double* weights;          // neurons x active: u
  const std::ptrdiff_t* site;     // active: where these are
  const std::ptrdiff_t* begin;    // terms x groups of sites + 1: of lists of entries, each with
  const std::int32_t* position;   // one among the active sites
  const double* power;            // and rho^m / m! of the four sites of the group
  const double* diagonal_rate;    // active x diagonal_nodes
  const double* diagonal_weight;  // the same
  double height, height2;         // of E[x|s] and Cov[x, x|s]

  double* mean;        // sites x lanes: E[x|s]
  double* covariance;  // neurons x sites x lanes: Cov[x, lambda|s]
  double* h;           // sites x lanes, as the next two: scratch
  double* hermite;     // He_(m-1)(h) n(h), and that of the term before, in turns
  double* previous;
  double* right;  // active x lanes: scratch
};

// Fills mean and covariance.
struct ConditionalMoments {
  template <class Arch>
  void operator()(Arch, const LatentBlock& block) const;
};

// out(o, i) += sum over lanes of value(o) mean(i) + sum_p slope(o, p) covariance(p, i), with one
// output o for each neuron. value is neurons x lanes, slope neurons x neurons x lanes.
struct AccumulateMoments {
  template <class Arch>
  void operator()(Arch, const LatentBlock& block, const double* value, const double* slope,
                  double* out) const;
};

}  // namespace popflow

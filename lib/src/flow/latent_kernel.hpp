#pragma once

#include <cstddef>

namespace popflow {

// Sixteen values s of the latent directions at once, side by side in lanes: all arrays named
// "x lanes" hold them contiguously. The sites whose weights count are the active ones.
struct LatentBlock {
  std::ptrdiff_t sites, active, latents, neurons, terms, diagonal_nodes;

  const double* node;             // latents x lanes: s
  const double* slope;            // latents x sites: h = slope . s
  const double* weights;          // neurons x active: u
  const std::ptrdiff_t* site;     // active: where these are
  const double* power;            // terms x sites x active: rho^m / m!, zero where i = j
  const double* diagonal_rate;    // active x diagonal_nodes
  const double* diagonal_weight;  // the same
  double height, height2;         // of E[x|s] and Cov[x, x|s]

  double* mean;        // sites x lanes: E[x|s]
  double* covariance;  // neurons x sites x lanes: Cov[x, lambda|s]
  double* h;           // sites x lanes, as the next two: scratch
  double* hermite;     // He_(m-1)(h) n(h)
  double* previous;
  double* right;  // neurons x active x lanes: scratch
};

// Fills mean and covariance.
struct ConditionalMoments {
  template <class Arch>
  void operator()(Arch, const LatentBlock& block) const;
};

// out(o, i) += sum over lanes of value(o) mean(i) + sum_p slope(o, p) covariance(p, i), for as many
// outputs as neurons. value is neurons x lanes, slope neurons x neurons x lanes.
struct AccumulateMoments {
  template <class Arch>
  void operator()(Arch, const LatentBlock& block, const double* value, const double* slope,
                  double* out) const;
};

}  // namespace popflow

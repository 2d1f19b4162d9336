#pragma once

#include <cmath>

#include "popflow/experiment/experiment.hpp"
#include "popflow/network/weights.hpp"

// P samples, half of each class, are given to a network that is trained on them in epochs, and to
// the tiled CP form of the fourth cumulant of the class of long correlations.
//
// With few samples, receptive fields fit the noise: they are rough and concentrated by chance. A
// field therefore counts as found only if it is localised (N IPR above 6, Eq. 46), and also a field
// that a network with unlimited samples finds: its similarity to one of these, a cosine up to
// shift, sign and reflection (Eq. 43), is at least `same_field`. How many random fields of their
// power spectra pass, noise that is as smooth, the check measures.
//
// The leading factor counts by the same two conditions, with the closed form's in the place of the
// network's. But whoever has the samples alone knows of it only when the cumulant along it, which
// the fit has maximised, is significant in as many fresh ones. (Of a handful of samples the
// standard error means little: what counts is from where on it is significant.)

inline constexpr double same_field = 0.9;
// |z| of a standard normal number exceeds this once in 16 thousand.
inline constexpr double significant = 4.0;

/// The share, in [0, 1], of the fields, K x N, that are localised and resemble one of `known`.
double found_share(const popflow::Torus& torus, const popflow::Weights& fields,
                   const popflow::Weights& known);

/// The receptive fields of the neurons of negative bias, K/2 x N.
popflow::Weights negative_half(const popflow::Parameters& parameters);

/// The parameters after training by section [sgd].
popflow::Parameters trained(const popflow::Experiment& experiment);

/// A network at the end of its training.
struct Learnt {
  double found;                  ///< share of the neurons of negative bias
  double ipr;                    ///< their mean
  double similarity;             ///< to the best of the known fields, their mean
  double train_loss, test_loss;  ///< the latter of fresh samples
};

Learnt learnt(const popflow::Experiment& experiment, const popflow::Weights& known);

/// The leading template of the first class's fourth cumulant, from decompose.samples samples or, if
/// 0, in closed form.
popflow::Field leading_template(const popflow::Experiment& experiment);

struct Factor {
  bool found;  ///< localised and like the known one
  double ipr, similarity;
  double z;  ///< the cumulant along it in as many fresh samples, in standard errors
  bool certain() const { return found && std::abs(z) > significant; }
};

Factor factor(const popflow::Experiment& experiment, const popflow::Field& known);

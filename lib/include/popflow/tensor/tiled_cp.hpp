#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "popflow/tensor/template_basis.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

namespace popflow {

/// The ranks, the starts, what is asked of the templates, and when a fit ends.
struct TiledCpOptions {
  int rank = 1;                    ///< R >= 1
  int starts = 6;                  ///< random starts for every rank up to R, >= 2
  std::uint64_t seed = 1;          ///< of the starts
  TemplateSymmetry symmetry = {};  ///< asked of every template; none unless given
  int band = -1;                   ///< tiled_cp: largest wave number of the templates; -1: all
  int radius = -1;            ///< tiled_cp_from_entries: templates vanish further from site 0 than
                              ///< this; -1: than where `reach` falls below 1 %
  int iterations = 60;        ///< of the best start of every rank, at most; >= 1
  double tolerance = 1e-4;    ///< of the squared error, see LeastSquaresOptions; >= 0
  double good_enough = 1e-6;  ///< relative error at which a fit stops, >= 0; below 1e-7 rounding
                              ///< decides in tiled_cp
  /// Asked before every step, by any thread; true: the best so far, which higher ranks repeat.
  std::function<bool()> interrupted = {};
};

/// The best fit of one rank.
struct TiledCpFit {
  TiledFactors factors;   ///< normalised(): symmetric templates about a site, not always site 0
  double relative_error;  ///< of the whole tensor, Frobenius
};

/// The tiled CP form (Eq. 31) closest to a fourth cumulant that is known as an operator, for every
/// rank 1, 2, ..., R in turn: entry r - 1 is the fit of rank r.
///
/// `squared_norm` is sum_abc kappa(a, b, c)^2. Levenberg-Marquardt over the templates' Fourier
/// modes, with gradient and Gauss-Newton matrix in closed form (Eq. 33, 34), from random bumps and
/// their differences, and from the fit of one rank less with a template more, which is why the
/// error never rises with the rank; ranks above one that is `good_enough` repeat its fit, with
/// fewer templates. Starts run in parallel; the result does not depend on the number of threads. A
/// best fit need not exist: two templates may approach one another while their weights grow without
/// bound against each other, until `tolerance` or `iterations` ends it. With P modes a template an
/// iteration costs O(R^2 N P^2 + R^3 P^3), so P R must not exceed 2500: on large lattices, see
/// tiled_cp_from_entries. Throws std::invalid_argument for more, for options out of range, and
/// unless 0 < squared_norm < infinity.
std::vector<TiledCpFit> tiled_cp(const CumulantOperator& cumulant, double squared_norm,
                                 const TiledCpOptions& options);

}  // namespace popflow

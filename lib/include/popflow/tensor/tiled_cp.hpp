#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "popflow/tensor/template_basis.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

namespace popflow {

/// The ranks, the starts, the form of the templates, and when a fit ends.
struct TiledCpOptions {
  int rank = 1;                    ///< R >= 1
  int starts = 6;                  ///< number of random starts for every rank up to R, >= 2
  std::uint64_t seed = 1;          ///< seed of the starts
  TemplateSymmetry symmetry = {};  ///< required of every template; none by default
  int band = -1;                   ///< tiled_cp: largest wave number of the templates; -1: all
  /// tiled_cp_from_entries: templates vanish farther from site 0 than this; -1: than the last site
  /// where `reach` is at least 1 % of its value at site 0.
  int radius = -1;
  int iterations = 60;      ///< largest number for the best start of every rank, >= 1
  double tolerance = 1e-4;  ///< ends after 3 steps that each lower the squared error by less; >= 0
  /// Relative error at which a fit stops, >= 0. In tiled_cp errors below 1e-7 are rounding.
  double good_enough = 1e-6;
  /// Asked before every step, by any thread. If it returns true, the result is the best fit so far,
  /// and higher ranks repeat it.
  std::function<bool()> interrupted = {};
};

/// The best fit of one rank.
struct TiledCpFit {
  TiledFactors factors;   ///< normalised(); symmetric templates may be centred at any site
  double relative_error;  ///< Frobenius, over the whole tensor
};

/// The tiled CP forms (Eq. 31) of rank 1, 2, ..., R that are closest to a fourth cumulant that is
/// known as an operator. Entry r - 1 of the result is the fit of rank r.
///
/// `squared_norm` is sum_abc kappa(a, b, c)^2. Levenberg-Marquardt runs over the Fourier modes of
/// the templates, with the gradient and the Gauss-Newton matrix in closed form (Eq. 33, 34). Half
/// of the starts are random templates, each a pair of Gaussian bumps. The other half are the fit of
/// rank r - 1 and one random template, so that the error never rises with the rank. When a fit
/// reaches `good_enough`, all higher ranks repeat it, with its fewer templates. Starts run in
/// parallel; the result does not depend on the number of threads.
///
/// A best fit need not exist: two templates may approach one another while their weights of
/// opposite sign grow without bound, until `tolerance` or `iterations` ends the fit. With P modes
/// per template an iteration costs O(R^2 N P^2 + R^3 P^3), so P R must not exceed 2500; for large
/// lattices, see tiled_cp_from_entries. Throws std::invalid_argument for larger P R, for options
/// out of range, and unless 0 < squared_norm < infinity.
std::vector<TiledCpFit> tiled_cp(const CumulantOperator& cumulant, double squared_norm,
                                 const TiledCpOptions& options);

}  // namespace popflow

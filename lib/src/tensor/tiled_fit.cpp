#include "popflow/tensor/tiled_fit.hpp"

#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/tensor/entry_sample.hpp"
#include "popflow/tensor/exact_cumulant.hpp"
#include "popflow/tensor/tiled_cp_from_entries.hpp"

namespace popflow {

namespace {

constexpr int default_entries = 30'000;
constexpr int unseen_entries = 100'000;
constexpr double negligible_truncation = 1e-9;

TiledFit from_table(const FourthCumulant& kappa, const TiledCpOptions& options) {
  const CumulantTable table(kappa);
  const BandLimitedCumulant cumulant(table, negligible_truncation);
  const std::vector<TiledCpFit> fits = tiled_cp(cumulant, table.squared_norm(), options);
  TiledFit result{fits.back().factors, fits.back().relative_error, {}, {}};
  for (const TiledCpFit& fit : fits) result.rank_error.push_back(fit.relative_error);
  return result;
}

TiledFit from_entries(const FourthCumulant& kappa, const Field& reach, int entries,
                      const TiledCpOptions& options) {
  const EntrySample seen = draw_entries(kappa, reach, entries, options.seed);
  const std::vector<TiledCpFit> fits = tiled_cp_from_entries(seen, reach, options);
  const EntrySample unseen = draw_entries(kappa, reach, unseen_entries, options.seed, 1);
  TiledFit result{fits.back().factors, 0.0, {}, {}};
  for (const TiledCpFit& fit : fits) {
    const auto [error, standard_error] = relative_error(fit.factors, unseen);
    result.rank_error.push_back(error);
    result.relative_error = error;
    result.standard_error = standard_error;
  }
  return result;
}

}  // namespace

TiledFit tiled_fit(const FourthCumulant& kappa, const Field& reach, TiledCpOptions options,
                   const TiledFitSource& source) {
  const bool table = source.entries == 0 && kappa.torus().sites() <= most_exact_sites;
  const bool symmetric = source.symmetric_templates.value_or(!table);
  options.symmetry = symmetric ? TemplateSymmetry(kappa.symmetry()) : std::nullopt;
  if (table) return from_table(kappa, options);
  return from_entries(kappa, reach, source.entries > 0 ? source.entries : default_entries, options);
}

}  // namespace popflow

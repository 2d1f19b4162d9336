// Cost of contracting the fourth cumulant with weights: exact table, band-limited form in Fourier
// space, and tiled form, against the number of sites, with fitted exponents.
// --smoke makes the table short.

#include <optional>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/tensor/tiled_fit.hpp"

#include "allocation_count.hpp"
#include "log_slope.hpp"
#include "measure.hpp"

namespace {

using namespace popflow;

// The correlation length grows with the ring, as it does when the same images are sampled finer:
// the modes that the band-limited form must keep then stay about the same. Also at fixed length.
struct Family {
  const char* name;
  double (*length)(int sites);
};
constexpr Family families[] = {{"xi = 8", [](int) { return 8.0; }},
                               {"xi = 0.08 N", [](int n) { return 0.08 * n; }}};

constexpr int rank = 4;
constexpr double truncation = 1e-3;

template <class Operator>
double contraction_seconds(Operator op) {
  Spectrum u = FourierTransform(op.torus()).forward(Field::Random(op.torus().sites()));
  Spectrum out(u.size());
  return median_seconds([&] { op.contract(u, out); });
}

std::size_t allocations(CumulantOperator op) {
  Spectrum u = FourierTransform(op.torus()).forward(Field::Random(op.torus().sites()));
  Spectrum out(u.size());
  op.contract(u, out);
  const std::size_t before = test::allocation_count();
  op.contract(u, out);
  return test::allocation_count() - before;
}

// Cost does not depend on what the templates are.
TiledCumulant templates(const Torus& torus) {
  return TiledCumulant(
      {torus, Eigen::VectorXd::Ones(rank), Eigen::MatrixXd::Random(torus.sites(), rank)});
}

struct Series {
  std::vector<double> sites, seconds;
  void add(int n, double t) {
    sites.push_back(n);
    seconds.push_back(t);
  }
  std::string exponent() const {
    return sites.size() > 1 ? fmt::format("{:.2f}", test::log_slope(sites, seconds)) : "-";
  }
};

void measure_family(const Family& family, const std::vector<int>& rings) {
  fmt::print(
      "NLGP g = 3, {}: microseconds a contraction\n{:>6} {:>12} {:>6} {:>14} {:>10} {:>14} "
      "{:>12}\n",
      family.name, "N", "table", "band", "band-limited", "tiled", "tiled, ns/site", "allocations");
  Series exact, band_limited, tiled;
  for (int n : rings) {
    const Torus torus({n});
    const double tiled_time = contraction_seconds(templates(torus));
    tiled.add(n, tiled_time);
    std::string table_text = "-", band_text = "-", width_text = "-";
    if (n <= 512) {
      const CumulantTable table(fourth_cumulant(NonlinearGaussianField(
          GaussianField(torus, gaussian_correlation(torus, family.length(n))), 3.0)));
      const BandLimitedCumulant band(table, truncation);
      if (n <= 128) {
        exact.add(n, contraction_seconds(table));
        table_text = fmt::format("{:.1f}", 1e6 * exact.seconds.back());
      }
      band_limited.add(n, contraction_seconds(band));
      band_text = fmt::format("{:.2f}", 1e6 * band_limited.seconds.back());
      width_text = fmt::format("{}", band.band());
    }
    fmt::print("{:>6} {:>12} {:>6} {:>14} {:>10.2f} {:>14.1f} {:>12}\n", n, table_text, width_text,
               band_text, 1e6 * tiled_time, 1e9 * tiled_time / n, allocations(templates(torus)));
  }
  fmt::print("cost ~ N^x: table {}, band-limited {}, tiled {} (R = {})\n\n", exact.exponent(),
             band_limited.exponent(), tiled.exponent(), rank);
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && std::string_view(argv[1]) == "--smoke";
  fmt::print("Band-limited to a relative error of {}; tiled with {} templates.\n", truncation,
             rank);
  for (const Family& family : families)
    measure_family(family, smoke ? std::vector{32, 64}
                                 : std::vector{32, 64, 128, 256, 512, 1024, 4096, 16384});
  return 0;
}

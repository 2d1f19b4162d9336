#include "popflow/tensor/entry_sample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "tensor/padded_template.hpp"

namespace popflow {

namespace {

// The density of each of the three sites that are drawn around a central site.
class DisplacementLaw {
 public:
  explicit DisplacementLaw(const Field& reach)
      : cumulative_(static_cast<std::size_t>(reach.size())) {
    const Field near = reach.cwiseAbs();
    const Field wide = near.cwiseSqrt();
    density_ = 0.9 * near / near.sum() + 0.09 * wide / wide.sum();
    density_.array() += 0.01 / static_cast<double>(reach.size());
    std::partial_sum(density_.begin(), density_.end(), cumulative_.begin());
  }

  double density(int displacement) const { return density_[displacement]; }

  int draw(RandomStream& stream) const {
    const double u = stream.uniform() * cumulative_.back();
    const auto at = std::lower_bound(cumulative_.begin(), cumulative_.end(), u);
    return static_cast<int>(std::min(at, cumulative_.end() - 1) - cumulative_.begin());
  }

 private:
  Field density_;
  std::vector<double> cumulative_;
};

// q(a, b, c): the mean of the joint density over the four choices of the central site (Eq. 35).
double density(const Torus& torus, const DisplacementLaw& law, int a, int b, int c) {
  const std::array<int, 4> sites{0, a, b, c};
  double q = 0.0;
  for (int hub : sites) {
    double product = 1.0;
    for (int other : sites) product *= law.density(torus.add(other, torus.negate(hub)));
    q += 0.25 * product / law.density(0);  // the hub itself is not drawn
  }
  return q;
}

// Sum over the sites s of the box of t(s + d0) t(s + d1) t(s + d2) t(s + d3).
double quartic_sum(const PaddedTemplate& t, const Box& box, const std::array<int, 4>& d) {
  double sum = 0.0;
  for (int row = 0; row < box.rows; ++row) {
    const double *t0 = t.row(box, row, d[0]), *t1 = t.row(box, row, d[1]),
                 *t2 = t.row(box, row, d[2]), *t3 = t.row(box, row, d[3]);
    double of_row = 0.0;
    for (int k = 0; k < box.columns; ++k) of_row += t0[k] * t1[k] * t2[k] * t3[k];
    sum += of_row;
  }
  return sum;
}

}  // namespace

EntrySample draw_entries(const FourthCumulant& kappa, const Field& reach, int count,
                         std::uint64_t seed, std::uint32_t run) {
  const Torus& torus = kappa.torus();
  if (count < 2) throw std::invalid_argument(fmt::format("{} entries: must be at least 2", count));
  if (reach.size() != torus.sites())
    throw std::invalid_argument(
        fmt::format("reach of {} sites: must be {}", reach.size(), torus.sites()));
  if (!(reach.norm() > 0.0 && reach.allFinite()))
    throw std::invalid_argument("reach: must be finite, and not zero everywhere");
  const DisplacementLaw law(reach);
  EntrySample sample{torus, std::vector<CumulantEntry>(static_cast<std::size_t>(count))};
  const auto draw = [&](std::size_t n) {
    RandomStream stream(seed, Purpose::entries, n, run);
    const int a = law.draw(stream), b = law.draw(stream), c = law.draw(stream);
    sample.entries[n] = {a, b, c, 1.0 / (count * density(torus, law, a, b, c)), kappa(a, b, c)};
  };
  parallel_for(sample.entries.size(), draw, {.grain = 64});
  return sample;
}

Eigen::MatrixXd template_entries(const Torus& torus, const Eigen::MatrixXd& templates,
                                 const std::vector<CumulantEntry>& entries) {
  if (templates.rows() != torus.sites())
    throw std::invalid_argument(
        fmt::format("templates of {} sites: must be {}", templates.rows(), torus.sites()));
  const Box box = support(torus, templates);
  const std::vector<PaddedTemplate> padded = padded_templates(torus, templates);
  Eigen::MatrixXd values(static_cast<Eigen::Index>(entries.size()), templates.cols());
  const auto evaluate = [&](Eigen::Index n) {
    const CumulantEntry& entry = entries[static_cast<std::size_t>(n)];
    for (Eigen::Index r = 0; r < values.cols(); ++r)
      values(n, r) =  // (Eq. 31)
          quartic_sum(padded[static_cast<std::size_t>(r)], box, {0, entry.a, entry.b, entry.c});
  };
  parallel_for(values.rows(), evaluate, {.grain = 64});
  return values;
}

EstimatedError relative_error(const TiledFactors& factors, const EntrySample& sample) {
  if (!(factors.torus == sample.torus) || factors.templates.cols() != factors.lambda.size())
    throw std::invalid_argument(
        "relative error: factors must have one weight a template, on the lattice of the sample");
  const Eigen::VectorXd model =
      template_entries(sample.torus, factors.templates, sample.entries) * factors.lambda;
  const auto count = static_cast<double>(sample.entries.size());
  Eigen::ArrayXd error(model.size()), whole(model.size());
  for (Eigen::Index n = 0; n < model.size(); ++n) {
    const CumulantEntry& entry = sample.entries[static_cast<std::size_t>(n)];
    error[n] = entry.weight * (entry.kappa - model[n]) * (entry.kappa - model[n]);
    whole[n] = entry.weight * entry.kappa * entry.kappa;
  }
  // The standard error of a ratio of two means, by the delta method (Eq. 36).
  const double ratio = error.sum() / whole.sum();
  const double spread = std::sqrt((error - ratio * whole).square().sum() * count / (count - 1.0));
  const double value = std::sqrt(ratio);
  return {value, value > 0.0 ? spread / whole.sum() / (2.0 * value) : 0.0};
}

}  // namespace popflow

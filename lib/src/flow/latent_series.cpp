#include "popflow/flow/latent_series.hpp"

#include <algorithm>
#include <cmath>

namespace popflow {

namespace {

// An entry may be dropped if it is below this fraction of the tolerance. The fraction is small
// because many entries are dropped, mostly of one sign.
constexpr double share_of_an_entry = 0.1;

}  // namespace

LatentSeries::LatentSeries(Eigen::Index sites, double tolerance, int most_terms)
    : groups_((sites + rows - 1) / rows), tolerance_(tolerance), most_terms_(most_terms) {
  const Eigen::Index of_a_term = groups_ * sites;
  rho_.resize(of_a_term * rows);
  begin_.resize(most_terms * groups_ + 1);
  position_.resize(most_terms * of_a_term + 1);  // the last for an entry that is not kept
  power_.resize(position_.size() * rows);
}

void LatentSeries::start(Eigen::Index active) {
  active_ = active;
  rho_.head(groups_ * active * rows).setZero();
}

void LatentSeries::expand(const Eigen::Ref<const Eigen::VectorXd>& weight, double effective) {
  const double asked = effective > 0.0 ? std::log(tolerance_) / std::log(effective) : 1.0;
  const double kept = asked > 0.0 ? std::clamp(asked, 1.0, double(most_terms_)) : most_terms_;
  terms_ = static_cast<int>(std::ceil(kept));
  lists_ = entries_ = 0;
  first_term(weight);
  for (int m = 2; m <= terms_; ++m)
    next_term(m, m == terms_ ? kept - static_cast<double>(terms_ - 1) : 1.0, weight);
  begin_[lists_] = entries_;
}

// Each entry is kept or dropped by itself: results must not depend on where groups begin.
void LatentSeries::add_entry(std::ptrdiff_t a, const Eigen::Vector4d& power, double least) {
  auto kept = power_.segment<rows>(entries_ * rows);
  kept = (power.array().abs() > least).select(power, 0.0);
  position_[entries_] = static_cast<std::int32_t>(a);
  entries_ += kept.isZero(0.0) ? 0 : 1;
}

void LatentSeries::first_term(const Eigen::Ref<const Eigen::VectorXd>& weight) {
  for (Eigen::Index group = 0; group < groups_; ++group) {
    begin_[lists_++] = entries_;
    for (Eigen::Index a = 0; a < active_; ++a) {
      const Eigen::Vector4d rho = rho_.segment<rows>((group * active_ + a) * rows);
      add_entry(a, rho, share_of_an_entry * tolerance_ / weight[a]);
    }
  }
}

// Powers divided by factorials, from the lists of term m - 1.
void LatentSeries::next_term(int m, double factor,
                             const Eigen::Ref<const Eigen::VectorXd>& weight) {
  const double least = share_of_an_entry * tolerance_ / std::tgamma(m);
  for (Eigen::Index group = 0; group < groups_; ++group) {
    begin_[lists_] = entries_;
    const std::ptrdiff_t before = lists_++ - groups_;
    for (std::ptrdiff_t e = begin_[before]; e < begin_[before + 1]; ++e) {
      const std::ptrdiff_t a = position_[e];
      const Eigen::Vector4d power = factor / m *
                                    power_.segment<rows>(e * rows).cwiseProduct(
                                        rho_.segment<rows>((group * active_ + a) * rows));
      add_entry(a, power, least / weight[a]);
    }
  }
}

}  // namespace popflow

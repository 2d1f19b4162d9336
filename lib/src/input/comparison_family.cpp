#include "input/comparison_family.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

namespace {

using Displacements = std::vector<int>;

// How many sets of displacements, or places, are drawn for a property.
constexpr int sets_compared = 24;

constexpr std::uint64_t selection_seed = 20220701;

std::string at_displacements(const Displacements& a) {
  return fmt::format("displacement{} {}", a.size() > 1 ? "s" : "", fmt::join(a, ", "));
}

// Displacements with the probability |C(a)| / sum |C|.
class NearDisplacements {
 public:
  explicit NearDisplacements(const Field& covariance) : cumulated_(covariance.cwiseAbs()) {
    for (Eigen::Index a = 1; a < cumulated_.size(); ++a) cumulated_[a] += cumulated_[a - 1];
  }

  int operator()(RandomStream& stream) const {
    const double at = stream.uniform() * cumulated_[cumulated_.size() - 1];
    const auto found = std::lower_bound(cumulated_.begin(), cumulated_.end(), at);
    return static_cast<int>(std::min(found, cumulated_.end() - 1) - cumulated_.begin());
  }

 private:
  Field cumulated_;
};

int any_site(const Torus& torus, RandomStream& stream) {
  return std::min(static_cast<int>(stream.uniform() * torus.sites()), torus.sites() - 1);
}

// `count` sets of `size` displacements: none at first, then near and far ones in turn.
std::vector<Displacements> drawn_displacements(const Input& input, int count, int size,
                                               std::uint64_t index) {
  RandomStream stream(selection_seed, Purpose::entries, index);
  const NearDisplacements near(input.covariance());
  std::vector<Displacements> sets{Displacements(static_cast<std::size_t>(size), 0)};
  for (int n = 1; n < count; ++n) {
    sets.emplace_back();
    for (int k = 0; k < size; ++k)
      sets.back().push_back(n % 2 == 1 ? near(stream) : any_site(input.torus(), stream));
  }
  return sets;
}

// The products x_i x_(i+a) x_(i+b) ... of all sites i.
class Products {
 public:
  Products(const Torus& torus, const Displacements& displacements) {
    for (const int a : displacements) {
      tables_.emplace_back();
      for (int i = 0; i < torus.sites(); ++i) tables_.back().push_back(torus.add(i, a));
    }
  }

  void operator()(const Field& x, Field& out) const {
    out = x;
    for (const std::vector<int>& table : tables_) out.array() *= x(table).array();
  }

 private:
  std::vector<std::vector<int>> tables_;
};

// The average over sites.
double mean_product(const Products& products, const Field& x, Field& scratch) {
  products(x, scratch);
  return scratch.mean();
}

// Measures value(item, sample, scratch) of every item.
template <class Item, class Value>
auto measure_each(std::vector<Item> items, const Torus& torus, const Value& value) {
  return [items = std::move(items), value, scratch = Field(torus.sites())](
             const Field& x, Eigen::Ref<Eigen::ArrayXd> out) mutable {
    for (std::size_t n = 0; n < items.size(); ++n)
      out[static_cast<Eigen::Index>(n)] = value(items[n], x, scratch);
  };
}

ComparisonFamily means(const Torus& torus, double variance) {
  ComparisonFamily family{"mean", std::sqrt(variance)};
  family.add("average over sites");
  for (int i = 0; i < torus.sites(); ++i) family.add(fmt::format("site {}", i));
  family.measure = [](const Field& x, Eigen::Ref<Eigen::ArrayXd> out) {
    out[0] = x.mean();
    out.tail(x.size()) = x.array();
  };
  return family;
}

// Averages over sites, and at site 0 alone.
ComparisonFamily third_moments(const Input& input, double variance) {
  ComparisonFamily family{"evenness", std::pow(variance, 1.5)};
  std::vector<Products> products;
  for (const Displacements& a : drawn_displacements(input, sets_compared, 2, 0)) {
    products.emplace_back(input.torus(), a);
    family.add("average over sites, " + at_displacements(a));
    family.add("site 0, " + at_displacements(a));
  }
  family.measure = [products, scratch = Field(input.torus().sites())](
                       const Field& x, Eigen::Ref<Eigen::ArrayXd> out) mutable {
    for (std::size_t n = 0; n < products.size(); ++n) {
      out[static_cast<Eigen::Index>(2 * n)] = mean_product(products[n], x, scratch);
      out[static_cast<Eigen::Index>(2 * n + 1)] = scratch[0];
    }
  };
  return family;
}

ComparisonFamily variances(const Torus& torus, double variance) {
  ComparisonFamily family{"invariance", variance};
  for (int i = 0; i < torus.sites(); ++i)
    family.add(fmt::format("variance at site {}, less the average", i));
  family.measure = [](const Field& x, Eigen::Ref<Eigen::ArrayXd> out) {
    out = x.array().square();
    out -= out.mean();
  };
  return family;
}

// Products of `size` + 1 sites at single places, less their average over all places.
ComparisonFamily single_places(const Input& input, int size, double variance) {
  const Torus& torus = input.torus();
  ComparisonFamily family{"invariance", std::pow(variance, 0.5 * (size + 1))};
  RandomStream stream(selection_seed, Purpose::entries, 1);
  std::vector<std::pair<Products, int>> placed;
  for (const Displacements& a :
       drawn_displacements(input, sets_compared, size, 1 + static_cast<std::uint64_t>(size))) {
    placed.emplace_back(Products(torus, a), any_site(torus, stream));
    family.add(fmt::format("product at site {} and {}, less the average", placed.back().second,
                           at_displacements(a)));
  }
  const auto less_average = [](const auto& product, const Field& x, Field& scratch) {
    const double average = mean_product(product.first, x, scratch);
    return scratch[product.second] - average;
  };
  family.measure = measure_each(std::move(placed), torus, less_average);
  return family;
}

// Products of four sites less those of their images, in turn under all maps but the identity.
ComparisonFamily reflections(const Input& input, double variance) {
  const Torus& torus = input.torus();
  ComparisonFamily family{"reflection", variance * variance};
  const std::vector<std::vector<int>> maps = displacement_maps(torus, input.symmetry());
  std::vector<std::pair<Products, Products>> pairs;
  for (const Displacements& a : drawn_displacements(input, sets_compared, 3, 2)) {
    if (maps.size() == 1) break;  // so few sites that all are their own images
    const std::vector<int>& map = maps[1 + pairs.size() % (maps.size() - 1)];
    Displacements image;
    for (const int b : a) image.push_back(map[static_cast<std::size_t>(b)]);
    pairs.emplace_back(Products(torus, a), Products(torus, image));
    family.add(fmt::format("{}, less {}", at_displacements(a), fmt::join(image, ", ")));
  }
  const auto less_image = [](const auto& pair, const Field& x, Field& scratch) {
    return mean_product(pair.first, x, scratch) - mean_product(pair.second, x, scratch);
  };
  family.measure = measure_each(std::move(pairs), torus, less_image);
  return family;
}

// One displacement of each opposite pair.
ComparisonFamily covariances(const Input& input) {
  const Torus& torus = input.torus();
  const Field covariance = input.covariance();
  ComparisonFamily family{"covariance", covariance[0]};
  std::vector<int> compared;
  for (int a = 0; a < torus.sites(); ++a) {
    if (a > torus.negate(a)) continue;
    compared.push_back(a);
    family.add(at_displacements({a}), covariance[a], input.covariance_error(a));
  }
  family.measure = [compared, fourier = FourierTransform(torus), found = Field(torus.sites()),
                    modes = Spectrum(torus.half_modes())](const Field& x,
                                                          Eigen::Ref<Eigen::ArrayXd> out) mutable {
    fourier.forward(x, modes);
    modes = (modes.array().abs2() / static_cast<double>(x.size())).cast<std::complex<double>>();
    fourier.backward(modes, found);
    out = found(compared).array();
  };
  return family;
}

ComparisonFamily four_points(const Input& input, double variance) {
  const Torus& torus = input.torus();
  ComparisonFamily family{"four-point function", variance * variance};
  std::vector<Products> products;
  for (const Displacements& a : compared_displacements(input, sets_compared)) {
    products.emplace_back(torus, a);
    family.add(at_displacements(a), input.four_point(a[0], a[1], a[2]),
               input.four_point_error(a[0], a[1], a[2]));
  }
  family.measure = measure_each(std::move(products), torus, mean_product);
  return family;
}

}  // namespace

void ComparisonFamily::add(std::string place, double value, double error) {
  where.push_back(std::move(place));
  stated.push_back(value);
  // One field alone has none.
  stated_error.push_back(std::isfinite(error) ? error : 0.0);
}

std::vector<ComparisonFamily> comparison_families(const Input& input) {
  const double variance = input.covariance()[0];
  return {means(input.torus(), variance),
          third_moments(input, variance),
          variances(input.torus(), variance),
          single_places(input, 1, variance),
          single_places(input, 3, variance),
          reflections(input, variance),
          covariances(input),
          four_points(input, variance)};
}

std::vector<std::vector<int>> compared_displacements(const Input& input, int count) {
  return drawn_displacements(input, count, 3, 3);
}

}  // namespace popflow

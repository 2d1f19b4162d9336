#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "popflow/input/lane_fields.hpp"
#include "popflow/input/pointwise_field.hpp"
#include "popflow/input/random_stream.hpp"
#include "popflow/input/stated_moments.hpp"
#include "popflow/lattice/symmetry.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

namespace popflow {

/// A data model: a law of fields x on a torus of N sites. It has
///
///     torus()              the lattice
///     covariance()         C(a) = E x_0 x_a over displacements a, N entries
///     spectrum()           S(q) = sum_a C(a) exp(-2 pi i q . a / L), half_modes() entries:
///                          covariance_spectrum(torus, covariance)
///     four_point(a, b, c)  E x_0 x_a x_b x_c, also where sites coincide
///     sample(stream, out)  draws one field into `out`, N entries, from the stream's numbers alone
///
/// The theory assumes that, for every law,
///
///     its mean is 0: E x_i = 0, and all odd moments vanish (x and -x are as likely);
///     shifts and the point reflection x_i -> x_(-i) leave it as it is, so that C(-a) = C(a);
///     C is finite, C(0) > 0 and S >= 0;
///     moments and samples belong to the same law, whose eighth moments are finite.
///
/// C and S are checked when the model becomes an Input. check_input() draws samples and checks all
/// of these assumptions.
///
/// A model may have further members:
///
///     is_gaussian          a constant: true if its fourth cumulant vanishes
///     symmetry()           symmetries of the lattice that its law has
///     pointwise()          how it is made from a Gaussian field site by site
///     cumulant_operator()  a form of its fourth cumulant that is cheaper than a table
///     covariance_error(a), four_point_error(a, b, c)
///                          standard errors of moments that are estimates
///     sample_lanes(...)    draws samples side by side (LaneModel)
template <class T>
concept InputModel = std::copyable<T> && FourPointModel<T> &&
    requires(T& model, const T& constant, RandomStream& stream, Eigen::Ref<Field> out) {
  { constant.spectrum() } -> std::convertible_to<Field>;
  model.sample(stream, out);
};

/// A model that draws the samples `indices` of a key side by side, in both precisions. Up to
/// rounding, the result of a lane depends only on its index.
template <class T>
concept LaneModel = requires(T& model, const SampleKey& key, LaneIndices indices,
                             LaneView<float> single, LaneView<double> doubles) {
  model.sample_lanes(key, indices, single);
  model.sample_lanes(key, indices, doubles);
};

/// The samples of any model side by side. A model that is not a LaneModel draws them one by one,
/// each from its own RandomStream, in double precision. `out` is N x lanes.
template <class Real, class Model>
void sample_lanes(Model& model, const SampleKey& key, LaneIndices indices, LaneView<Real> out) {
  if constexpr (LaneModel<Model>) {
    model.sample_lanes(key, indices, out);
  } else {
    Field sample(out.rows());
    for (int l = 0; l < lanes; ++l) {
      RandomStream stream(key.seed, key.purpose, indices[l], key.run);
      model.sample(stream, sample);
      out.col(l) = sample.cast<Real>();
    }
  }
}

namespace detail {

/// Whether a type has some member of an InputModel. If it is not an InputModel, a message then says
/// which members are missing.
template <class T>
concept PartOfInputModel = requires(const T& model) {
  model.four_point(0, 0, 0);
}
|| requires(T& model, RandomStream& stream, Eigen::Ref<Field> out) { model.sample(stream, out); };

/// Does not compile; the message names the member that T lacks.
template <class T>
constexpr void require_input_model() {
  static_assert(std::copyable<T>, "popflow: a model of inputs must be a type that can be copied");
  static_assert(
      requires(const T& m) {
        { m.torus() } -> std::convertible_to<const Torus&>;
      },
      "popflow: a model of inputs must have a member `const Torus& torus() const`");
  static_assert(
      requires(const T& m) {
        { m.covariance() } -> std::convertible_to<Field>;
      },
      "popflow: a model of inputs must have a member `Field covariance() const`");
  static_assert(
      requires(const T& m) {
        { m.spectrum() } -> std::convertible_to<Field>;
      },
      "popflow: a model of inputs must have a member `Field spectrum() const`");
  static_assert(
      requires(const T& m) {
        { m.four_point(0, 0, 0) } -> std::convertible_to<double>;
      },
      "popflow: a model of inputs must have a member `double four_point(int, int, int) const`");
  static_assert(
      requires(T & m, RandomStream & stream, Eigen::Ref<Field> out) { m.sample(stream, out); },
      "popflow: a model of inputs must have a member "
      "`void sample(RandomStream&, Eigen::Ref<Field> out)`");
}

}  // namespace detail

/// Any InputModel, as a value; copies are deep. sample() uses the model's scratch memory, so that
/// every thread needs its own copy.
class Input {
 public:
  /// Throws std::invalid_argument for second moments that no law has (check_stated_covariance,
  /// check_stated_spectrum).
  // Whether T is Input itself comes first: asking whether Input is a model would ask this again.
  template <class T>
  requires(!std::same_as<T, Input> && InputModel<T>) Input(T model)
      : self_(std::make_unique<Holder<T>>(std::move(model))) {
    const Field stated = covariance();
    check_stated_covariance(torus(), stated);
    check_stated_spectrum(torus(), stated, spectrum());
  }

  /// Does not compile, and says which member of InputModel the model lacks.
  template <class T>
  requires(!std::same_as<T, Input> && detail::PartOfInputModel<T> && !InputModel<T>) Input(T) {
    detail::require_input_model<T>();
  }

  Input(const Input& other) : self_(other.self().clone()) {}
  Input& operator=(const Input& other) {
    self_ = other.self().clone();
    return *this;
  }
  Input(Input&&) = default;
  Input& operator=(Input&&) = default;

  const Torus& torus() const { return self().torus(); }
  Field covariance() const { return self().covariance(); }
  Field spectrum() const { return self().spectrum(); }
  double four_point(int a, int b, int c) const { return self().four_point(a, b, c); }

  /// Optional members of the model. Without such a member: false, no symmetries, nothing.
  bool is_gaussian() const { return self().is_gaussian(); }
  LatticeSymmetry symmetry() const { return self().symmetry(); }
  std::optional<PointwiseField> pointwise() const { return self().pointwise(); }
  std::optional<CumulantOperator> cumulant_operator() const { return self().cumulant_operator(); }

  /// The standard errors of E x_0 x_a and of E x_0 x_a x_b x_c. They are 0 if the model states
  /// none: its moments are exact, or it is the Gaussian clone of a model whose covariance is an
  /// estimate.
  double covariance_error(int a) const { return self().covariance_error(a); }
  double four_point_error(int a, int b, int c) const { return self().four_point_error(a, b, c); }

  void sample(RandomStream& stream, Eigen::Ref<Field> out) { self().sample(stream, out); }

  /// Writes the samples number `indices` of a key into `out`, N x lanes: the function sample_lanes
  /// of the model.
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<float> out) {
    self().sample_lanes(key, indices, out);
  }
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<double> out) {
    self().sample_lanes(key, indices, out);
  }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual std::unique_ptr<Interface> clone() const = 0;
    virtual const Torus& torus() const = 0;
    virtual Field covariance() const = 0;
    virtual Field spectrum() const = 0;
    virtual bool is_gaussian() const = 0;
    virtual LatticeSymmetry symmetry() const = 0;
    virtual std::optional<PointwiseField> pointwise() const = 0;
    virtual std::optional<CumulantOperator> cumulant_operator() const = 0;
    virtual double four_point(int, int, int) const = 0;
    virtual double covariance_error(int) const = 0;
    virtual double four_point_error(int, int, int) const = 0;
    virtual void sample(RandomStream&, Eigen::Ref<Field>) = 0;
    virtual void sample_lanes(const SampleKey&, LaneIndices, LaneView<float>) = 0;
    virtual void sample_lanes(const SampleKey&, LaneIndices, LaneView<double>) = 0;
  };

  template <class T>
  struct Holder final : Interface {
    explicit Holder(T held) : model(std::move(held)) {}
    std::unique_ptr<Interface> clone() const override { return std::make_unique<Holder>(model); }
    const Torus& torus() const override { return model.torus(); }
    Field covariance() const override { return model.covariance(); }
    Field spectrum() const override { return model.spectrum(); }
    bool is_gaussian() const override {
      if constexpr (requires { T::is_gaussian; }) return T::is_gaussian;
      return false;
    }
    LatticeSymmetry symmetry() const override { return stated_symmetry(model); }
    std::optional<PointwiseField> pointwise() const override {
      if constexpr (requires { model.pointwise(); }) return model.pointwise();
      return {};
    }
    std::optional<CumulantOperator> cumulant_operator() const override {
      if constexpr (requires { model.cumulant_operator(); }) return model.cumulant_operator();
      return {};
    }
    double four_point(int a, int b, int c) const override { return model.four_point(a, b, c); }
    double covariance_error(int a) const override {
      if constexpr (requires { model.covariance_error(a); }) return model.covariance_error(a);
      return 0.0;
    }
    double four_point_error(int a, int b, int c) const override {
      if constexpr (requires { model.four_point_error(a, b, c); })
        return model.four_point_error(a, b, c);
      return 0.0;
    }
    void sample(RandomStream& stream, Eigen::Ref<Field> out) override { model.sample(stream, out); }
    void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<float> out) override {
      popflow::sample_lanes<float>(model, key, indices, out);
    }
    void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<double> out) override {
      popflow::sample_lanes<double>(model, key, indices, out);
    }
    T model;
  };

  Interface& self() const {
    if (!self_) throw std::logic_error("input: was moved from");
    return *self_;
  }

  std::unique_ptr<Interface> self_;
};

}  // namespace popflow

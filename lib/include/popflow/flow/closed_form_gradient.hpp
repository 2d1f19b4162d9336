#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "popflow/flow/expansion.hpp"
#include "popflow/flow/population_gradient.hpp"

namespace popflow {

/// Any PopulationGradient, as a value; copies share it.
class ClosedFormGradient {
 public:
  // Whether T is ClosedFormGradient itself comes first: asking for its concept would ask this
  // again.
  template <class T>
  requires(!std::same_as<T, ClosedFormGradient> && PopulationGradient<T>)
      ClosedFormGradient(T gradient)
      : self_(std::make_shared<const Holder<T>>(std::move(gradient))) {}

  const Torus& torus() const { return self().torus(); }
  void operator()(const Parameters& at, Parameters& out) const { self().evaluate(at, out); }

  /// The neglected terms of a gradient that is an Expansion; nothing for other gradients.
  std::optional<double> neglected_terms(const Parameters& at) const {
    return self().neglected_terms(at);
  }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual const Torus& torus() const = 0;
    virtual void evaluate(const Parameters& at, Parameters& out) const = 0;
    virtual std::optional<double> neglected_terms(const Parameters& at) const = 0;
  };

  template <class T>
  struct Holder final : Interface {
    explicit Holder(T held) : gradient(std::move(held)) {}
    const Torus& torus() const override { return gradient.torus(); }
    void evaluate(const Parameters& at, Parameters& out) const override { gradient(at, out); }
    std::optional<double> neglected_terms(const Parameters& at) const override {
      if constexpr (Expansion<T, Parameters>) return gradient.neglected_terms(at);
      return {};
    }
    T gradient;
  };

  const Interface& self() const {
    if (!self_) throw std::logic_error("population gradient: was moved from");
    return *self_;
  }

  std::shared_ptr<const Interface> self_;
};

}  // namespace popflow

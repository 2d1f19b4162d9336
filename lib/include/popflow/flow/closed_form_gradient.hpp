#pragma once

#include <concepts>
#include <memory>
#include <optional>

#include "popflow/flow/expansion.hpp"
#include "popflow/flow/population_gradient.hpp"

namespace popflow {

/// Any PopulationGradient, as a value; copies are deep.
class ClosedFormGradient {
 public:
  // Whether T is ClosedFormGradient itself comes first: asking for its concept would ask this
  // again.
  template <class T>
  requires(!std::same_as<T, ClosedFormGradient> && PopulationGradient<T>)
      ClosedFormGradient(T gradient)
      : self_(std::make_unique<Holder<T>>(std::move(gradient))) {}

  ClosedFormGradient(const ClosedFormGradient& other) : self_(other.self_->clone()) {}
  ClosedFormGradient& operator=(const ClosedFormGradient& other) {
    self_ = other.self_->clone();
    return *this;
  }
  ClosedFormGradient(ClosedFormGradient&&) = default;
  ClosedFormGradient& operator=(ClosedFormGradient&&) = default;

  void operator()(const Parameters& at, Parameters& out) { self_->evaluate(at, out); }

  /// That of an Expansion; nothing of a gradient that is none.
  std::optional<double> neglected_terms(const Parameters& at) { return self_->neglected_terms(at); }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual std::unique_ptr<Interface> clone() const = 0;
    virtual void evaluate(const Parameters& at, Parameters& out) = 0;
    virtual std::optional<double> neglected_terms(const Parameters& at) = 0;
  };

  template <class T>
  struct Holder final : Interface {
    explicit Holder(T held) : gradient(std::move(held)) {}
    std::unique_ptr<Interface> clone() const override { return std::make_unique<Holder>(gradient); }
    void evaluate(const Parameters& at, Parameters& out) override { gradient(at, out); }
    std::optional<double> neglected_terms(const Parameters& at) override {
      if constexpr (Expansion<T, Parameters>) {
        return gradient.neglected_terms(at);
      } else {
        return {};
      }
    }
    T gradient;
  };

  std::unique_ptr<Interface> self_;
};

}  // namespace popflow

#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "popflow/flow/flow.hpp"

namespace popflow {

/// Any NetworkFlow, as a value; copies share it.
class AnyFlow : public NetworkFlowOf<AnyFlow> {
 public:
  template <class F>
  requires(!std::same_as<F, AnyFlow> && NetworkFlow<F>) AnyFlow(F flow)
      : self_(std::make_shared<const Holder<F>>(std::move(flow))) {}

  const StateSpace& space() const { return self().space(); }
  void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const {
    self().evaluate(w, dwdt, tau);
  }

  /// The loss that the flow descends, and the size of the terms that it neglects
  /// (flow/expansion.hpp). Nothing for a flow that has no potential, or is no expansion.
  std::optional<double> potential(const State& w) const { return self().potential(w); }
  std::optional<double> neglected_terms(const State& w) const { return self().neglected_terms(w); }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual const StateSpace& space() const = 0;
    virtual void evaluate(const Eigen::VectorXd&, Eigen::VectorXd&, double) const = 0;
    virtual std::optional<double> potential(const State&) const = 0;
    virtual std::optional<double> neglected_terms(const State&) const = 0;
  };

  template <class F>
  struct Holder final : Interface {
    explicit Holder(F held) : flow(std::move(held)) {}
    const StateSpace& space() const override { return flow.space(); }
    void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const override {
      flow.evaluate(w, dwdt, tau);
    }
    std::optional<double> potential(const State& w) const override {
      if constexpr (PotentialFlow<F>) return flow.potential(w);
      return {};
    }
    std::optional<double> neglected_terms(const State& w) const override {
      if constexpr (requires { flow.neglected_terms(w); }) return flow.neglected_terms(w);
      return {};
    }
    F flow;
  };

  const Interface& self() const {
    if (!self_) throw std::logic_error("flow: was moved from");
    return *self_;
  }

  std::shared_ptr<const Interface> self_;
};

}  // namespace popflow

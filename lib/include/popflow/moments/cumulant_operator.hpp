#pragma once

#include <concepts>
#include <memory>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// A form of the fourth cumulant that contracts with weights (Eq. 14):
///
///     kappa_i[u, v, w] = sum_abc kappa(a, b, c) u_{i+a} v_{i+b} w_{i+c}
///
/// Arguments and result are half-spectra; `out` is sized and must not alias an argument.
/// contract(u, out) is the cube, u = v = w, which is what flows need. Not const: operators own
/// scratch memory, so a thread works on its own copy.
template <class T>
concept CumulantContraction =
    // What it does comes first: to ask whether a type that holds a CumulantOperator can be copied
    // asks this again.
    requires(T& op, const T& constant, const Spectrum& u, Spectrum& out) {
  { constant.torus() } -> std::convertible_to<const Torus&>;
  op.contract(u, u, u, out);
  op.contract(u, out);
}
&&std::copyable<T>;

/// Any CumulantContraction, as a value; copies are deep.
class CumulantOperator {
 public:
  // Whether T is CumulantOperator itself comes first: asking for its concept would ask this again.
  template <class T>
  requires(!std::same_as<T, CumulantOperator> && CumulantContraction<T>) CumulantOperator(T op)
      : self_(std::make_unique<Holder<T>>(std::move(op))) {}

  CumulantOperator(const CumulantOperator& other) : self_(other.self_->clone()) {}
  CumulantOperator& operator=(const CumulantOperator& other) {
    self_ = other.self_->clone();
    return *this;
  }
  CumulantOperator(CumulantOperator&&) = default;
  CumulantOperator& operator=(CumulantOperator&&) = default;

  const Torus& torus() const { return self_->torus(); }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) {
    self_->contract(u, v, w, out);
  }
  void contract(const Spectrum& u, Spectrum& out) { self_->contract(u, out); }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual std::unique_ptr<Interface> clone() const = 0;
    virtual const Torus& torus() const = 0;
    virtual void contract(const Spectrum&, const Spectrum&, const Spectrum&, Spectrum&) = 0;
    virtual void contract(const Spectrum&, Spectrum&) = 0;
  };

  template <class T>
  struct Holder final : Interface {
    explicit Holder(T held) : op(std::move(held)) {}
    std::unique_ptr<Interface> clone() const override { return std::make_unique<Holder>(op); }
    const Torus& torus() const override { return op.torus(); }
    void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) override {
      op.contract(u, v, w, out);
    }
    void contract(const Spectrum& u, Spectrum& out) override { op.contract(u, out); }
    T op;
  };

  std::unique_ptr<Interface> self_;
};

}  // namespace popflow

#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <utility>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// A form of the fourth cumulant that contracts with weights (Eq. 14):
///
///     kappa_i[u, v, w] = sum_abc kappa(a, b, c) u_{i+a} v_{i+b} w_{i+c}
///
/// Arguments and result are half-spectra. `out` must have its size, and must not be one of the
/// arguments. contract(u, out) is the cube, u = v = w, which flows need. Contractions are const,
/// because threads share operators. Intermediate results live in a Scratch (lattice/scratch.hpp).
template <class T>
concept CumulantContraction =
    // The call comes first: to ask whether a type that holds a CumulantOperator can be copied
    // asks this again.
    requires(const T& op, const Spectrum& u, Spectrum& out) {
  { op.torus() } -> std::convertible_to<const Torus&>;
  op.contract(u, u, u, out);
  op.contract(u, out);
}
&&std::copyable<T>;

/// Any CumulantContraction, as a value; copies share it.
class CumulantOperator {
 public:
  // Whether T is CumulantOperator itself comes first: asking for its concept would ask this again.
  template <class T>
  requires(!std::same_as<T, CumulantOperator> && CumulantContraction<T>) CumulantOperator(T op)
      : self_(std::make_shared<const Holder<T>>(std::move(op))) {}

  const Torus& torus() const { return self().torus(); }

  /// All throw std::invalid_argument for spectra that do not have half_modes() entries.
  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const;

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual const Torus& torus() const = 0;
    virtual void contract(const Spectrum&, const Spectrum&, const Spectrum&, Spectrum&) const = 0;
    virtual void contract(const Spectrum&, Spectrum&) const = 0;
  };

  template <class T>
  struct Holder final : Interface {
    explicit Holder(T held) : op(std::move(held)) {}
    const Torus& torus() const override { return op.torus(); }
    void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                  Spectrum& out) const override {
      op.contract(u, v, w, out);
    }
    void contract(const Spectrum& u, Spectrum& out) const override { op.contract(u, out); }
    T op;
  };

  const Interface& self() const;  // throws std::logic_error if it was moved from
  void check(std::initializer_list<Eigen::Index> sizes) const;

  std::shared_ptr<const Interface> self_;
};

}  // namespace popflow

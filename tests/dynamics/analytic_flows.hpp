#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>

#include <Eigen/Core>

/// Flows with a known solution. Each counts how often it was called.

/// dw_i/dtau = w_i (1 - w_i): exponential growth, then saturation, as receptive fields do.
struct LogisticFlow {
  Eigen::Index size = 3;
  std::size_t calls = 0;

  Eigen::Index dimension() const { return size; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
    ++calls;
    dwdt = w.array() * (1.0 - w.array());
  }
  static Eigen::VectorXd solution(const Eigen::VectorXd& start, double tau) {
    return (1.0 + (start.array().inverse() - 1.0) * std::exp(-tau)).inverse();
  }
};

/// Harmonic oscillator with unit frequency, in a plane.
struct Oscillator {
  std::size_t calls = 0;

  Eigen::Index dimension() const { return 2; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
    ++calls;
    dwdt[0] = w[1];
    dwdt[1] = -w[0];
  }
  static Eigen::VectorXd solution(const Eigen::VectorXd& start, double tau) {
    return Eigen::Vector2d(std::cos(tau) * start[0] + std::sin(tau) * start[1],
                           std::cos(tau) * start[1] - std::sin(tau) * start[0]);
  }
};

/// dw/dtau = w^2 diverges at tau = 1 / w(0).
struct Divergent {
  Eigen::Index dimension() const { return 1; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) { dwdt = w.cwiseAbs2(); }
};

/// dw/dtau = 1 before `wall`, and not a number from there on.
struct Walled {
  double wall;

  Eigen::Index dimension() const { return 1; }
  void operator()(const Eigen::VectorXd&, Eigen::VectorXd& dwdt, double tau) {
    dwdt[0] = tau < wall ? 1.0 : std::nan("");
  }
};

/// dw/dtau = 2 tau for every w: the right-hand side needs the time.
struct Clock {
  Eigen::Index dimension() const { return 1; }
  void operator()(const Eigen::VectorXd&, Eigen::VectorXd& dwdt, double tau) {
    dwdt[0] = 2.0 * tau;
  }
};

/// dw/dtau = f(w) of one number, for fixed points on paper.
template <class Function>
struct Scalar {
  Function f;

  Eigen::Index dimension() const { return 1; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) { dwdt[0] = f(w[0]); }
};
template <class Function>
Scalar(Function) -> Scalar<Function>;

/// A field on a ring whose first mode grows at rate r and saturates, while all others decay at rate
/// 1: with Pu the field's first mode, du/dtau = (r - |Pu|^2) Pu - (u - Pu). Only the
/// amplitude of the mode matters, not its phase, so that the ring may as well have no sites. Fixed
/// points are u = 0 and, for r > 0, the cosines of |u|^2 = r at every phase; perturbations of these
/// grow at rates 0 (the translation), -2 r and -1.
class CosineRing {
 public:
  CosineRing(int sites, double r) : cosine_(sites), sine_(sites), r_(r) {
    for (int j = 0; j < sites; ++j) {
      const double angle = 2.0 * std::numbers::pi * j / sites;
      cosine_[j] = std::sqrt(2.0 / sites) * std::cos(angle);
      sine_[j] = std::sqrt(2.0 / sites) * std::sin(angle);
    }
  }

  Eigen::Index dimension() const { return cosine_.size(); }
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double) {
    const double c = cosine_.dot(u), s = sine_.dot(u), rate = r_ - c * c - s * s + 1.0;
    dudt = rate * c * cosine_ + rate * s * sine_ - u;
  }

  /// The cosine with this phase and norm.
  Eigen::VectorXd wave(double phase, double norm) const {
    return norm * std::cos(phase) * cosine_ + norm * std::sin(phase) * sine_;
  }
  double phase(const Eigen::VectorXd& u) const { return std::atan2(sine_.dot(u), cosine_.dot(u)); }

 private:
  Eigen::VectorXd cosine_, sine_;  // of norm 1
  double r_;
};

/// The same on four sites, carried along at `velocity` sites per tau and held by the sites with the
/// strength e: of the first mode z = rho exp(i theta), in the plane of cosine and sine,
///
///     rho' = (r - rho^2) rho + e rho^3 cos 4 theta
///     theta' = (pi / 2) velocity - e rho^2 sin 4 theta
///
/// A site further is theta + pi/2, which changes nothing. At velocity 0 and theta = 0 the cosine of
/// rho^2 = r / (1 - e) is a stable fixed point (e > 0). Its translation decays at the rate
/// 4 e rho^2, and its size at 2 r. At velocity > 2 e rho^2 / pi nothing holds it.
class PinnedRing {
 public:
  PinnedRing(double r, double e, double velocity = 0.0) : ring_(4, r), e_(e), velocity_(velocity) {}

  Eigen::Index dimension() const { return 4; }
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double) {
    ring_(u, dudt, 0.0);
    const double rho = std::hypot(c(u), s(u)), theta = std::atan2(s(u), c(u));
    const double radial = e_ * std::pow(rho, 3) * std::cos(4.0 * theta),
                 angular = std::numbers::pi / 2.0 * velocity_ * rho -
                           e_ * std::pow(rho, 3) * std::sin(4.0 * theta);
    dudt += ring_.wave(theta, radial) + ring_.wave(theta + std::numbers::pi / 2.0, angular);
  }

  CosineRing& ring() { return ring_; }

 private:
  double c(const Eigen::VectorXd& u) const { return ring_.wave(0.0, 1.0).dot(u); }
  double s(const Eigen::VectorXd& u) const {
    return ring_.wave(std::numbers::pi / 2.0, 1.0).dot(u);
  }

  CosineRing ring_;
  double e_, velocity_;
};

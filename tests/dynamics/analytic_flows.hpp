#pragma once

#include <cmath>

#include <Eigen/Core>

/// Flows with a known solution. Each counts how often it was called.

/// dw_i/dtau = w_i (1 - w_i): exponential growth, then saturation, as receptive fields do.
struct Logistic {
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

/// dw/dtau = 2 tau, whatever w: the right-hand side must be told the time.
struct Clock {
  Eigen::Index dimension() const { return 1; }
  void operator()(const Eigen::VectorXd&, Eigen::VectorXd& dwdt, double tau) {
    dwdt[0] = 2.0 * tau;
  }
};

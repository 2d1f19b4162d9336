#pragma once

#include <memory>
#include <optional>

#include <Eigen/Core>

#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/torus.hpp"
#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// The law of given fields (Eq. 106): one of P fields at random, moved by a random displacement,
/// reflected through a site or not, and multiplied by +1 or -1. The law is therefore invariant and
/// even, whatever the fields are. Before that, the mean over all fields and sites is subtracted
/// from them, and they are scaled to the mean square 1.
///
/// The moments are exactly those of this law. As estimates of the law from which the fields were
/// drawn, they have the standard errors stated here.
class EmpiricalField {
 public:
  /// `fields` is N x P, one field a column, sites row-major. Throws std::invalid_argument unless
  /// they have N entries, there is at least one, all numbers are finite and not all the same.
  /// Standard errors are those of fields that are independent, or in the order of a Markov chain
  /// with the integrated autocorrelation time tau, in fields (Eq. 112): sqrt(2 tau) times larger.
  EmpiricalField(const Torus& torus, Eigen::MatrixXd fields, double autocorrelation_time = 0.5);

  /// A field with the fields() of another one and the same bits: they are not scaled once more.
  static EmpiricalField of_standardised(const Torus& torus, Eigen::MatrixXd fields,
                                        double autocorrelation_time = 0.5);

  const Torus& torus() const { return torus_; }

  double autocorrelation_time() const { return autocorrelation_time_; }

  /// The fields, centred and scaled, N x P.
  const Eigen::MatrixXd& fields() const { return *fields_; }

  /// E x_0 x_a over displacements (Eq. 107), N entries, and its spectrum, half_modes() entries.
  const Field& covariance() const { return covariance_; }
  const Field& spectrum() const { return spectrum_; }

  /// E x_0 x_a x_b x_c (Eq. 107): O(P N).
  double four_point(int a, int b, int c) const { return four_point_estimate(a, b, c).value; }

  /// The standard errors of E x_0 x_a and of E x_0 x_a x_b x_c to first order in 1 / sqrt P (Eq.
  /// 107). They include the centring and the scaling. NaN for a single field.
  double covariance_error(int a) const;
  double four_point_error(int a, int b, int c) const {
    return four_point_estimate(a, b, c).standard_error;
  }

  /// The fourth cumulant of this law, contracted in O(P N log N). Nothing below 64 sites, where a
  /// table is cheaper.
  std::optional<CumulantOperator> cumulant_operator() const;

  /// Draws one field into `out`, N entries.
  void sample(RandomStream& stream, Eigen::Ref<Field> out) const;

 private:
  struct Standardised {};
  EmpiricalField(Standardised, const Torus& torus, Eigen::MatrixXd fields,
                 double autocorrelation_time);

  struct Estimate {
    double value, standard_error;
  };
  Estimate four_point_estimate(int a, int b, int c) const;
  // The standard error of the mean of numbers, one for each field.
  double standard_error(const Eigen::ArrayXd& deviation) const;

  Torus torus_;
  std::shared_ptr<const Eigen::MatrixXd> fields_;  // copies share them
  double autocorrelation_time_;                    // tau
  Field covariance_;
  Field spectrum_;
};

}  // namespace popflow

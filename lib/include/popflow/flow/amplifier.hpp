#pragma once

#include "popflow/input/pointwise_field.hpp"

namespace popflow {

/// The amplifier of [LSG24], a function of the law of one site's input X, scaled to unit variance,
/// and of its correlation a with the pre-activation (Eq. 79):
///
///     amplifier(a) = E[ X erf( X / sqrt 2  a / sqrt(1 - a^2) ) ]
///
/// It is odd and rises from 0 to E|X| at a = 1. For Gaussian X it is sqrt(2/pi) a, for X = +-1 it
/// is erf(a / sqrt(2 (1 - a^2))), and for small a, with k the excess kurtosis of X,
///
///     amplifier(a) = sqrt(2/pi) ( a - k a^3 / 6 + O(a^5) )
///
/// so that negative excess kurtosis amplifies the sites which correlate most. One ReLU neuron
/// without bias, with second-layer weight 1, squared loss and two classes of equal probability with
/// labels 0 and 1, flows under the conditional central limit theorem (ConditionalGradient) as
///
///     du/dtau = 1/4 [ amplifier(a) - (C_0 + C_1) u ],      a_i = (C_1 u)_i / sqrt(u . C_1 u)
///
/// for inputs of unit variance (Eq. 80). The linear term is exact for every even law. The whole
/// flow is exact for Gaussian inputs.
///
/// Computed by MarginalAverage, to about 1e-13. Throws std::invalid_argument unless -1 <= a <= 1.
double amplifier(const PointwiseField& field, double a);

}  // namespace popflow

#pragma once

namespace popflow {

/// The erf field x = erf(g z / sqrt 2) / Z(g) of a standard Gaussian field z, at gain g > 0;
/// g = infinity is the sign field x = sign z. Functions of the gain throw std::invalid_argument
/// unless it is positive (infinity allowed).

/// rho = g^2 / (1 + g^2): the factor by which the erf's smoothing reduces latent correlations (Eq.
/// 7).
double erf_correlation_factor(double gain);

/// Z(g) = sqrt(E erf(g z / sqrt 2)^2), so that E x^2 = 1 (Eq. 6).
double erf_normalisation(double gain);

/// E x_i x_j at latent correlation c = E z_i z_j in [-1, 1]: the arcsine law (Eq. 8).
double erf_two_point(double gain, double c);

}  // namespace popflow

#pragma once

#include <Eigen/Core>
#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/external/eigen/eigen_resize.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

namespace popflow {

/// Boost.Odeint's Dormand-Prince 5(4) step (Dormand & Prince 1980) on Eigen vectors.
///
/// Odeint needs eigen_resize.hpp to size its work arrays: without it, steps on an Eigen vector
/// compile, and leave the state as it was or crash. The vector-space algebra works on whole
/// vectors, without temporaries. Odeint's eigen.hpp would bring both, but also adds operators to
/// namespace Eigen, such as vector + number, for everybody who includes it.
using DormandPrince =
    boost::numeric::odeint::runge_kutta_dopri5<Eigen::VectorXd, double, Eigen::VectorXd, double,
                                               boost::numeric::odeint::vector_space_algebra>;

}  // namespace popflow

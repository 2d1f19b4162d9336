#pragma once

#include <functional>
#include <vector>

#include "popflow/experiment/experiment.hpp"
#include "popflow/results/results.hpp"

namespace popflow {

/// The biases and second-layer weights of snapshots, bias and second_layer(snapshot, neuron).
std::vector<Series> parameter_series(const std::vector<Parameters>& snapshots);

/// The standard error of the mean over runs of every weight, weights_error(snapshot, neuron, ...),
/// from runs of S snapshots each. Throws std::invalid_argument for fewer than two runs.
Series weights_error(const Torus& torus, const std::vector<std::vector<Weights>>& runs);

/// The measurements on the snapshots of one training run, of S snapshots, K neurons and C classes:
///
///     bias, second_layer(snapshot, neuron)
///     test_loss, test_loss_error,
///       test_accuracy(snapshot)              on sgd.test_samples fresh samples
///     train_loss, train_accuracy(snapshot)   of a finite sample: on as many of it
///     kurtosis,
///       kurtosis_error(snapshot, class, neuron)   of the pre-activations, on fresh samples
///     localised_fraction(snapshot)           of a convolution: among the kernel's own sites
///     tiling_ratio, tiling_p(snapshot)       of the localised fields, against 199 uniform draws;
///                                            not of a convolution, whose kernels lie everywhere
///
/// Losses, accuracies and kurtoses are left out if sgd.test_samples = 0. Throws Interrupted soon
/// after `interrupted`, which any thread may call, returns true.
std::vector<Series> measurements(const Experiment& experiment,
                                 const std::vector<Parameters>& snapshots,
                                 const std::function<bool()>& interrupted = {});

}  // namespace popflow

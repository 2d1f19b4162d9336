#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "popflow/experiment/experiment.hpp"

namespace popflow {

/// The number of sites of the largest lattice.
constexpr std::int64_t most_lattice_sites = 1 << 24;

/// Reads an experiment file (TOML) and applies overrides "KEY=VALUE" in their order, where KEY is a
/// full name as below ("network.bias", "class.0.input.gain") and VALUE is TOML in one line; a bare
/// word is a string. Throws InvalidExperiment for whatever is not in this table. `interrupted` is
/// called while samples of "phi4" are made; if it returns true, Interrupted is thrown.
///
/// One file serves every kind of flow and every method of decomposition. Keys of [flow] that belong
/// to another kind, and keys of [decompose] that belong to another method, are checked like all
/// others and have no effect. The same holds for flow.rank unless flow.cumulant is "tiled", and for
/// sgd.shuffle without a finite sample. Keys of another input model, activation or network are
/// refused, because they describe another experiment.
///
///     key                    what is allowed                                    default
///     seed                   integer from 0 to 2^63 - 1, the largest of TOML    1
///     lattice.shape          list of 1 or 2 integers >= 2, at most 2^24 sites   required
///     class                  one [[class]] or more, whose number times that of  required
///                            the sites is at most 2^25
///      .label                finite number; 1 or -1 with loss "logistic"        required
///      .probability          above 0, sum 1; for all classes or none            equal shares
///      .input.model          "nlgp", "gp-clone" (Gaussian of the covariance     required
///                            of the nlgp of the same keys), "gp",
///                            "elliptical", "copula", "ising" (a ring only),
///                            "phi4" or "samples"
///      .input.gain           positive; inf is the sign limit                    required
///      .input.correlation_length  positive, in sites (also "gp", "elliptical",  required
///                            "copula"; "ising": of the infinite chain)
///      .input.wrapping       "periodised" or "nearest"                          "periodised"
///                            (also "gp", "elliptical", "copula")
///      .input.kurtosis       of "elliptical": finite, at least -6 / (N + 2),    required for it
///                            or "least"; 0 is "gp"
///      .input.marginal       of "copula": "uniform", "laplace",                 required for it
///                            "generalised-normal", "beta" or "student-t"
///      .input.shape          "generalised-normal": from 1 to 100; "beta": from  required for them
///                            0.5 to 10^4; "student-t": 4.1 to 10^4
///      .input.hopping, .input.coupling   of "phi4": from 0 to 10^6, such that   required for it
///                            there is a law (phi4_chain)
///      .input.samples        of "phi4": fields of the chain, integer from 1     10000, or what
///                            to 2^28 / N                                        is allowed
///      .input.chain_seed     of "phi4": integer from 0 to 2^63 - 1              1
///      .input.file           of "samples": a .npy or NetCDF file of P fields,   required for it
///                            its path relative to the experiment file
///      .input.variable       of a NetCDF file                                   required for it
///      .input.clone          true: Gaussian field of the same covariance; not   false
///                            of "nlgp", "gp-clone", "gp"
///     network.hidden         integer from 1 to 100000; hidden N at most 2^28    1
///      .activation           "erf", "tanh", "logistic", "relu", "linear",       "erf"
///                            "cubic" (x - x^3/3), "erf-series" (the first two
///                            terms of erf) or "polynomial"
///      .coefficients         of the polynomial, from the constant up            required for it
///      .loss                 "squared", "correlation" or "logistic"             "squared"
///      .kernel               list of extents, one an axis, from 1 to the        none: fully
///                            lattice's: a convolution of `hidden` channels      connected
///      .pooling              "average" or "maximum"; only with a kernel         "average"
///      .bias                 number, or list of 1, 2 (first and second half     0
///                            of the neurons) or `hidden` numbers
///      .second_layer         number or list of 1 or `hidden` numbers, "1/K",    1
///                            "1/sqrt(K)", or "random": N(0, 1/K)
///      .initial_scale        positive                                           0.1
///      .bias_rate            at least 0: how fast biases learn, in units of     0: fixed
///                            the first layer's rate
///      .second_layer_rate    the same of the second layer                       0: fixed
///      .l1, .l2              at least 0: weight decay of the first layer        0
///     flow.kind              "quartic" (one neuron's expansion); in closed      "quartic"
///                            form "gaussian", "edgeworth", "conditional",
///                            "kurtosis" or "latent"; or "orbit": the
///                            population gradient averaged over samples and
///                            all their shifts (flow_kinds)
///      .t_end                from 1e-9 to 1e9                                   required
///      .snapshots            integer from 2 to 1000000                          101
///      .t_first              below t_end: snapshots in equal ratios from here   evenly spaced
///                            on, after 0
///      .relative_tolerance   above 0, below 1                                   1e-8 for "quartic"
///                                                                               and "gaussian",
///                                                                               else 1e-4
///      .absolute_tolerance   above 0, below 1                                   1e-10 for these,
///                                                                               else 1e-6
///      .stationary_rate      at least 0; 0 never stops. A rate that is below    0
///                            what the tolerances resolve may never be met: by
///                            default some 1e-7 for "quartic" and "gaussian",
///                            1e-4 for the others
///      .step_limit           integer from 1 to 1000000000                       1000000
///      .truncation           of "quartic", "edgeworth" and "kurtosis", as the   1e-9
///                            next two: at least 0, below 1
///      .cumulant             "exact" (at most 512 sites) or "tiled" (CP)        "exact"
///      .rank                 of "tiled": templates a class, integer from 1 to   4
///                            64
///      .latents              of "latent": directions, integer from 1 to 4       3
///      .samples              of "orbit", as the next two: of an evaluation,     4000
///                            integer from 1 to 10^8
///      .step                 positive: longest step                             0.1
///      .runs                 with other samples, integer from 1 to 1000000      4
///     sgd.learning_rate      from 1e-9 to 1e9, at most the shortest time        0.05, or that time
///                            between two snapshots                              where it is
///                            shorter
///      .batch                integer from 1 to 100000000                        1000
///      .samples              integer from 0 to 4 10^9: a finite sample, taken   0: fresh ones
///                            in epochs
///      .shuffle              of a finite sample: true or false                  true
///      .t_end, .snapshots, .t_first   as in flow
///      .gradient             "network" or "quartic"                             "network"
///      .runs                 integer from 1 to 1000000                          1
///      .precision            "double" or "single"                               "double"
///      .test_samples         integer from 0 to 10^8: fresh ones, for losses,    10000
///                            accuracies and kurtoses at the snapshots; 0: none
///     decompose.class        number of a class, from 0, or a list of one        0
///                            finite weight a class, not all 0
///      .method               "tiled", "symmetric", "power", "subspace" or       "tiled"
///                            "samples"
///      .rank                 integer from 1 to 1000                             1
///      .starts               random starts, integer from 2 to 10000             6
///      .samples              integer from 0 to 10^9; 0: closed form, or         0
///                            100000 for method "samples", which takes at least
///                            1000; "subspace": 0
///      .entries              of "tiled" without samples: integer from 0 to      0
///                            10^8, 0: automatic
///      .symmetric_templates  of "tiled": true or false                          true from entries
///     fixed_point.tolerance  positive: |du/dtau| at most, but for the           1e-12 for kinds
///                            translation                                        "quartic" and
///                                                                               "gaussian", else
///                                                                               1e-5
///      .stable               true or false: whichever is nearest               true
///      .first_step           positive: first step of pseudo-time, in tau        1
///      .null_rate            positive: slower rates, in 1/tau, count as 0       1e-8
///      .step_limit           integer from 1 to 1000000: Jacobians at most       500
Experiment read_experiment(const std::string& file, const std::vector<std::string>& overrides = {},
                           const std::function<bool()>& interrupted = {});

/// The same of an experiment that has been read before; throws InvalidExperiment also where a data
/// file is not the one that the source knows.
Experiment read_experiment(const ExperimentSource& source,
                           const std::vector<std::string>& overrides = {},
                           const std::function<bool()>& interrupted = {});

}  // namespace popflow

"""Runs of experiment files, and results files as xarray data sets."""

import os
import tempfile
import warnings

from . import _core

# The stop reasons of a run that did what was asked for.
_SUCCESS = ("reached_end", "stationary", "converged", "done")


def open(file):
    """A results file as an xarray.Dataset that is held in memory; time is a coordinate.

    The C++ headers of popflow/results list the variables:
        results.hpp         of a flow or of SGD: weights(snapshot, neuron, site),
                            ipr(snapshot, neuron), ...
        decomposition.hpp   factors(factor, site), ...
        sweep_results.hpp   norm(axis, ..., neuron), growth_rate(axis, ...), ...
        ladder.hpp          error(kind, snapshot), seconds(kind), ...
    If there are several runs, weights and ipr are those of run 0; mean_weights and mean_ipr are the
    means over runs, with the standard errors weights_error and ipr_error.
    """
    import xarray

    with _core._NetcdfAccess():
        results = xarray.load_dataset(file, decode_times=False)
    return results.set_coords([name for name in ("time",) if name in results])


def run_flow(experiment, file=None):
    """Integrates the flow of an experiment, of any kind; returns its results as open() does.

    The results are written to `file`, if it is given. If Ctrl-C interrupts the run, the snapshots
    so far are written, and KeyboardInterrupt is raised. A run that stops before its end (attribute
    stop_reason: "not_finite", "step_limit") returns the snapshots so far, with a RuntimeWarning. A
    flow by expansion warns if the terms that it neglects exceed a tenth of those that it keeps: see
    its variable neglected_terms(snapshot).
    """
    results = _run("flow", _core._write_flow, experiment, file)
    if "neglected_terms" in results:
        time, terms = results["time"].values, results["neglected_terms"].values
        message = _core._neglected_terms_message(experiment, time, terms)
        if message:
            warnings.warn(message, stacklevel=2)
    return results


def run_sgd(experiment, file=None):
    """Trains the network of an experiment, as run_flow integrates its flow."""
    return _run("sgd", _core._write_sgd, experiment, file)


def run_ladder(experiment, file=None):
    """How far every kind of flow, and SGD, are from the population, all from the same weights.

    Runs the population (the orbit average: flow.samples, flow.step, flow.runs), every closed form
    that applies, and SGD on the network's own loss and on the quartic loss, at the snapshots of
    section [flow]. Returns an xarray.Dataset. Its coordinate `kind` names the rows:
    "population", "quartic", "gaussian", ..., "latent 3", "sgd", "sgd quartic".

        ladder = popflow.run_ladder(popflow.read_experiment("first.toml"))
        ladder.error.sel(kind="latent 2")           # at every snapshot, 0.01 is one per cent
        ladder.standard_error.sel(kind="latent 2")  # how well that is known
        ladder.reason.sel(kind="conditional")       # why it does not apply; empty where it ran

    error(kind, snapshot) is |u - u_population| / |u_population| over all neurons, without the noise
    of the means over runs; NaN at snapshots that a row did not reach. weights and ipr are means
    over runs. The results are written to `file`, if it is given. If Ctrl-C interrupts the ladder, the
    finished rows are written, and KeyboardInterrupt is raised. Raises InvalidExperiment if there is
    no section [flow], or no population average of the network (convolutions).
    """
    results = _run("ladder", _core._write_ladder, experiment, file)
    for kind, reason in zip(results["kind"].values, results["stop_reason"].values):
        if reason == "failed" or (kind in ("population", "sgd") and reason not in ("", *_SUCCESS)):
            warnings.warn(f"{kind}: {reason}", RuntimeWarning, stacklevel=2)
    return results


def decompose(experiment, file=None):
    """CP factors of an experiment's fourth cumulant, as run_flow returns results."""
    return _run("decompose", _core._write_decomposition, experiment, file)


def run_sweep(sweep, file=None):
    """Every point of a sweep file, some at a time; returns its results as open() does.

    The results are written to `file`, if it is given. Points that fail, diverge or take too many
    steps say so in `stop_reason` and `failure`, and a RuntimeWarning counts them. Ctrl-C raises
    KeyboardInterrupt and keeps nothing. (The program `popflow sweep` keeps finished points.)
    """
    sweep = os.fspath(sweep)
    results = _written(_core._write_sweep, sweep, file, f"popflow sweep {sweep}")
    reasons = results["stop_reason"].values.ravel()
    failed = [reason for reason in reasons if reason not in _SUCCESS]
    if failed:
        message = f"{len(failed)} of {len(reasons)} points failed, the first: {failed[0]}"
        warnings.warn(message, RuntimeWarning, stacklevel=2)
    return results


def growth_rates(experiment):
    """Growth rate of every mode of the weights at the origin (Eq. 21), an xarray.DataArray.

    Its dimension is wave_number, of tori row_wave_number and column_wave_number; both are
    coordinates, from 0 to L - 1. Learning starts where the largest is positive.
    """
    import xarray

    shape = experiment.torus.shape
    names = ["wave_number"] if len(shape) == 1 else ["row_wave_number", "column_wave_number"]
    rates = _core._growth_rates(experiment).reshape(shape)
    coords = {name: range(extent) for name, extent in zip(names, shape)}
    return xarray.DataArray(rates, coords=coords, dims=names, name="growth_rate")


def moments(experiment, a, b, c, task_class=0):
    """Moments of sites 0, a, b, c of one class of an experiment, and their standard errors.

    A dict with the keys of popflow moments --json: covariance (with site 0, of a, b and c),
    fourth_moment, fourth_cumulant, ...; errors are 0 in closed form.
    """
    model = experiment.task[task_class].input
    sites = [a, b, c]
    fourth_moment = model.four_point(a, b, c)
    covariance = model.covariance()
    return {
        "class": task_class,
        "at": sites,
        "covariance": [float(covariance[site]) for site in sites],
        "covariance_error": [model.covariance_error(site) for site in sites],
        "fourth_moment": fourth_moment,
        "fourth_moment_error": model.four_point_error(a, b, c),
        "fourth_cumulant": _core.FourthCumulant(model)(a, b, c),
    }


def fixed_point(experiment):
    """Where an experiment's flow comes to rest, and how stable it is there: an xarray.Dataset.

    The flow is integrated to flow.t_end, and a fixed point is searched from there, modulo
    translation, as section [fixed_point] says. The variables are
        weights(neuron, site) or (neuron, row, column), bias, second_layer, norm, ipr(neuron)
        drift(axis)                    velocity in sites per tau
        growth_rate(direction)         of all perturbations, falling
        translation_rate(translation)  growth rates of the translations
    and the attributes
        stop_reason                    of the search
        residual, translation_residual |du/dtau| across and along the translations
        steps                          of the search
        t                              tau at which the search started
        unstable                       the number of directions that grow
    The spectrum is there whether the search converged or not, unless the state is not finite.
    Example:

        at_rest = popflow.fixed_point(popflow.read_experiment("first.toml"))
        print(at_rest.stop_reason, at_rest.ipr.values, at_rest.growth_rate.values[:3])
    """
    import numpy
    import xarray

    flow = experiment.flow()
    options = {**experiment.integration_options, "stationary_rate": 0.0}
    start = flow.state(experiment.initial_parameters)
    run = _core.integrate(flow, start, [0.0, experiment.flow_times[-1]], **options)
    options = experiment.fixed_point_options
    # Where the start or its rate is not finite, nothing was observed.
    last = run.state[-1] if len(run.state) else start
    found = _core.find_fixed_point(flow, last, **options)
    u, shape = found.parameters.first, experiment.torus.shape
    results = xarray.Dataset(
        {
            "weights": (
                ("neuron", "site") if len(shape) == 1 else ("neuron", "row", "column"),
                u.reshape(len(u), *shape),
            ),
            "bias": ("neuron", found.parameters.bias),
            "second_layer": ("neuron", found.parameters.second),
            "norm": ("neuron", numpy.linalg.norm(u, axis=1)),
            "ipr": ("neuron", _core.inverse_participation_ratio(u)),
            "drift": ("axis", found.drift),
        },
        attrs={
            "stop_reason": found.reason,
            "residual": found.residual,
            "translation_residual": found.translation_residual,
            "steps": found.steps,
            "t": run.tau,
        },
    )
    if found.reason != "not_finite":
        spectrum = _core.stability(_core.jacobian(flow, found.state))
        modes = _core.translation_modes(spectrum, flow.translations(found.state))
        results["growth_rate"] = ("direction", spectrum.growth)
        results["translation_rate"] = ("translation", [mode.growth for mode in modes])
        results.attrs["unstable"] = spectrum.unstable(options["null_rate"])
    return results


def _run(verb, write, experiment, file):
    overrides = "".join(f" --set {override}" for override in experiment.overrides)
    results = _written(write, experiment, file, f"popflow {verb} {experiment.file}{overrides}")
    if results.attrs.get("stop_reason", "done") not in _SUCCESS:
        reason, end = results.attrs["stop_reason"], float(results["time"][-1])
        message = f"stopped before the end, at tau = {end:.6g}: {reason}"
        warnings.warn(message, RuntimeWarning, stacklevel=3)
    return results


def _written(write, what, file, command_line):
    if file is not None:
        write(what, os.fspath(file), command_line)
        return open(file)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "results.nc")
        write(what, file, command_line)
        return open(file)


def _made(name, *arguments):
    """Calls a function of the compiled module by its name; pickles refer to this function."""
    return getattr(_core, name)(*arguments)

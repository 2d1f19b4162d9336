"""Runs of experiment files, and results files as xarray data sets."""

import os
import tempfile

from . import _core


def open(file):
    """A results file as an xarray.Dataset that is held in memory; time is a coordinate.

    Its variables are those that popflow/experiment/results.hpp, decomposition.hpp and
    sweep_results.hpp list: weights(snapshot, neuron, site), ipr(snapshot, neuron), ... or
    factors(factor, site), ... or of a sweep norm(axis, ..., neuron), growth_rate(axis, ...), ...
    """
    import xarray

    results = xarray.load_dataset(file, decode_times=False)
    return results.set_coords([name for name in ("time",) if name in results])


def run_flow(experiment, file=None):
    """Integrates the flow of an experiment, of any kind; returns its results as open() does.

    They are written to `file`, if that is given: also what there is when Ctrl-C interrupts it,
    which raises KeyboardInterrupt.
    """
    return _run("flow", _core._write_flow, experiment, file)


def run_sgd(experiment, file=None):
    """Trains the network of an experiment, as run_flow integrates its flow."""
    return _run("sgd", _core._write_sgd, experiment, file)


def decompose(experiment, file=None):
    """CP factors of an experiment's fourth cumulant, as run_flow returns results."""
    return _run("decompose", _core._write_decomposition, experiment, file)


def run_sweep(sweep, file=None):
    """Every point of a sweep file, some at a time; returns its results as open() does.

    They are written to `file`, if that is given. A point that fails says why in `failure`. Ctrl-C
    raises KeyboardInterrupt, and keeps nothing: the program popflow goes on where it was stopped.
    """
    sweep = os.fspath(sweep)
    return _written(_core._write_sweep, sweep, file, f"popflow sweep {sweep}")


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

    The flow is integrated to flow.t_end, and its stable fixed point searched from there, modulo
    translation, as section [fixed_point] says. Variables: weights(neuron, site) or (neuron, row,
    column), bias, second_layer, norm and ipr(neuron), drift(axis), the velocity in sites per tau,
    growth_rate(direction), of all perturbations, falling, and translation_rate(translation), those
    of the translations. Attributes: stop_reason of the search, residual and translation_residual,
    |du/dtau| across and along the translations, steps, t, where it started, and unstable, how many
    directions grow. The spectrum is there whether it converged or not, unless the state is not
    finite. Example:

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
    found = _core.find_fixed_point(flow, run.state[-1], **options)
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
            "t": run.time[-1],
        },
    )
    if found.reason != "not_finite":
        spectrum = _core.stability(_core.jacobian(flow, found.state))
        shifts = _core.translations(experiment.torus, options["neurons"], found.state)
        modes = _core.translation_modes(spectrum, shifts)
        results["growth_rate"] = ("direction", spectrum.growth)
        results["translation_rate"] = ("translation", [mode.growth for mode in modes])
        results.attrs["unstable"] = spectrum.unstable(options["null_rate"])
    return results


def _run(verb, write, experiment, file):
    overrides = "".join(f" --set {override}" for override in experiment.overrides)
    return _written(write, experiment, file, f"popflow {verb} {experiment.file}{overrides}")


def _written(write, what, file, command_line):
    if file is not None:
        write(what, os.fspath(file), command_line)
        return open(file)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "results.nc")
        write(what, file, command_line)
        return open(file)

"""Runs of experiment files, and results files as xarray data sets."""

import os
import tempfile

from . import _core


def open(file):
    """A results file as an xarray.Dataset that is held in memory; time is a coordinate.

    Its variables are those that popflow/experiment/results.hpp and decomposition.hpp list:
    weights(snapshot, neuron, site), ipr(snapshot, neuron), ... or factors(factor, site), ...
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


def _run(verb, write, experiment, file):
    overrides = "".join(f" --set {override}" for override in experiment.overrides)
    command_line = f"popflow {verb} {experiment.file}{overrides}"
    if file is not None:
        write(experiment, os.fspath(file), command_line)
        return open(file)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "results.nc")
        write(experiment, file, command_line)
        return open(file)

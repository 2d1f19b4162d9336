import json
import os
import subprocess

import numpy as np
import popflow
import pytest

needs_program = pytest.mark.skipif(
    "POPFLOW_PROGRAM" not in os.environ, reason="the program popflow is not built"
)


def test_an_experiment_is_read(experiment_file):
    experiment = popflow.read_experiment(experiment_file, ["class.0.input.gain=5"])
    assert experiment.torus == popflow.Torus([20]) and experiment.seed == 1
    assert [c.label for c in experiment.task] == [1.0, -1.0]
    assert experiment.overrides == ["class.0.input.gain=5"]
    assert experiment.neuron.bias == -1.0
    assert experiment.initial_parameters.first.shape == (1, 20)


def test_an_invalid_experiment_is_a_value_error_of_one_line(experiment_file):
    with pytest.raises(popflow.InvalidExperiment) as caught:
        popflow.read_experiment(experiment_file, ["class.0.input.gain=-1"])
    assert isinstance(caught.value, ValueError)
    text = str(caught.value)
    assert "class.0.input.gain" in text and "-1" in text and "\n" not in text
    with pytest.raises(popflow.InvalidExperiment, match="flow"):
        popflow.run_flow(popflow.read_experiment(experiment_file, ["flow.kind=orbits"]))


@needs_program
def test_results_are_those_of_the_program(experiment_file, tmp_path):
    program = os.environ["POPFLOW_PROGRAM"]
    for verb, run in ("flow", popflow.run_flow), ("sgd", popflow.run_sgd):
        file = str(tmp_path / f"{verb}.nc")
        subprocess.run([program, verb, experiment_file, "-o", file, "--quiet"], check=True)
        theirs = popflow.open(file)
        ours = run(popflow.read_experiment(experiment_file))
        assert theirs.equals(ours)
        assert ours.attrs["experiment"] == theirs.attrs["experiment"]


@needs_program
def test_an_invalid_experiment_has_the_text_of_the_program(experiment_file):
    said = subprocess.run(
        [os.environ["POPFLOW_PROGRAM"], "flow", experiment_file, "--set", "network.bias=x"],
        capture_output=True, text=True,
    )
    assert said.returncode == 2
    with pytest.raises(popflow.InvalidExperiment) as caught:
        popflow.read_experiment(experiment_file, ["network.bias=x"])
    assert str(caught.value) in said.stderr


def test_results_are_an_xarray_data_set(experiment_file, tmp_path):
    import xarray

    file = tmp_path / "flow.nc"
    results = popflow.run_flow(popflow.read_experiment(experiment_file), file)
    assert isinstance(results, xarray.Dataset)
    assert results.weights.dims == ("snapshot", "neuron", "site")
    assert "time" in results.coords and results.time.values[-1] == 20.0
    assert results.attrs["kind"] == "flow" and results.attrs["stop_reason"] == "reached_end"
    assert popflow.inverse_participation_ratio(results.weights.values[-1]) == pytest.approx(
        results.ipr.values[-1]
    )
    assert popflow.open(file).equals(results)


def test_decompositions_are_data_sets(experiment_file):
    factors = popflow.decompose(popflow.read_experiment(experiment_file))
    assert factors.attrs["kind"] == "decomposition"
    assert factors.factors.shape == (1, 20)
    assert np.linalg.norm(factors.factors) == pytest.approx(1.0)


def test_what_cannot_be_written_is_an_os_error(experiment_file, tmp_path):
    experiment = popflow.read_experiment(experiment_file)
    with pytest.raises(popflow.UnwritableOutput, match="nowhere") as caught:
        popflow.run_flow(experiment, tmp_path / "nowhere" / "flow.nc")
    assert isinstance(caught.value, OSError)
